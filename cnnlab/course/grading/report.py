"""How the class did: one page that needs nothing else, and one table."""

from __future__ import annotations

import csv
import io
import json
import statistics
from collections import Counter, defaultdict
from html import escape
from pathlib import Path

from cnnlab import check
from cnnlab.course.folder import Folder, write
from cnnlab.course.grading.alike import Alike, alike
from cnnlab.course.grading.autograded import REASONS
from cnnlab.course.grading.grader import released_lesson
from cnnlab.course.grading.records import Record, load_records
from cnnlab.course.grading.release import Release
from cnnlab.settings import Trouble

STYLE = """
:root { color-scheme: light dark; --line: #8884; --bar: #2f7dc1; --bad: #c9572b; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
p.lead { margin-top: .2rem; opacity: .8; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .5rem; vertical-align: top; }
th { font-weight: 600; border-bottom: 1px solid var(--line); } td { border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar { background: var(--line); height: .8rem; border-radius: .2rem; min-width: 8rem; margin-top: .35rem; }
.bar > i { display: block; height: 100%; background: var(--bar); border-radius: .2rem; }
.chart { display: flex; align-items: flex-end; gap: 3px; height: 11rem; border-bottom: 1px solid var(--line); }
.chart > div { flex: 1; display: flex; flex-direction: column; justify-content: flex-end; text-align: center; }
.chart i { display: block; background: var(--bar); border-radius: .2rem .2rem 0 0; }
.axis { display: flex; gap: 3px; } .axis > div { flex: 1; text-align: center; }
.chart, .axis { font-size: .8rem; } .says { opacity: .8; } details summary { cursor: pointer; white-space: nowrap; }
.cards { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; }
.cards > div { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem; }
.cards b { display: block; font-size: 1.4rem; }
"""
MOST_COLUMNS = 20
MOST_GROUPS = 40


def write_report(course: Folder, lesson: str) -> list[Path]:
    """Write reports/LESSON.html and reports/LESSON.csv. Raises Trouble where nothing is graded."""
    records = load_records(course.root, lesson)
    if not records:
        raise Trouble(f"Nothing is graded for {lesson}.", f"Run `cnnlab grade {lesson[:2]}` first.")
    release = released_lesson(course.release(lesson), lesson)
    folder = course.root / "reports"
    groups = alike(_codes(course, records), [cell.source for cell in release.with_role("solution")])
    title = course.toml.get("lessons", {}).get(lesson, {}).get("title", lesson)
    page = page_of(release, records, groups, title)
    write(folder / f"{lesson}.html", page)
    write(folder / f"{lesson}.csv", table_of(release, records))
    return [folder / f"{lesson}.html", folder / f"{lesson}.csv"]


def _codes(course: Folder, records: list[Record]) -> dict[str, list[str]]:
    """The solution cells of every student, from autograded/."""
    codes = {}
    for record in records:
        path = course.root / "autograded" / record.student / record.lesson / f"{record.lesson}.ipynb"
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        except (OSError, ValueError, KeyError):
            continue
        codes[record.student] = [
            "".join(cell["source"])
            for cell in cells
            if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
        ]
    return codes


def page_of(release: Release, records: list[Record], groups: list[Alike], title: str) -> str:
    """The page, as HTML. Whatever comes from a submission is escaped."""
    judged = [record for record in records if record.judgement]
    most = sum(cell.points for cell in release.with_role("check"))
    parts = [
        _summary(records, judged, most),
        "<h2>Points</h2>",
        _distribution(judged, most),
        "<h2>Exercise by exercise</h2>",
        _exercises(release, judged),
        "<h2>Known mistakes that were made</h2>",
        _mistakes(judged),
        "<h2>To look at</h2>",
        _to_look_at(records),
        "<h2>Nearly the same code</h2>",
        _alike(groups),
        "<h2>Everybody</h2>",
        _everybody(records, most),
    ]
    name = escape(title)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}: the class</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><h1>{name}</h1>"
        f'<p class="lead">{escape(release.lesson)}: what the checks found. Points are those of the checks; answers in '
        f"words are graded by hand.</p>{''.join(parts)}</body></html>\n"
    )


def _summary(records: list[Record], judged: list[Record], most: float) -> str:
    points = [record.points for record in judged]
    cards = [("submissions", len(records)), ("graded", len(judged))]
    if points:
        cards.append(("median points", f"{statistics.median(points):g} of {most:g}"))
        cards.append(("mean", f"{statistics.fmean(points):.1f}"))
        cards.append(("all points", sum(p >= most for p in points)))
    return '<div class="cards">' + "".join(f"<div><b>{value}</b>{name}</div>" for name, value in cards) + "</div>"


def _distribution(judged: list[Record], most: float) -> str:
    if not judged:
        return "<p>None yet.</p>"
    columns = int(min(MOST_COLUMNS, most)) or 1
    width = most / columns or 1.0
    counts = Counter(min(columns, int(record.points / width + 1e-9)) for record in judged)
    highest = max(counts.values())
    bars, axis = [], []
    for k in range(columns + 1):
        count = counts.get(k, 0)
        label = f"{k * width:g}"
        told = f'title="{count} with {label} points"'
        bars.append(f'<div {told}>{count or ""}<i style="height:{140 * count / highest:.0f}px"></i></div>')
        axis.append(f"<div>{label}</div>")
    return f'<div class="chart">{"".join(bars)}</div><div class="axis">{"".join(axis)}</div>'


def _exercises(release: Release, judged: list[Record]) -> str:
    by_cell = defaultdict(list)
    for record in judged:
        for part in record.judgement.parts:
            by_cell[part.grade_id].append(part)
    rows = []
    for cell in release.with_role("check"):
        found = by_cell.get(cell.grade_id, [])
        passed = sum(part.kind == "passed" for part in found)
        share = passed / len(found) if found else 0.0
        kinds = Counter(part.kind for part in found if part.kind != "passed")
        why = ", ".join(f"{REASONS.get(kind, kind).lower()} ({n})" for kind, n in kinds.most_common(4))
        rows.append(
            f"<tr><td><code>{escape(cell.exercise)}</code> {escape(cell.part or '')}</td>"
            f'<td class="n">{cell.points:g}</td><td class="n">{passed} of {len(found)}</td>'
            f'<td><div class="bar"><i style="width:{100 * share:.0f}%"></i></div></td><td>{escape(why)}</td></tr>'
        )
    head = '<tr><th>part</th><th class="n">points</th><th class="n">passed</th><th></th><th>the others</th></tr>'
    return f"<table>{head}{''.join(rows)}</table>"


def _mistakes(judged: list[Record]) -> str:
    who: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record in judged:
        for part in record.judgement.parts:
            if part.mistake:
                who[part.exercise, part.mistake].add(record.student)
    if not who:
        return "<p>None of the mistakes in the catalogue was recognised.</p>"
    rows = []
    for (exercise, mistake), students in sorted(who.items(), key=lambda item: (-len(item[1]), item[0])):
        names = ", ".join(escape(student) for student in sorted(students))
        rows.append(
            f'<tr><td class="n">{len(students)}</td><td><code>{escape(exercise)}</code></td>'
            f'<td>{escape(mistake)}<div class="says">{escape(_says(exercise, mistake))}</div></td>'
            f"<td><details><summary>who</summary>{names}</details></td></tr>"
        )
    head = '<tr><th class="n">made by</th><th>exercise</th><th>mistake, and what learners are told</th><th></th></tr>'
    return f"<table>{head}{''.join(rows)}</table>"


def _says(exercise: str, mistake: str) -> str:
    mistakes = getattr(check, exercise).exercise.mistakes
    return next((known.says for known in mistakes if known.name == mistake), "")


def _to_look_at(records: list[Record]) -> str:
    lists = [
        ("could not be read, 0 points", [(r.student, [r.refused]) for r in records if r.refused]),
        ("the grader failed on; grade again", [(r.student, [r.failed]) for r in records if r.failed]),
        ("ran out of time", [(r.student, _late_cells(r)) for r in records if r.ran_out]),
        ("put right when read", [(r.student, list(r.repairs)) for r in records if r.repairs and not r.refused]),
    ]
    told = []
    for name, entries in lists:
        if entries:
            rows = "".join(
                f"<tr><td>{escape(student)}</td><td>{'<br>'.join(escape(s) for s in sentences[:8])}</td></tr>"
                for student, sentences in entries
            )
            some = " open" if len(entries) <= 12 else ""
            told.append(f"<details{some}><summary>{len(entries)} {name}</summary><table>{rows}</table></details>")
    return "".join(told) or "<p>Nothing: every file was read as it was sent, and all came back in time.</p>"


def _late_cells(record: Record) -> list[str]:
    parts = [part for part in record.judgement.parts if part.kind in ("endless", "lost")]
    return [f"{part.exercise}, {part.part}: {REASONS[part.kind].lower()}" for part in parts] or record.judgement.trouble


def _alike(groups: list[Alike]) -> str:
    if not groups:
        return "<p>None. Code is compared without comments, docstrings and names; untouched cells do not count.</p>"
    rows = []
    for group in groups[:MOST_GROUPS]:
        names = ", ".join(escape(student) for student in group.students)
        if len(group.students) > 12:
            names = f"<details><summary>{len(group.students)} students</summary>{names}</details>"
        same = "the same" if group.share == 1 else f"{100 * group.share:.0f}% the same"
        rows.append(f'<tr><td class="n">{same}</td><td>{names}</td></tr>')
    more = len(groups) - MOST_GROUPS
    rest = f"<p>and {more} more</p>" if more > 0 else ""
    return (
        "<p>A hint, not a finding: short exercises have few good answers, and people learn together. Code is compared "
        "without comments, docstrings and names; untouched cells do not count.</p>"
        f"<table>{''.join(rows)}</table>{rest}"
    )


def _everybody(records: list[Record], most: float) -> str:
    rows = []
    for record in records:
        failing = (
            [p for p in record.judgement.parts if p.kind not in ("passed", "unsolved")] if record.judgement else []
        )
        told = ", ".join(dict.fromkeys(part.exercise for part in failing))
        points = f"{record.points:g}" if record.judgement else "–"
        share = 100 * record.points / most if most else 0
        rows.append(
            f'<tr><td>{escape(record.student)}</td><td class="n">{points}</td>'
            f'<td><div class="bar"><i style="width:{share:.0f}%"></i></div></td><td>{escape(told)}</td></tr>'
        )
    head = '<tr><th>student</th><th class="n">points</th><th></th><th>tried and not right yet</th></tr>'
    hint = "<p>For an appeal, <code>cnnlab replay STUDENT LESSON EXERCISE</code> shows the failing case in full.</p>"
    return f"{hint}<table>{head}{''.join(rows)}</table>"


def table_of(release: Release, records: list[Record]) -> str:
    """One line for each student, as CSV."""
    cells = release.with_role("check")
    names = [f"{cell.exercise}: {cell.part}" if cell.part else cell.exercise for cell in cells]
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["student", "points", "of", *names, "mistakes", "repairs", "refused", "ran out of time"])
    for record in records:
        parts = {part.grade_id: part for part in record.judgement.parts} if record.judgement else {}
        points = [float(parts[cell.grade_id].points) if cell.grade_id in parts else "" for cell in cells]
        mistakes = "; ".join(f"{p.exercise}: {p.mistake}" for p in parts.values() if p.mistake)
        most = sum(cell.points for cell in cells)
        row = [record.student, float(record.points) if parts else "", most, *points, mistakes]
        row += [len(record.repairs), record.refused or record.failed or "", "yes" if record.ran_out else ""]
        table.writerow([_harmless(value) for value in row])
    return file.getvalue()


def _harmless(value: object) -> object:
    """Text that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
