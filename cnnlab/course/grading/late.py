"""Late work: when a lesson is due, extra time for single learners, what a day costs, and who was late.

Due dates are nbgrader's, an assignment's in its gradebook. Extra time stands in extra_time.csv: nbgrader keeps it with
a submission, and who handed in nothing yet has none. From there it goes into the gradebook whenever a submission is
entered, so nbgrader and formgrader count with it, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Float
from traitlets.config import Config

from cnnlab.course.grading.folder_names import shown, trouble_with
from cnnlab.course.grading.roster import table_rows
from cnnlab.course.grading.tables import csv_of
from cnnlab.files import write_whole
from cnnlab.settings import Trouble, full_lesson_name

ALL = "all"
FILE = "extra_time.csv"
COLUMNS = ("student_id", "lesson", "days", "hours")
DAY = timedelta(days=1)
Row = Any  # of nbgrader's tables, whose columns say nothing to a type checker


class LateDays(LateSubmissionPlugin):
    """What every day costs that was begun. nbgrader_config.py names it; as it stands, nothing is taken off."""

    percent_a_day = Float(0, help="Percent of the points earned that each day takes off.").tag(config=True)
    points_a_day = Float(0, help="Points that each day takes off.").tag(config=True)
    grace_minutes = Float(0, help="So many minutes late are not late.").tag(config=True)
    days_at_most = Float(math.inf, help="After so many days nothing is left.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """The points to be taken off `score`, from 0 to `score`; None where nothing is."""
        if total_seconds_late <= 60 * self.grace_minutes:
            return None
        days = math.ceil(total_seconds_late / DAY.total_seconds())
        if days > self.days_at_most:
            return score
        penalty = days * (self.percent_a_day / 100 * score + self.points_a_day)
        return round(min(max(penalty, 0), score), 2) or None


def rule(settings: Config) -> Any:
    """nbgrader's plugin for late work, of any class that nbgrader_config.py names."""
    step = AssignLatePenalties(config=settings)
    step.init_plugin()
    return step.plugin_inst


@dataclass(frozen=True)
class Late:
    """Who handed in after the due date, extra time counted; `penalty` in points."""

    student: str
    by: timedelta
    due: datetime
    penalty: float

    def line(self) -> str:
        """ "ada: 1 day 3 hours after 2026-11-10 22:59 UTC, 1.8 points less"."""
        cost = f"{self.penalty:g} points less" if self.penalty else "nothing is taken off"
        return f"{shown(self.student)}: {counted(self.by)} after {self.due:%Y-%m-%d %H:%M} UTC, {cost}"


def settle(row: Row, notebook: Row, score: float, plugin: Any, extra: ExtraTime) -> Late | None:
    """Write the extra time of a submission and the late penalty of its notebook; who is late is returned."""
    if row.assignment.duedate is None:
        row.extension = None  # with it, nbgrader would add to nothing
    elif (time := extra.of(row.student_id, row.assignment.name)) is not None:
        row.extension = time or None
    seconds = row.total_seconds_late
    penalty = plugin.late_submission_penalty(row.student_id, score, seconds) if seconds > 0 else None
    notebook.late_submission_penalty = None if penalty is None else min(max(penalty, 0), score)
    if not seconds:
        return None
    return Late(row.student_id, timedelta(seconds=seconds), row.duedate, notebook.late_submission_penalty or 0.0)


def settle_all(gradebook: Gradebook, lesson: str, settings: Config, extra: ExtraTime) -> list[Late]:
    """Count the penalties of a lesson anew, after points by hand, a new due date or extra time. Returns who is late."""
    assignment = next((one for one in gradebook.assignments if one.name == lesson), None)
    plugin, found = rule(settings), []
    for row in assignment.submissions if assignment is not None else ():
        for notebook in row.notebooks:
            late = settle(row, notebook, sum(grade.score or 0.0 for grade in notebook.grades), plugin, extra)
            found += [late] if late else []
    gradebook.db.commit()
    return sorted(found, key=lambda late: late.student)


class ExtraTime:
    """extra_time.csv: a line for each learner and lesson, or "all" lessons; one about a lesson counts before that."""

    def __init__(self, root: Path, lessons: Sequence[str]):
        """Nobody has any where there is no file. Raises Trouble, with the line, for what can not be understood."""
        self.path, self.lessons = root / FILE, lessons
        self.rows = table_rows(self.path, ("student_id",)) if self.path.exists() else []
        self.times: dict[tuple[str, str], timedelta] = {}
        for number, row in enumerate(self.rows, 2):
            try:
                key, time = self._read(row)
                if key in self.times:
                    raise ValueError(f"{shown(key[0])} has two lines about {key[1]}")
            except (ValueError, OverflowError, Trouble) as error:
                why = error.what.rstrip(".") if isinstance(error, Trouble) else error
                raise Trouble(f"{FILE}, line {number}: {why}.", _EXAMPLE) from None
            self.times[key] = time

    def _read(self, row: dict[str, str]) -> tuple[tuple[str, str], timedelta]:
        missing = [name for name in ("student_id", "lesson") if not row.get(name)]
        if missing:
            raise ValueError(f"there is no {missing[0]}")
        lesson = ALL if row["lesson"].lower() == ALL else full_lesson_name(row["lesson"], self.lessons)
        numbers = [row.get(name) or "" for name in ("days", "hours")]
        if not any(numbers):
            raise ValueError("it says neither days nor hours")
        days, hours = (float(text.replace(",", ".") or 0) for text in numbers)
        if not (0 <= days < math.inf and 0 <= hours < math.inf):
            raise ValueError(f"days and hours are numbers from 0 on, not {' and '.join(filter(None, numbers))}")
        return (row["student_id"].removeprefix("'"), lesson), timedelta(days=days, hours=hours)

    def of(self, student: str, lesson: str) -> timedelta | None:
        """The extra time of a learner for a lesson; None where nothing is said about it."""
        return self.times.get((student, lesson), self.times.get((student, ALL)))

    def give(self, students: Sequence[str], lesson: str, time: timedelta) -> None:
        """Write a line for each in place of the one that is there, the other columns of which stay."""
        for student in students:
            if why := trouble_with(student):
                raise Trouble(f"{shown(student)}: {why}.")
            keys = [self._read(row)[0] for row in self.rows]
            if (student, lesson) not in keys:
                self.rows.append({"student_id": student, "lesson": lesson})
                keys.append((student, lesson))
            hours = time % DAY / timedelta(hours=1)
            self.rows[keys.index((student, lesson))] |= {"days": f"{time // DAY}", "hours": f"{hours:g}"}
            self.times[student, lesson] = time
        columns = list(dict.fromkeys([*COLUMNS, *(name for row in self.rows for name in row)]))
        table = [columns, *([row.get(name, "") for name in columns] for row in self.rows)]
        write_whole(self.path, csv_of(table), mode=0o600)


_EXAMPLE = "A line is like: ada,01,3,12 (student_id, lesson or all, days, hours)."


def counted(time: timedelta) -> str:
    """ "1 day 3 hours"; below an hour in minutes, and never nothing."""
    days, rest = time // DAY, time % DAY
    hours, minutes = int(rest.total_seconds() // 3600), math.ceil(rest.total_seconds() % 3600 / 60)
    counts = [(days, "day"), (hours, "hour"), (0 if days else minutes, "minute")]
    return " ".join(f"{n} {what}{'s' if n > 1 else ''}" for n, what in counts if n) or "no time"
