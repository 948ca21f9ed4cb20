"""What the course measured, device by device: written by `bench/`, shown in the lessons beside the learner's own."""

from __future__ import annotations

import json
from pathlib import Path

FILE = Path(__file__).with_name("measured.json")


def measured(data: str) -> dict[str, dict]:
    """{device: report} for "MNIST" or "CIFAR-10"; empty where nothing was measured.

    A report has "machine", "rungs" (the names, in order) and "runs", {name: {"images_per_second": …, "accuracy": …}}.
    """
    return json.loads(FILE.read_text(encoding="utf-8")).get(data, {}) if FILE.exists() else {}


def keep(report: dict) -> None:
    """Put a report of `bench/` in the place of the one for the same data and device."""
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    device = report["machine"]["device"]
    known.setdefault(report["what"], {})[device] = {k: v for k, v in report.items() if k != "what"}
    FILE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def side_by_side(runs, data: str, accuracy=False):
    """A table in Markdown: each rung's pictures a second here, and on each device where the course measured.

    runs: cnnlab.ladder.measure.Run of each rung, the tutorial's first; the × are against the tutorial's loop there.
    accuracy: the course's measurements say also how much of the test set was right in the end.
    """
    from IPython.display import Markdown

    here = {run.name: run.images_per_second for run in runs}
    devices = measured(data)
    columns = {"**yours**": here}
    right = {}
    for device, report in devices.items():
        columns[device] = {name: run["images_per_second"] for name, run in report["runs"].items()}
        right[device] = {name: f"; {run['accuracy']:.1%}" for name, run in report["runs"].items()} if accuracy else {}
    names = list(dict.fromkeys([*here, *(name for report in devices.values() for name in report["rungs"])]))
    lines = [f"| pictures a second | {' | '.join(columns)} |", "|---|" + "--:|" * len(columns)]
    for name in names:
        cells = [_cell(column, name) + right.get(device, {}).get(name, "") for device, column in columns.items()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return Markdown("\n".join(lines))


def _cell(column, name):
    if name not in column:
        return "–"
    return f"{column[name]:,.0f} ({column[name] / column['tutorial']:.1f}×)"
