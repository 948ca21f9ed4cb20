// The kernel's worker asks for this in the place of pyodide.js: it fetches that, and tells the page how much has come.
// Beside Pyodide's own options: scriptURL, of pyodide.js; sizes, {file: bytes, or null where its answer says them};
// lesson, the folder of the notebook.
const USUAL = 700_000; // bytes of a file until its answer says them

// The log of the learner's checks is in IndexedDB, as the notebooks are; each lesson has a kernel, and a log, of its own.
async function keepLog(python, lesson, log) {
  python.FS.mkdirTree(lesson);
  python.FS.chdir(lesson);
  python.FS.mkdirTree(log);
  python.FS.mount(python.FS.filesystems.IDBFS, { autoPersist: true }, log);
  await new Promise((done) => python.FS.syncfs(true, done)); // where nothing is kept, it is empty
}

self.loadPyodide = async ({ scriptURL, sizes, lesson, ...options }) => {
  const log = lesson && `/progress/${lesson}`;
  const net = self.fetch;
  const size = new Map(Object.entries(sizes));
  const come = new Map();
  const say = (what) => self.postMessage({ cnnlab: what });
  const count = () => {
    const of = [...size].map(([file, bytes]) => Math.max(bytes ?? USUAL, come.get(file) ?? 0));
    say({ come: [...come.values()].reduce((a, b) => a + b, 0), of: of.reduce((a, b) => a + b, 0) });
  };
  let lost; // the address that gave nothing
  const lose = (error, address) => {
    if (!lost) say({ failed: String(address), error: String(error) });
    lost ??= address;
    throw error;
  };

  async function counted(address, { integrity, ...asked } = {}) {
    const file = String(address).split("/").pop();
    if (!size.has(file)) return net(address, { integrity, ...asked });
    const answer = await net(address, asked);
    if (!answer.ok) throw new TypeError(`${address} answers ${answer.status}`);
    size.set(file, size.get(file) ?? (Number(answer.headers.get("content-length")) || null));
    const counting = new TransformStream({
      transform(bytes, to) {
        come.set(file, (come.get(file) ?? 0) + bytes.byteLength);
        count();
        to.enqueue(bytes);
      },
      flush: () => void size.set(file, come.get(file)),
    });
    const whole = new Response(answer.body.pipeThrough(counting), answer);
    if (!integrity) return whole;
    const here = URL.createObjectURL(await whole.blob()); // the browser holds it against its sum from there: with
    return net(here, { integrity }).finally(() => URL.revokeObjectURL(here)); // a sum it gives nothing before the end
  }

  self.fetch = (address, asked) => counted(address, asked).catch((error) => lose(error, address));
  try {
    count();
    try {
      importScripts(scriptURL); // and has another loadPyodide from here on
    } catch (error) {
      lose(error, scriptURL);
    }
    const python = await self.loadPyodide(log ? { ...options, env: { CNNLAB_PROGRESS: log } } : options);
    if (lost) throw new Error(`${lost} did not come`); // Pyodide goes on without a package
    say({ starting: true });
    if (log) await keepLog(python, lesson, log).catch(() => {});
    await python.runPythonAsync("import pyodide_kernel"); // what takes long after that
    say({ ready: true });
    return python;
  } catch (error) {
    return lose(error, options.indexURL);
  } finally {
    self.fetch = net;
  }
};
