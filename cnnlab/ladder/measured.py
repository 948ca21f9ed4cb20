"""What the course measured, device by device: written by `bench/`, shown in the lessons beside the learner's own."""

from __future__ import annotations

import json
from pathlib import Path

from cnnlab.device import processor

FILE = Path(__file__).with_name("measured.json")
# Kinds of processors (cnnlab.device.processor) and what was measured on each, as tables say it.
KINDS = {
    "AMX": "two cores with 16-bit matrix units (AMX)",
    "AVX-512 bf16": "two cores with 16-bit vector units (AVX-512 bf16)",
    "other CPU": "a CPU whose 16-bit units are slow, or that has none",
    "GPU": "a GPU",
}
TIMES = {"98.5%": "MNIST to 98.5%", "99.0%": "MNIST to 99%", "small network": "CIFAR-10's small network"}


def measured(data: str) -> dict[str, dict]:
    """{device: report} for "MNIST" or "CIFAR-10"; empty where nothing was measured.

    A report has "machine", "rungs" (the names, in order) and "runs", {name: {"images_per_second": …, "accuracy": …}}.
    """
    return json.loads(FILE.read_text(encoding="utf-8")).get(data, {}) if FILE.exists() else {}


def keep(report: dict) -> None:
    """Put a report of `bench/` in the place of the one for the same data and device.

    Its "times" ({"98.5%": 28.0, …}, how many times as long the tutorial's loop takes) go to its kind of processor.
    """
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    device = report["machine"]["device"]
    known.setdefault(report["what"], {})[device] = {k: v for k, v in report.items() if k not in ("what", "times")}
    if report["machine"].get("processor") in KINDS:
        known.setdefault("kinds", {}).setdefault(report["machine"]["processor"], {}).update(report.get("times", {}))
    FILE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def side_by_side(runs, data: str, accuracy=False):
    """A table in Markdown: each rung's pictures a second here, and on each device where the course measured.

    runs: cnnlab.ladder.measure.Run of each rung, the tutorial's first; the × are against the tutorial's loop there.
    accuracy: the course's measurements say also how much was right in the end.
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


def by_processor(here: str | None = None) -> str:
    """A table in Markdown: how many times as fast as the tutorial's loop, on each kind of processor.

    here: the kind to be marked as the learner's own (cnnlab.device.processor); a kind without a measurement says so.
    """
    known = json.loads(FILE.read_text(encoding="utf-8")).get("kinds", {}) if FILE.exists() else {}
    lines = [f"| times the tutorial's loop | {' | '.join(TIMES.values())} |", "|---|" + "--:|" * len(TIMES)]
    for kind, said in KINDS.items():
        found = known.get(kind, {})
        cells = [f"{found[key]:.1f}×" if key in found else "not measured" for key in TIMES]
        cells = [said + ", **yours**", *(f"**{cell}**" for cell in cells)] if kind == here else [said, *cells]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def your_processor(device):
    """The table of all kinds, the learner's own in bold."""
    from IPython.display import Markdown

    return Markdown(by_processor(processor(device)))


def _cell(column, name):
    if name not in column:
        return "–"
    return f"{column[name]:,.0f} ({column[name] / column['tutorial']:.1f}×)"
