"""What Canvas, Moodle and Blackboard write into the gradebook that they give for download, and read from it again.

Sources: Canvas' lib/gradebook_exporter.rb, lib/gradebook_importer.rb and lib/csv_with_i18n.rb (github.com/instructure/
canvas-lms); Moodle's mod/assign/feedback/offline/importgradeslib.php and grade/import/csv (github.com/moodle/moodle);
Blackboard's help, "Uploading or Downloading Grade Center Items for Working Offline". docs/platforms.md has the details.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnnlab.course.grading.folder_names import shown
from cnnlab.course.grading.sheet import Sheet
from cnnlab.settings import Trouble

CANVAS_TITLE = re.compile(r"(?P<title>.*?)(?: \(\d+\))?")
CANVAS_TOTALS = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
CANVAS_HIDDEN = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.I)
MOODLE_TITLE = re.compile(r"(?:[^:]+: ?)?(?P<title>.*?)(?: \(Real\))?")
MOODLE_OTHERS = re.compile(r".*\((Percentage|Letter|Feedback|Range)\)|Feedback: ?.*|Last downloaded.*|Course total.*")
BLACKBOARD_TITLE = re.compile(r"(?P<title>.*?)\s*\[Total Pts: ?(?P<most>[^\]]*?)(?: [A-Za-z/ ]+)?\](?:\s*\|.*)?")
MOODLE_PEOPLE = (
    *("first name", "last name", "surname", "full name", "id number", "username", "institution", "department"),
    *("email address", "group", "groups"),
)
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Layout:
    """Which columns of a sheet say what. Columns count from 0.

    points: where the lesson's points go; ids: columns that say who somebody is; names: columns whose texts, one after
    the other, are somebody's name. comment: where words to the learner go, None where the platform takes none.
    people: the rows of people. most(row): how many points the platform has for the assignment, None where the file does
    not say. locked(row): why this cell must stay as it is, "" where it need not.
    """

    points: int
    ids: tuple[int, ...]
    names: tuple[tuple[int, ...], ...]
    comment: int | None
    people: tuple[int, ...]
    most: Callable[[int], float | None]
    locked: Callable[[int], str]


@dataclass(frozen=True)
class Wanted:
    """What to look for: the names that the assignment may have; and columns named by hand, "" where none is."""

    titles: tuple[str, ...]
    column: str = ""
    who: str = ""
    comment: str = ""


def titles_of(lesson: str, title: str) -> tuple[str, ...]:
    """What an instructor may have called the assignment of "01_convolution"."""
    number = lesson[:2]
    return (lesson, title, f"{number} {title}", f"lesson {number}", f"lesson {number} {title}", number)


def canvas(sheet: Sheet, wanted: Wanted) -> Layout:
    """Canvas: one row for each learner, one column for each assignment, "Title (id)". Raises Trouble."""
    head = sheet.header
    section = _only(sheet, "Section", "Canvas")
    whole, parts = _find(head, "Student"), (_find(head, "FirstName"), _find(head, "LastName"))
    _only(sheet, "ID", "Canvas")
    rows = [row for row in range(1, len(sheet.rows)) if not sheet.is_blank(row)]
    notes = [row for row in rows if _is_canvas_note(sheet, row)]
    possible = next((row for row in notes if "Points Possible" in sheet.value(row, 0)), None)
    read_only = {k for k in range(len(head)) if possible is not None and "read only" in sheet.value(possible, k)}
    choices = {
        k: match["title"]
        for k, name in enumerate(head)
        if k > section and k not in read_only and name and not CANVAS_TOTALS.search(name)
        and (match := CANVAS_TITLE.fullmatch(name))
    }  # fmt: skip
    points = _column(sheet, choices, wanted)

    def most(row: int) -> float | None:
        return None if possible is None else _number(sheet, possible, points)

    def locked(row: int) -> str:
        said = sheet.value(row, points).strip()
        return {"EX": "is excused there", "N/A": "has not been assigned this there"}.get(said.upper(), "")

    names = tuple(one for one in ((whole,), parts) if None not in one)
    ids = ("ID", "SIS User ID", "SIS Login ID", "Integration ID")
    return _layout(sheet, wanted, points, ids, names, None, [row for row in rows if row not in notes], most, locked)


def _is_canvas_note(sheet: Sheet, row: int) -> bool:
    """Whether a row is about assignments: the points possible, or which ones are hidden."""
    if "Points Possible" in sheet.value(row, 0) or sheet.value(row, 0).strip() == "Student, Test":
        return True
    return all(CANVAS_HIDDEN.fullmatch(sheet.value(row, k)) for k in range(len(sheet.rows[row].cells)))


def moodle(sheet: Sheet, wanted: Wanted) -> Layout:
    """Moodle: the grading worksheet of one assignment, or the gradebook's export as plain text. Raises Trouble."""
    head = sheet.header
    people = [row for row in range(1, len(sheet.rows)) if not sheet.is_blank(row)]
    worksheet = _find(head, "Identifier") is not None
    if worksheet:
        choices = {k: "Grade" for k, name in enumerate(head) if name == "Grade"}
        points = _column(sheet, choices, Wanted(("Grade",), wanted.column))
        comment = _find(head, "Feedback comments")
    else:
        choices = {
            k: match["title"]
            for k, name in enumerate(head)
            if name and name.lower() not in MOODLE_PEOPLE and not MOODLE_OTHERS.fullmatch(name)
            and (match := MOODLE_TITLE.fullmatch(name))
        }  # fmt: skip
        points = _column(sheet, choices, wanted)
        title = head[points].removesuffix(" (Real)")
        comment = _find(head, f"{title} (Feedback)")
        comment = _find(head, f"Feedback: {choices.get(points, title)}") if comment is None else comment
    maximum, changeable = _find(head, "Maximum grade"), _find(head, "Grade can be changed")

    def most(row: int) -> float | None:
        return None if maximum is None else _number(sheet, row, maximum)

    def locked(row: int) -> str:
        return "has a grade that can not be changed there" if sheet.value(row, changeable).strip() == "No" else ""

    last = _find(head, "Last name") if _find(head, "Surname") is None else _find(head, "Surname")
    names = tuple(one for one in ((_find(head, "Full name"),), (_find(head, "First name"), last)) if None not in one)
    ids = ("Identifier", "ID number", "Username", "Email address")
    return _layout(sheet, wanted, points, ids, names, comment, people, most, locked)


def blackboard(sheet: Sheet, wanted: Wanted) -> Layout:
    """Blackboard: the whole Grade Center or one column of it, "Title [Total Pts: 18 Score] |id". Raises Trouble."""
    head = sheet.header
    _only(sheet, "Username", "Blackboard")
    found = {k: match for k, name in enumerate(head) if (match := BLACKBOARD_TITLE.fullmatch(name))}
    choices = {k: match["title"] for k, match in found.items() if "up to" not in match["most"]}  # those are calculated
    comment = _find(head, "Feedback to Learner")
    alone = comment is not None and len(choices) == 1 and not wanted.column
    points = next(iter(choices)) if alone else _column(sheet, choices, wanted)
    total = found[points]["most"] if points in found else ""

    def most(row: int) -> float | None:
        return float(total.replace(",", ".")) if NUMBER.fullmatch(total) else None

    names = tuple(one for one in ((_find(head, "First Name"), _find(head, "Last Name")),) if None not in one)
    people = [row for row in range(1, len(sheet.rows)) if not sheet.is_blank(row)]
    return _layout(sheet, wanted, points, ("Username", "Student ID"), names, comment, people, most, lambda row: "")


PLATFORMS: dict[str, Callable[[Sheet, Wanted], Layout]] = {
    "canvas": canvas,
    "moodle": moodle,
    "blackboard": blackboard,
}


def decimal_comma(sheet: Sheet, layout: Layout) -> bool:
    """Whether the file writes 7,5 for 7.5: some number of its rows has a comma, and none a point."""
    texts = [
        sheet.value(row, k).strip() for row in range(1, len(sheet.rows)) for k in range(len(sheet.rows[row].cells))
    ]
    numbers = [text for text in texts if NUMBER.fullmatch(text)]
    return any("," in text for text in numbers) and not any("." in text for text in numbers)


def _layout(sheet, wanted, points, ids, names, comment, people, most, locked) -> Layout:
    """A layout with the columns named by hand in the place of those found."""
    columns = [found for name in ids if (found := _find(sheet.header, name)) is not None]
    if wanted.who:
        columns, names = [_by_name(sheet, wanted.who)], ()
    if wanted.comment:
        comment = _by_name(sheet, wanted.comment)
    if not columns and not names:
        raise Trouble(f"{sheet.name} has no column that says who somebody is.", 'Name it: --who "ID number"')
    return Layout(points, tuple(columns), names, comment, tuple(people), most, locked)


def _find(header: Sequence[str], name: str) -> int | None:
    """The first column of this name, in capitals or not."""
    return next((k for k, found in enumerate(header) if found.lower() == name.lower()), None)


def _only(sheet: Sheet, name: str, platform: str) -> int:
    found = _find(sheet.header, name)
    if found is None:
        columns = ", ".join(shown(one, 40) for one in sheet.header[:12])
        raise Trouble(
            f"{sheet.name} has no column {name}, which every gradebook of {platform} has. Its columns are: {columns}.",
            f"Is it {platform}'s, and as it was downloaded?",
        )
    return found


def _by_name(sheet: Sheet, name: str) -> int:
    """The column of this name, or of this number, from 1."""
    found = [k for k, head in enumerate(sheet.header) if head == name.strip()]
    if not found and name.strip().isdigit() and 0 < int(name) <= len(sheet.header):
        return int(name) - 1
    if len(found) == 1:
        return found[0]
    columns = ", ".join(f"{k + 1} “{shown(head, 40)}”" for k, head in enumerate(sheet.header))
    how = f"has {len(found)} columns" if found else "has no column"
    raise Trouble(f"{sheet.name} {how} “{shown(name, 60)}”. Its columns are: {columns}.", "Give the column's number.")


def _column(sheet: Sheet, choices: dict[int, str], wanted: Wanted) -> int:
    """The column for the points: the one named by hand, else the only one with a title of the lesson."""
    if wanted.column:
        by_title = [k for k, title in choices.items() if title == wanted.column]
        return by_title[0] if len(by_title) == 1 else _by_name(sheet, wanted.column)
    titles = {_plain(title) for title in wanted.titles}
    found = [k for k, title in choices.items() if _plain(title) in titles]
    if len(found) == 1:
        return found[0]
    columns = ", ".join(f"“{shown(sheet.header[k], 60)}”" for k in found or choices) or "none"
    what = "Several columns of" if found else "No column of"
    raise Trouble(
        f"{what} {sheet.name} {'are' if found else 'is'} called “{wanted.titles[0]}” or “{wanted.titles[-1]}”"
        f"{'' if found else '; those for points'}: {columns}.",
        "Name the one that is meant: --column TITLE",
    )


def _plain(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.replace("_", " ").casefold()))


def _number(sheet: Sheet, row: int, column: int) -> float | None:
    """A number with a decimal point or comma; None for an empty cell. Raises Trouble for another text."""
    text = sheet.value(row, column).strip()
    if not text or text == "-":
        return None
    if not NUMBER.fullmatch(text):
        raise Trouble(f"{sheet.where(row, column)}: “{shown(text, 40)}” is no number of points.", "Mend that cell.")
    return float(text.replace(",", "."))
