// node run.cjs PYODIDE PYTHON-FILE {"/place": "folder", …}: run a file in WebAssembly, with folders of this machine mounted.
const fs = require("node:fs");
const path = require("node:path");

const [pyodide, program, folders] = process.argv.slice(2);

async function main() {
  const { loadPyodide } = require(path.join(pyodide, "pyodide.js"));
  const python = await loadPyodide({ indexURL: pyodide });
  const wheels = fs.readdirSync(pyodide).filter((name) => name.startsWith("numpy-"));
  await python.loadPackage(path.join(pyodide, wheels[0]), { messageCallback() {} });
  for (const [place, root] of Object.entries(JSON.parse(folders))) {
    python.FS.mkdirTree(place);
    python.FS.mount(python.FS.filesystems.NODEFS, { root }, place);
  }
  await python.runPythonAsync("import sys; sys.dont_write_bytecode = True; sys.path[:0] = ['/course', '/packages']");
  await python.runPythonAsync(fs.readFileSync(program, "utf8"));
}

main().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
