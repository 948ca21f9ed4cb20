"""Tables for spreadsheets: CSV in which no cell is a formula, whatever learners are called.

A spreadsheet calculates what begins with = + - or @, behind blanks too, and may take a semicolon inside a cell for the
end of it. Numbers stay numbers, negative ones as well.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins.export import ExportPlugin
from traitlets import Unicode

from cnnlab.files import write_whole

BEGINS = re.compile(r"(^|[;,|])(?=[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])")  # the wide ones too
BREAKS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\Z")
COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def csv_of(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV; None becomes an empty cell."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([cell(value) for value in row] for row in rows)
    return file.getvalue()


def cell(value: object) -> object:
    """A value for a cell: text in a single line, with an apostrophe wherever it would begin a formula."""
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    text = BREAKS.sub(" ", str(value))
    return text if NUMBER.match(text) else BEGINS.sub(r"\1'", text)


class Export(ExportPlugin):
    """All points of a gradebook, as nbgrader's own export writes them, but with every name in a cell of its own."""

    to = Unicode("grades.csv", help="destination to export to").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the table; of the students and assignments named on the command line alone, where there are any."""
        rows = [
            self._row(gradebook, assignment, student)
            for assignment in gradebook.assignments
            if not self.assignment or assignment.name in self.assignment
            for student in gradebook.students
            if not self.student or student.id in map(str, self.student)
        ]
        write_whole(Path(self.to or "grades.csv"), csv_of([COLUMNS, *rows]), mode=0o600)

    @staticmethod
    def _row(gradebook: Gradebook, assignment, student) -> list:
        try:
            found = gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            when, raw, penalty = "", 0.0, 0.0
        else:
            when, raw, penalty = found.timestamp, found.score or 0.0, found.late_submission_penalty or 0.0
        return [
            *(assignment.name, assignment.duedate, when, student.id),
            *(student.last_name, student.first_name, student.email),
            *(raw, penalty, max(0.0, raw - penalty), assignment.max_score),
        ]
