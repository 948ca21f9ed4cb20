"""Run solved lessons where packages are missing: `python without_the_heavy.py BLOCKED,… NOTEBOOK…`."""

import json
import sys
from pathlib import Path

sys.modules |= dict.fromkeys(sys.argv[1].split(","))  # None: importing it raises ImportError

for path in sys.argv[2:]:
    names = {"__name__": "__main__"}
    for cell in json.loads(Path(path).read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{Path(path).stem}:{cell['id']}", "exec"), names)
