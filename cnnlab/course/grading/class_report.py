"""How the class did: one page that needs nothing else, and one table."""

from __future__ import annotations

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import jinja2

from cnnlab import check
from cnnlab.course.folder import Folder
from cnnlab.course.grading.alike import Alike, alike
from cnnlab.course.grading.autograded import REASONS
from cnnlab.course.grading.grader import released_lesson
from cnnlab.course.grading.records import RAN_OUT, Record, load_records
from cnnlab.course.grading.release import Release
from cnnlab.course.grading.tables import csv_of
from cnnlab.files import write_whole
from cnnlab.settings import Trouble

PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
MOST_COLUMNS = 20
MOST_GROUPS = 40


def write_report(course: Folder, lesson: str) -> list[Path]:
    """Write reports/LESSON.html and reports/LESSON.csv. Raises Trouble where nothing is graded."""
    records = load_records(course.root, lesson)
    if not records:
        raise Trouble(f"Nothing is graded for {lesson}.", f"Run `cnnlab grade {lesson[:2]}` first.")
    release = released_lesson(course, lesson)
    folder = course.root / "reports"
    groups = alike(_codes(course, records), [cell.source for cell in release.with_role("solution")])
    title = course.toml["lessons"].get(lesson, {}).get("title", lesson)
    page = page_of(release, records, groups, title)
    write_whole(folder / f"{lesson}.html", page)
    write_whole(folder / f"{lesson}.csv", table_of(release, records))
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
    return PAGES.get_template("class_report.html").render(
        title=title,
        lesson=release.lesson,
        cards=_cards(records, judged, most),
        columns=_columns(judged, most),
        parts=_parts(release, judged),
        mistakes=_mistakes(judged),
        to_look_at=_to_look_at(records),
        groups=groups,
        most_groups=MOST_GROUPS,
        everybody=[_person(record, most) for record in records],
    )


def _cards(records: list[Record], judged: list[Record], most: float) -> list[tuple[str, object]]:
    points = [record.points for record in judged]
    cards: list[tuple[str, object]] = [("submissions", len(records)), ("graded", len(judged))]
    if points:
        cards.append(("median points", f"{statistics.median(points):g} of {most:g}"))
        cards.append(("mean", f"{statistics.fmean(points):.1f}"))
        cards.append(("all points", sum(p >= most for p in points)))
    return cards


def _columns(judged: list[Record], most: float) -> list[dict]:
    """The histogram of points: for each column its count, its label and its height in pixels."""
    if not judged:
        return []
    last = int(min(MOST_COLUMNS, most)) or 1
    width = most / last or 1.0
    counts = Counter(min(last, int(record.points / width + 1e-9)) for record in judged)
    highest = max(counts.values())
    return [
        {"count": counts[k], "label": f"{k * width:g}", "height": f"{140 * counts[k] / highest:.0f}"}
        for k in range(last + 1)
    ]


def _parts(release: Release, judged: list[Record]) -> list[dict]:
    by_cell = defaultdict(list)
    for record in judged:
        for part in record.parts:
            by_cell[part.grade_id].append(part)
    rows = []
    for cell in release.with_role("check"):
        found = by_cell[cell.grade_id]
        passed = sum(part.kind == "passed" for part in found)
        kinds = Counter(part.kind for part in found if part.kind != "passed")
        others = [f"{REASONS.get(kind, kind).lower()} ({n})" for kind, n in kinds.most_common(4)]
        rows.append(
            {
                "exercise": cell.exercise,
                "name": cell.part or "",
                "points": f"{cell.points:g}",
                "passed": passed,
                "tried": len(found),
                "percent": f"{100 * passed / (len(found) or 1):.0f}",
                "others": ", ".join(others),
            }
        )
    return rows


def made_by(records: Sequence[Record]) -> list[tuple[tuple[str, str], tuple[str, ...]]]:
    """Every (exercise, known mistake) that was made, with its students: the most frequent first."""
    who: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record in records:
        for part in record.parts:
            if part.mistake:
                who[part.exercise, part.mistake].add(record.student)
    return [(pair, tuple(sorted(who[pair]))) for pair in sorted(who, key=lambda pair: (-len(who[pair]), pair))]


def _mistakes(judged: list[Record]) -> list[dict]:
    return [
        {"exercise": exercise, "name": mistake, "says": _says(exercise, mistake), "students": students}
        for (exercise, mistake), students in made_by(judged)
    ]


def _says(exercise: str, mistake: str) -> str:
    mistakes = getattr(check, exercise).exercise.mistakes
    return next((known.says for known in mistakes if known.name == mistake), "")


def _to_look_at(records: list[Record]) -> list[tuple[str, list[tuple[str, Sequence[str]]]]]:
    """For each kind of trouble that occurred the students, each with sentences."""
    kinds: list[tuple[str, list[tuple[str, Sequence[str]]]]] = [
        ("could not be read, 0 points", [(r.student, [r.refused]) for r in records if r.refused and not r.ended]),
        ("took too much to be graded, 0 points", [(r.student, [r.refused]) for r in records if r.ended and r.refused]),
        ("the grader failed on; grade again", [(r.student, [r.failed]) for r in records if r.failed]),
        ("not judged in full: a check failed by itself", [(r.student, _troubles(r)) for r in records if r.unjudged]),
        ("ran out of time", [(r.student, _late_cells(r)) for r in records if r.ran_out]),
        ("put right when read", [(r.student, r.repairs) for r in records if r.repairs and not r.refused]),
    ]
    return [(what, entries) for what, entries in kinds if entries]


def _late_cells(record: Record) -> Sequence[str]:
    late = [part for part in record.parts if part.kind in RAN_OUT]
    told = [f"{part.exercise}, {part.part}: {REASONS[part.kind].lower()}" for part in late]
    return told or _troubles(record)


def _troubles(record: Record) -> Sequence[str]:
    return record.judgement.trouble if record.judgement else []


def _person(record: Record, most: float) -> dict:
    failing = [part.exercise for part in record.parts if part.kind not in ("passed", "unsolved")]
    return {
        "student": record.student,
        "points": f"{record.points:g}" if record.judgement else "–",
        "percent": f"{100 * record.points / most if most else 0:.0f}",
        "not_yet": ", ".join(dict.fromkeys(failing)),
    }


def table_of(release: Release, records: list[Record]) -> str:
    """One line for each student, as CSV."""
    cells = release.with_role("check")
    names = [f"{cell.exercise}: {cell.part}" if cell.part else cell.exercise for cell in cells]
    rows: list[list] = [["student", "points", "of", *names, "mistakes", "repairs", "refused", "ran out of time"]]
    for record in records:
        parts = {part.grade_id: part for part in record.parts}
        points = [float(parts[cell.grade_id].points) if cell.grade_id in parts else "" for cell in cells]
        mistakes = "; ".join(f"{p.exercise}: {p.mistake}" for p in parts.values() if p.mistake)
        most = sum(cell.points for cell in cells)
        row = [record.student, float(record.points) if parts else "", most, *points, mistakes]
        row += [len(record.repairs), record.refused or record.failed or "", "yes" if record.ran_out else ""]
        rows.append(row)
    return csv_of(rows)
