"""Downloads from a learning platform into submitted/STUDENT/LESSON/LESSON.ipynb.

Whose a file is follows from its name, as Moodle, Canvas and nbgrader name them, or from a regular expression like
zip_collect's; a CSV of students turns names, e-mail addresses and the platform's numbers into ids.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from cnnlab.course.folder import Folder
from cnnlab.course.grading.archive import Found, notebooks
from cnnlab.course.grading.records import instructors_folder
from cnnlab.files import write_whole
from cnnlab.settings import Trouble

MOODLE = re.compile(r"(?P<name>[^/]+?)_(?P<number>\d+)_assignsubmission_file_?/?(?P<file>[^/]*\.ipynb|.+)\Z")
CANVAS = re.compile(r"(?P<name>[^/_]+)_(?:LATE_)?(?P<number>\d+)_\d+_(?P<file>[^/]+)\Z")
RESUBMITTED = re.compile(r"(?:[-_ ]?\(?(\d{1,3})\)?)?\.ipynb\Z", re.IGNORECASE)
ID_COLUMNS = ("student_id", "id number", "username", "sis login id", "sis user id")
KEY_COLUMNS = (
    *("name", "full name", "student", "email", "email address", "identifier", "lms_user_id", "id"),
    *ID_COLUMNS,
)


@dataclass
class Collected:
    """taken: (student, file); kept: (student, file, why the earlier one stays); refused: (file, why)."""

    taken: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def lines(self) -> list[str]:
        """What a person reads: a line for each file, and a count."""
        told = [f"taken: {student} from {_shown(name)}" for student, name in sorted(self.taken)]
        told += [f"kept: {student}: {_shown(name)} {why}" for student, name, why in sorted(self.kept)]
        told += [f"not taken: {_shown(name)} {why}" for name, why in sorted(self.refused)]
        return [*told, f"{len(self.taken)} taken, {len(self.kept)} kept, {len(self.refused)} not taken"]


@dataclass(frozen=True)
class _Owner:
    """Whose a file is, as its name says it: a name, the platform's number, the file's own name."""

    name: str
    number: str
    file: str
    student_id: str | None = None
    timestamp: str | None = None


def collect(
    course: Folder, lesson: str, downloads: Path, students: Path | None = None, pattern: str | None = None
) -> Collected:
    """Put every notebook of the download in its place, and say of each file what became of it.

    downloads: a folder or a zip. students: a CSV, see `docs/grading.md`. pattern: a regular expression with the groups
    student_id and perhaps timestamp and file_id. A submission that is already there stays, unless the new one is later;
    the earlier one is then kept in .cnnlab/earlier/. Raises Trouble where one of the three can not be read.
    """
    listed = _read_students(students) if students else {}
    regexp = _compiled(pattern) if pattern else None
    collected = Collected()
    claims: dict[str, list[tuple[Found, _Owner]]] = {}
    people: dict[str, set[tuple[str, str]]] = {}
    for found in notebooks(downloads):
        if found.refused:
            collected.refused.append((found.name, found.refused))
            continue
        owner = _owner(found.name, lesson, regexp)
        student = _student(owner, listed) if owner else ""
        if not owner or not student:
            why = "is nobody's on the list of students" if owner and listed else "does not say whose it is"
            collected.refused.append((found.name, why))
            continue
        claims.setdefault(student, []).append((found, owner))
        people.setdefault(student, set()).add((owner.name, owner.number))
    for student, files in claims.items():
        if len(people[student]) > 1:
            why = f"could be one of {len(people[student])} people called {student}: name them apart with --students"
            collected.refused += [(found.name, why) for found, _ in files]
            continue
        _place(course, lesson, student, files, collected)
    return collected


def _place(course: Folder, lesson: str, student: str, files: list, collected: Collected) -> None:
    chosen, others = _choose(files, lesson)
    if chosen is None:
        collected.refused += [(found.name, "is one of several: which one is meant?") for found, _ in others]
        return
    collected.refused += [(found.name, f"gives way to {_shown(chosen[0].name)}") for found, _ in others]
    found, owner = chosen
    path = course.root / "submitted" / student / lesson / f"{lesson}.ipynb"
    if any(part.is_symlink() for part in (path, path.parent, path.parent.parent)):
        collected.refused.append((found.name, "would go where there is a link"))
        return
    if path.exists():
        before = path.read_bytes()
        if before == found.data:
            collected.kept.append((student, found.name, "is there already"))
            return
        if path.stat().st_mtime >= found.time:
            collected.kept.append((student, found.name, "is not later than the one that is there"))
            return
        digest = hashlib.sha256(before).hexdigest()[:12]
        write_whole(instructors_folder(course.root) / "earlier" / lesson / f"{student}-{digest}.ipynb", before)
    write_whole(path, found.data)
    os.utime(path, (found.time, found.time))
    if owner.timestamp:
        write_whole(path.with_name("timestamp.txt"), owner.timestamp)
    collected.taken.append((student, found.name))


def _choose(files: list, lesson: str) -> tuple:
    """One of a student's files: the one with the lesson's name, the highest resubmission, else the only one."""
    named = [pair for pair in files if lesson in pair[1].file] or files
    if len(named) > 1:
        ranked = sorted(named, key=lambda pair: (_resubmission(pair[1].file), pair[0].time))
        best, second = ranked[-1], ranked[-2]
        if (_resubmission(best[1].file), best[0].time) == (_resubmission(second[1].file), second[0].time):
            return None, files
        named = [best]
    return named[0], [pair for pair in files if pair is not named[0]]


def _resubmission(name: str) -> int:
    """2 for "01_convolution-2.ipynb", as browsers and Canvas number them."""
    match = RESUBMITTED.search(name)
    return int(match[1]) if match and match[1] else 0


def _owner(name: str, lesson: str, regexp: re.Pattern | None) -> _Owner | None:
    """Whose file this is, by its name inside the download."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    if regexp is not None:
        match = regexp.match(name) or regexp.match(name.rsplit("/", 1)[-1])
        if not match:
            return None
        groups = match.groupdict()
        who = groups["student_id"] or ""
        return _Owner(who, "", groups.get("file_id") or name, who, groups.get("timestamp"))
    parts = name.split("/")
    for k in range(len(parts)):
        if match := MOODLE.match("/".join(parts[k:])):
            return _Owner(match["name"], match["number"], match["file"])
    if match := CANVAS.match(parts[-1]):
        return _Owner(match["name"], match["number"], match["file"])
    folders = [part for part in parts[:-1] if part not in (lesson, "submitted")]
    if folders:
        return _Owner(folders[-1].removesuffix(".zip"), "", parts[-1])
    return None


def _student(owner: _Owner, listed: dict[str, str]) -> str:
    """The id under which the student is kept; "" for nobody on the list."""
    if owner.student_id and not listed:
        return _fit(owner.student_id)
    keys = [owner.number, owner.name, "".join(reversed(owner.name.split(", ", 1)))]
    for key in keys:
        if key and _key(key) in listed:
            return listed[_key(key)]
    return "" if listed else _fit(owner.name)


def _fit(text: str) -> str:
    """A name as a folder: letters, digits and a few signs."""
    text = unicodedata.normalize("NFC", text).strip()
    return re.sub(r"[^\w.@+-]+", "_", text).strip("._")[:100]


def _key(text: str) -> str:
    """What two spellings of a name have in common: letters and digits, in lower case, words in any order."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKD", text).casefold())
    return "".join(sorted(re.sub(r"[^a-z0-9]", "", word) or word for word in words if word != "participant"))


def _read_students(path: Path) -> dict[str, str]:
    """From names, addresses and numbers to student ids. Raises Trouble for a table without the columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [
                {(k or "").strip().lower(): (v or "").strip() for k, v in row.items()} for row in csv.DictReader(file)
            ]
    except (OSError, UnicodeDecodeError, csv.Error, AttributeError) as error:
        raise Trouble(f"{path} can not be read: {error}", "Save it as CSV in UTF-8.") from None
    column = next((name for name in ID_COLUMNS if rows and name in rows[0]), None)
    if column is None:
        raise Trouble(f"{path} has no column student_id.", "Its first line names the columns: student_id,name,email")
    listed: dict[str, str] = {}
    doubtful = set()
    for row in rows:
        student = _fit(row[column])
        first, last = (row.get(f"{which}_name") or row.get(f"{which} name") or "" for which in ("first", "last"))
        full = f"{first} {last}"
        keys = {_key(row[name]) for name in KEY_COLUMNS if row.get(name)} | {_key(full), _joined(full)}
        keys |= {_joined(row[name]) for name in ("name", "full name", "student") if row.get(name)}
        for key in keys - {""}:
            if student and listed.setdefault(key, student) != student:
                doubtful.add(key)
    return {key: student for key, student in listed.items() if key not in doubtful}


def _joined(name: str) -> str:
    """Canvas writes "Ada Lovelace" as "lovelaceada"."""
    words = name.replace(",", " ").split()
    return _key("".join([words[-1], *words[:-1]])) if len(words) > 1 else ""


def _compiled(pattern: str) -> re.Pattern:
    try:
        regexp = re.compile(pattern)
    except re.error as error:
        raise Trouble(f"--pattern is no regular expression: {error}", "Mend it.") from None
    if "student_id" not in regexp.groupindex:
        raise Trouble("--pattern names no student.", "It needs (?P<student_id>…), as nbgrader's named_regexp does.")
    return regexp


def _shown(name: str) -> str:
    told = "".join(c if c.isprintable() else "?" for c in name)
    return told if len(told) <= 90 else told[:40] + "…" + told[-45:]
