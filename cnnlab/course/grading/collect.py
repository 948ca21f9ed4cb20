"""Downloads from a learning platform into submitted/STUDENT/LESSON/LESSON.ipynb.

Whose a file is follows from its name, as Moodle, Canvas, Blackboard, Brightspace and nbgrader name them, or from a
regular expression like zip_collect's; a CSV of students turns names, e-mail addresses and the platform's numbers into
ids.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cnnlab.course.folder import Folder
from cnnlab.course.grading.archive import NO_NOTEBOOK, Found, Unreadable, opened
from cnnlab.course.grading.attempts import moment, ranked
from cnnlab.course.grading.batch import submissions
from cnnlab.course.grading.folder_names import shown
from cnnlab.course.grading.grader import read_line
from cnnlab.course.grading.records import instructors_folder
from cnnlab.course.grading.roster import Roster
from cnnlab.course.grading.whose import Layout, Owner, by_pattern, normal
from cnnlab.files import write_whole
from cnnlab.settings import Trouble


@dataclass
class Collected:
    """taken: (student, file); kept: (student, file, why the earlier one stays); refused: (file, why); missing: who
    is on the list of students and has handed in nothing, now or before."""

    taken: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """What a person reads: a line for each file, and a count."""
        told = [f"taken: {student} from {shown(name)}" for student, name in sorted(self.taken)]
        told += [f"kept: {student}: {shown(name)} {why}" for student, name, why in sorted(self.kept)]
        told += [f"not taken: {shown(name)} {why}" for name, why in sorted(self.refused)]
        if self.missing:
            told.append(f"nothing is there from: {', '.join(map(shown, self.missing))}")
        return [*told, f"{len(self.taken)} taken, {len(self.kept)} kept, {len(self.refused)} not taken"]


def collect(
    course: Folder, lesson: str, downloads: Path, students: Path | None = None, pattern: str | None = None
) -> Collected:
    """Put every notebook of the download in its place, and say of each file what became of it.

    downloads: a folder or a zip. students: a CSV, see `docs/grading.md`. pattern: a regular expression with the groups
    student_id and perhaps timestamp and file_id. A submission that is already there stays, unless the new one is later;
    the earlier one is then kept in .cnnlab/earlier/. Raises Trouble where one of the three can not be read.
    """
    roster = Roster(students)
    regexp = _compiled(pattern) if pattern else None
    collected = Collected()
    known = _Known(course, lesson, trusted=roster.given or pattern is not None)
    with opened(downloads) as found:
        claims = _claims(found, roster, regexp, lesson, course.toml["lessons"], downloads, collected)
        for student, files in claims.items():
            people = {(owner.name, owner.number) for _, owner in files}
            if len(people) > 1:
                remedy = "the list needs the platform's numbers" if roster.given else "name them apart with --students"
                why = f"could be one of {len(people)} people called {student}: {remedy}"
                collected.refused += [(file.name, why) for file, _ in files]
                continue
            if other := known.other(student, files[0][1]):
                why = f"is another {student}'s than what is there ({other}): name them apart with --students"
                collected.refused += [(file.name, why) for file, _ in files]
                continue
            _place(course, lesson, student, files, collected)
            known.note(student, files[0][1])
    handed_in = submissions(course.root, lesson)
    collected.missing = sorted(roster.students - set(handed_in))
    return collected


class _Known:
    """Who was whose in earlier downloads of the lesson: without a list, two people can have one name."""

    def __init__(self, course: Folder, lesson: str, trusted: bool):
        self.path = instructors_folder(course.root) / "collected" / f"{lesson}.json"
        self.trusted, self.people = trusted, {}
        with contextlib.suppress(OSError, ValueError):
            self.people = dict(json.loads(self.path.read_text(encoding="utf-8")))

    def other(self, student: str, owner: Owner) -> str:
        """Who else's the student's folder is, by name and number; "" where it is this owner's, or nobody's yet."""
        name, number = self.people.get(student, ("", ""))
        mine = number == owner.number if number and owner.number else name in ("", owner.name)
        return "" if mine or self.trusted else f"{shown(name, 40)}, {shown(number, 40)}".removesuffix(", ")

    def note(self, student: str, owner: Owner) -> None:
        """Note whose it is, on disk. Raises OSError."""
        if not self.trusted and student not in self.people:
            self.people[student] = owner.name, owner.number
            write_whole(self.path, json.dumps(self.people, ensure_ascii=False, indent=0))


def _claims(
    files: Sequence[Found],
    roster: Roster,
    regexp: re.Pattern | None,
    lesson: str,
    lessons: Iterable[str],
    downloads: Path,
    collected: Collected,
) -> dict[str, list[tuple[Found, Owner]]]:
    """The files of each student; what is nobody's, and who has sent nothing but other files, is told in `collected`."""
    notebooks = [file for file in files if file.refused != NO_NOTEBOOK]
    listed = roster.holds if roster.given else None
    layout = Layout([normal(file.name) for file in notebooks], lesson, listed, downloads)

    def whose(file: Found) -> tuple[str, Owner | None, str]:
        name = normal(file.name)
        return roster.student(by_pattern(name, regexp) if regexp else layout.owners(name))

    claims: dict[str, list[tuple[Found, Owner]]] = {}
    told = set()
    for file in notebooks:
        student, owner, why = whose(file)
        if file.refused or owner is None:
            why = file.refused or why
        elif other := _another_lesson(owner.file, lesson, lessons):
            why = f"is called after another lesson, {other}"
        else:
            claims.setdefault(student, []).append((file, owner))
            continue
        told.add(student)
        collected.refused.append((file.name, why))
    others = {whose(file)[0]: file.name for file in files if file.refused == NO_NOTEBOOK}
    collected.refused += [
        (name, NO_NOTEBOOK) for student, name in others.items() if student not in {"", *told, *claims}
    ]
    return claims


def _another_lesson(file: str, lesson: str, lessons: Iterable[str]) -> str | None:
    name = file.rsplit("/", 1)[-1]
    return next((other for other in lessons if other in name), None) if lesson not in name else None


def _place(course: Folder, lesson: str, student: str, files: list[tuple[Found, Owner]], collected: Collected) -> None:
    waiting = list(files)
    while waiting:
        best, *others = ranked(waiting, lesson)
        if len(best) > 1:
            collected.refused += [(file.name, "is one of several: which one is meant?") for file, _ in waiting]
            return
        ((file, owner),) = best
        try:
            data = file.read()
        except Unreadable as error:
            collected.refused.append((file.name, str(error)))
            waiting.remove((file, owner))
            continue
        collected.refused += [
            (other.name, f"gives way to {shown(file.name)}") for pairs in others for other, _ in pairs
        ]
        _put(course, lesson, student, file, owner, data, collected)
        return


def _put(
    course: Folder, lesson: str, student: str, file: Found, owner: Owner, data: bytes, collected: Collected
) -> None:
    path = course.root / "submitted" / student / lesson / f"{lesson}.ipynb"
    if any(part.is_symlink() for part in (path, path.parent, path.parent.parent, path.with_name("timestamp.txt"))):
        collected.refused.append((file.name, "would go where there is a link"))
        return
    said = moment(owner.timestamp)
    time = file.time if said is None else said
    if path.exists():
        before = path.read_bytes()
        if before == data:
            _tell_when(path, min(time, path.stat().st_mtime), owner)  # whoever was stopped half-way did not get so far
            collected.kept.append((student, file.name, "is there already"))
            return
        stamp = moment(read_line(path.with_name("timestamp.txt"))) if said is not None else None
        if (path.stat().st_mtime if stamp is None else stamp) >= time:
            collected.kept.append((student, file.name, "is not later than the one that is there"))
            return
        _keep(course, lesson, student, path, before)
    write_whole(path, data)
    _tell_when(path, time, owner)
    collected.taken.append((student, file.name))


def _tell_when(path: Path, time: float, owner: Owner) -> None:
    """When it was handed in, on the file and, where the platform's name says it, in the file beside it."""
    os.utime(path, (time, time))
    if owner.timestamp and not path.with_name("timestamp.txt").exists():
        write_whole(path.with_name("timestamp.txt"), owner.timestamp)


def _keep(course: Folder, lesson: str, student: str, path: Path, before: bytes) -> None:
    """What was handed in before, and when, goes to .cnnlab/earlier/: its time is not that of what follows it."""
    digest = hashlib.sha256(before).hexdigest()[:12]
    folder = instructors_folder(course.root) / "earlier" / lesson
    write_whole(folder / f"{student}-{digest}.ipynb", before)
    stamp = path.with_name("timestamp.txt")
    if stamp.is_file():
        write_whole(folder / f"{student}-{digest}.timestamp.txt", stamp.read_bytes())
        stamp.unlink()


def _compiled(pattern: str) -> re.Pattern:
    try:
        regexp = re.compile(pattern)
    except re.error as error:
        raise Trouble(f"--pattern is no regular expression: {error}", "Mend it.") from None
    if "student_id" not in regexp.groupindex:
        raise Trouble("--pattern names no student.", "It needs (?P<student_id>…), as nbgrader's named_regexp does.")
    return regexp
