"""The list of students: from the names, addresses and numbers that a platform writes to the course's own ids."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from cnnlab.course.grading.folder_names import belongs, folder_name, shown
from cnnlab.course.grading.whose import Owner
from cnnlab.settings import Trouble

ID_COLUMNS = ("student_id", "id number", "username", "sis login id", "sis user id")
NUMBER_COLUMNS = ("identifier", "lms_user_id", "user id", "id")  # which the platform writes into a file's name
NAME_COLUMNS = ("name", "full name", "student")
OTHER_COLUMNS = ("email", "email address", *ID_COLUMNS)
ACCENTS = re.compile("[\u0300-\u036f\u200c\u200d]")  # those of Latin, Greek and Cyrillic, and joiners
SEPARATORS = (",", ";", "\t")


class Roster:
    """Who is on the list; without a list everybody is, under the name that the platform gives."""

    def __init__(self, path: Path | None = None):
        """Raises Trouble for a table that can not be read or does not say the ids."""
        self.names: dict[str, set[str]] = defaultdict(set)
        self.numbers: dict[str, set[str]] = defaultdict(set)
        self.ids: dict[str, set[str]] = defaultdict(set)  # letter by letter
        self.without_id: set[str] = set()
        self.given = path is not None
        if path is not None:
            self._read(path)

    def _read(self, path: Path) -> None:
        rows = table_rows(path)
        column = next((name for name in ID_COLUMNS if rows and name in rows[0]), None)
        if column is None:
            seen = ", ".join(shown(name) for name in rows[0] if name) if rows else "nothing"
            raise Trouble(
                f"{path} has no column student_id: its columns are {seen}.",
                "Its first line names the columns, with commas, semicolons or tabs between them: student_id,name,email",
            )
        numbered = [name for name in NUMBER_COLUMNS if name in rows[0]] or list(ID_COLUMNS)
        ids: dict[str, str] = {}
        for row in rows:
            student = folder_name(row[column])
            if student and ids.setdefault(student, row[column]) != row[column]:
                raise Trouble(
                    f"{path}: {shown(ids[student])} and {shown(row[column])} would both be kept as {student}.",
                    "Give one of them another student_id.",
                )
            if student:
                self.know(student, [row[name] for name in (*NUMBER_COLUMNS, *OTHER_COLUMNS) if row.get(name)])
            for key in _keys_of(row):
                if student:
                    self.names[key].add(student)
                else:
                    self.without_id.add(key)
            for key in {_key(row[name]) for name in numbered if row.get(name)} - {""}:
                if student:
                    self.numbers[key].add(student)
                else:
                    self.without_id.add(key)

    @property
    def students(self) -> set[str]:
        """The ids of everybody on the list."""
        return set[str]().union(*self.ids.values())

    def holds(self, name: str) -> bool:
        """Whether somebody on the list has this name or id."""
        return bool(self.names.get(_key(name)))

    def student(self, owners: Sequence[Owner]) -> tuple[str, Owner | None, str]:
        """The id of the one whose file it is, and how its name is read; or why it is nobody's.

        owners: the ways to read the name. Where there are several, only the platform's numbers on the list can decide.
        """
        if not owners:
            return "", None, "does not say whose it is"
        if len(owners) > 1:
            decided = {name: owner for owner in owners for name in self.numbers.get(_key(owner.number), ())}
            if len(decided) == 1:
                return *decided.popitem(), ""
            who = " or ".join(f"“{shown(owner.name, 40)}”" for owner in owners[:3])
            remedy = "put it into a folder of its owner's name" if self.given else "say who is there with --students"
            return "", None, f"can be read as the file of {who}: {remedy}"
        (owner,) = owners
        student, why = self._listed(owner) if self.given else (folder_name(owner.student_id or owner.name), "")
        return student, owner if student else None, why or "does not say whose it is"

    def know(self, student: str, ids: Sequence[str] = (), names: Sequence[str] = ()) -> None:
        """Add what else is known of a student: a folder's name, an e-mail address, a platform's number, a name."""
        for text in (student, *ids):
            self.ids[_exact(text)].add(student)
        for text in names:
            for one in {_key(text), _key(text.replace("_", " ")), _joined(text)} - {""}:
                self.names[one].add(student)

    def by_id(self, text: str) -> set[str]:
        """Whoever has this id, address or number, letter by letter; "Participant 101" is number 101."""
        number = re.fullmatch(r"\D+ (\d+)", text.strip())
        keys = {_exact(text), _exact(folder_name(text)), number[1] if number else ""} - {""}
        return set[str]().union(*(self.ids.get(one, ()) for one in keys))

    def by_name(self, text: str) -> set[str]:
        """Whoever has this name, its words in any order, or a folder that would be made of it."""
        keys = {_key(text), _joined(text), _key(folder_name(text).replace("_", " "))} - {""}
        return set[str]().union(*(self.names.get(one, ()) for one in keys))

    def _listed(self, owner: Owner) -> tuple[str, str]:
        numbers = self.numbers.get(_key(owner.number), set()) if owner.number else set()
        names = self._named(owner.student_id or owner.name)
        if owner.student_id:
            names = names or self.numbers.get(_key(owner.student_id), set())
        if numbers and names and not numbers & names:
            return "", f"has the name of {_either(names)} and the number of {_either(numbers)} on the list of students"
        found = numbers & names or numbers or names
        if len(found) == 1:
            return next(iter(found)), ""
        if found:
            return "", f"could be {_either(found)} on the list of students: the list needs the platform's numbers"
        if any(_key(text) in self.without_id for text in (owner.number, *_without_groups(owner.name)) if text):
            return "", "is somebody's who has no id on the list of students: fill it in"
        return "", "is nobody's on the list of students"

    def _named(self, name: str) -> set[str]:
        """Whoever has this name, or the name behind a group's and a dash, as Moodle wrote until 4.0."""
        whole, *shorter = _without_groups(name)
        return self.names.get(_key(whole)) or set[str]().union(*(self.names.get(_key(text), ()) for text in shorter))


def _without_groups(name: str) -> list[str]:
    """The name, then what follows its first dash, its second, …"""
    parts = name.split("-")
    return ["-".join(parts[k:]) for k in range(len(parts))]


def _either(students: set[str]) -> str:
    return " or ".join(sorted(students)[:4])


def table_rows(path: Path, known: Sequence[str] = ID_COLUMNS) -> list[dict[str, str]]:
    """A table's lines by column; whatever separates the columns of its first line, which has one of the `known`,
    separates them all. Raises Trouble."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        lines = text.splitlines(keepends=True)
        if lines and lines[0].strip().lower() in ("sep=,", "sep=;"):  # a line for Excel alone
            lines = lines[1:]
        head = lines[0] if lines else ""
        tables = {
            mark: [name.strip().lower() for name in next(csv.reader([head], delimiter=mark), [])] for mark in SEPARATORS
        }
        mark = max(SEPARATORS, key=lambda mark: (any(name in known for name in tables[mark]), len(tables[mark])))
        return [
            {
                name: (value or "").strip()
                for name, value in zip(tables[mark], [*row, *[""] * len(tables[mark])], strict=False)
            }
            for row in csv.reader(lines[1:], delimiter=mark)
            if any(value.strip() for value in row)
        ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Trouble(f"{path} can not be read: {error}", "Save it as CSV in UTF-8.") from None


def _keys_of(row: dict[str, str]) -> set[str]:
    first, last = (row.get(f"{which}_name") or row.get(f"{which} name") or "" for which in ("first", "last"))
    names = [row[name] for name in NAME_COLUMNS if row.get(name)] + [f"{first} {last}".strip()]
    keys = {_key(name) for name in names} | {_joined(name) for name in names}
    keys |= {_key(row[name]) for name in OTHER_COLUMNS if row.get(name)}
    return keys - {""}


def _exact(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _key(text: str) -> str:
    """What two spellings of a name have in common: letters and digits, in lower case, words in any order; no accents,
    but the vowels that other scripts write as marks."""
    plain = ACCENTS.sub(
        "", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold().replace("ı", "i"))
    )
    words = [one for one in "".join(c if belongs(c) else " " for c in plain).split() if one.strip("_")]
    return "".join(sorted(re.sub(r"[^a-z0-9]", "", word) or word for word in words if word != "participant"))


def _joined(name: str) -> str:
    """Canvas writes "Ada Lovelace" and "Lovelace, Ada" as "lovelaceada"."""
    words = name.replace(",", " ").split()
    if len(words) < 2:
        return ""
    return _key("".join(words if "," in name else [words[-1], *words[:-1]]))
