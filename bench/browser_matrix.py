"""Every known mistake of lessons 00 to 05 in a browser's Python, WebAssembly run by node, against this one.

    .venv/bin/python bench/browser_matrix.py              about two minutes; writes docs/browser_matrix.md

Exit status 1 where a verdict differs: a part that catches here and passes there, or the other way round.
"""

from __future__ import annotations

import json
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.wasm import pyodide, rows  # noqa: E402

PAGE = ROOT / "docs" / "browser_matrix.md"
PROGRAM = """\
import json, sys
import numpy as np
from tests.wasm import rows

rows.write("/here/rows.json", json.loads(open("/here/asked.json").read()))
print(json.dumps([sys.version.split()[0], np.__version__]))
"""
HEAD = """\
# Known mistakes in a browser's Python

Each known mistake of lessons 00 to 05, run through its check twice: with CPython {here}, NumPy {numpy_here}, and with
Python {there}, NumPy {numpy_there} in WebAssembly ([Pyodide](https://pyodide.org) {pyodide}, run by node).
"Verdicts": mistakes that the same parts catch, with the same kind of failure. "Names": those that are called by the
same names in every part. All of it took {seconds:.0f} s of the processor here and {more:.0f} s there.
This page is written by `bench/browser_matrix.py`; a test compares some of them, drawn anew in each run.

| exercise | mistakes | caught there | verdicts | names |
|---|---|---|---|---|
"""


def main() -> int:
    asked = {name: list(range(count)) for name, count in rows.numbers().items()}
    began = time.process_time()
    here = {name: [rows.row(name, number) for number in wanted] for name, wanted in asked.items()}
    seconds = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "asked.json").write_text(json.dumps(asked))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        *_, told = pyodide.run(PROGRAM, Path(folder)).splitlines()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        there = json.loads(Path(folder, "rows.json").read_text())
    python, numpy = json.loads(told)
    core = next(iter(pyodide.PACKED)).split("@")[1]
    lines = [HEAD.format(here=platform.python_version(), numpy_here=np.__version__, there=python, numpy_there=numpy,
                         pyodide=core, seconds=seconds, more=after.ru_utime - before.ru_utime)]  # fmt: skip
    sums, other = np.zeros(4, int), []
    for name in asked:
        pairs = list(zip(here[name], there[name], strict=True))
        verdicts = [kinds(one) == kinds(two) for one, two in pairs]
        counts = len(pairs), sum(caught(two) for _, two in pairs), sum(verdicts), sum(one == two for one, two in pairs)
        other += [(name, one, two) for one, two in pairs if one != two]
        sums += counts
        lines.append(f"| `{name}` | {' | '.join(map(str, counts))} |\n")
    lines.append(f"| all | {' | '.join(map(str, sums))} |\n")
    if other:
        lines.append("\nWhat differs, part by part:\n\n")
        lines += [f"- `{name}`, {one[0]}: here {said(one)}; there {said(two)}.\n" for name, one, two in other]
    PAGE.write_text("".join(lines), encoding="utf-8")
    print("".join(lines[1:]))
    return int(sums[0] != sums[1] or sums[0] != sums[2])


def kinds(row: list) -> list:
    return [part and part[0] for part in row[1]]


def caught(row: list) -> bool:
    return any(row[1])


def said(row: list) -> str:
    return ", ".join(f"{part[0]} ({' or '.join(part[1]) or 'no name'})" if part else "passes" for part in row[1])


if __name__ == "__main__":
    sys.exit(main())
