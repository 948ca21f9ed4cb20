"""Whose an upload is, by the outermost name that the platform gave it.

A platform names one folder or file for each learner; everything below is the learner's own and says nothing about who
it is from. A learner can write into a platform's name in two places: the display name before the number, and the
file's name after it. Where that lets a name be read in several ways, all of them are returned, and none is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

MOODLE = re.compile(r"_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?=.)")
MOODLE_FOLDER = re.compile(
    r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?"
)  # greedy: the last one is Moodle's
CANVAS = re.compile(
    r"(?<!_LATE)(?<!_late)(?=_(?:LATE_|late_)?(?P<number>[1-9]\d*)_[1-9]\d*_(?P<file>.+))"
)  # an id begins with no zero, a lesson may
CANVAS_ANONYMOUS = re.compile(r"(?:LATE_)?(?P<name>anon_(?!LATE_)[^/_]+)_(?:LATE_)?\d+_(?P<file>.+)")
BLACKBOARD = re.compile(r"(?P<head>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})_(?P<file>.+)")
BRIGHTSPACE = re.compile(
    r"(?P<number>\d+)-\d+ ?- ?(?P<name>.+?) ?- ?(?P<day>[A-Z][a-z]{2,8} \d\d?, \d{4}) "
    r"(?P<hour>\d\d?):?(?P<minute>\d\d) ?(?P<half>[AP]M)(?: ?- ?(?P<file>.+))?"
)


@dataclass(frozen=True)
class Owner:
    """Whose a file is, as its name says it: a name, the platform's number, and the file's own name.

    student_id and timestamp are what a --pattern found.
    """

    name: str
    number: str
    file: str
    student_id: str | None = None
    timestamp: str | None = None


def normal(name: str) -> str:
    """A name inside a download: one spelling for accents and for separators."""
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def by_pattern(name: str, regexp: re.Pattern) -> list[Owner]:
    """The owner by a pattern like zip_collect's, of the path or of the file's name alone.

    What a zip inside the download contains has the zip's own name: what is in it was named by the learner.
    """
    upload = upload_of(name)
    match = regexp.match(upload) or regexp.match(upload.rsplit("/", 1)[-1])
    if not match:
        return []
    groups = match.groupdict()
    who = groups["student_id"] or ""
    file = name if upload != name else groups.get("file_id") or name
    return [Owner(who, "", file, who, groups.get("timestamp"))]


def upload_of(name: str) -> str:
    """The part of a path that lies in the download itself: up to the first zip file."""
    parts = name.split("/")
    for k, part in enumerate(parts[:-1]):
        if part.lower().endswith(".zip"):
            return "/".join(parts[: k + 1])
    return name


def moodle(part: str, below: str, folder: bool) -> list[Owner]:
    """ "Ada Lovelace_101_assignsubmission_file_", a folder, or with the file's name behind it."""
    if folder:
        match = MOODLE_FOLDER.fullmatch(part)
        return [Owner(match["name"], match["number"], below)] if match else []
    found = [match for match in MOODLE.finditer(part) if match.start()]
    return [Owner(part[: m.start()], m["number"], below or part[m.end() :].removeprefix("_")) for m in found]


def canvas(part: str, below: str, folder: bool) -> list[Owner]:
    """ "lovelaceada_101_2345_file.ipynb", with "LATE_" before the number, or an anonymous id for a name."""
    if folder:
        return []
    if match := CANVAS_ANONYMOUS.fullmatch(part):
        return [Owner(match["name"], "", below or match["file"])]
    found = [match for match in CANVAS.finditer(part) if match.start()]
    return [Owner(part[: m.start()], m["number"], below or m["file"]) for m in found]


def blackboard(part: str, below: str, folder: bool) -> list[Owner]:
    """ "Title_ada_attempt_2026-11-10-13-30-00_file.ipynb": who can say where a title ends that has a "_" in it?"""
    match = None if folder else BLACKBOARD.fullmatch(part)
    words = match["head"].split("_") if match else []
    names = ["_".join(words[k:]) for k in range(1, len(words)) if words[k]]
    return [Owner(name, "", below or match["file"], timestamp=match["time"]) for name in names] if match else []


def brightspace(part: str, below: str, folder: bool) -> list[Owner]:
    """ "101-2345 - Ada Lovelace - Nov 10, 2026 130 PM", a folder, or with " - file.ipynb" behind it."""
    match = BRIGHTSPACE.fullmatch(part)
    if not match or folder is bool(match["file"]):
        return []
    time = f"{match['day']} {match['hour']}:{match['minute']} {match['half']}"
    return [Owner(match["name"], match["number"], below or match["file"], timestamp=time)]


Platform = Callable[[str, str, bool], list[Owner]]
PLATFORMS: tuple[Platform, ...] = (moodle, canvas, blackboard, brightspace)


def readings(parts: Sequence[str], k: int, platforms: Sequence[Platform] = PLATFORMS) -> list[Owner]:
    """What part k of a path says as a platform's name: one owner, several that it could be, or none."""
    part, below = parts[k], "/".join(parts[k + 1 :])
    folder = bool(below) and not part.lower().endswith(".zip")
    return [owner for platform in platforms for owner in platform(part, below, folder)]


def platform_level(parts: Sequence[str], platforms: Sequence[Platform] = PLATFORMS) -> int | None:
    """Where in a path the outermost name of a platform stands; None without one."""
    return next((k for k in range(len(parts)) if readings(parts, k, platforms)), None)


def platforms_of(paths: Sequence[Sequence[str]]) -> list[Platform]:
    """Those whose names most of a download's uploads have: a learner names files as another platform would, and the
    uploads of all others are named as they are."""
    uploads = {one: len({parts[0] for parts in paths if platform_level(parts, [one]) is not None}) for one in PLATFORMS}
    return [one for one, count in uploads.items() if count == max(uploads.values())]


class Layout:
    """How a download is built, seen from all its names: by a platform, or as one folder for each learner."""

    def __init__(
        self, names: Iterable[str], lesson: str, listed: Callable[[str], bool] | None, downloads: Path | None = None
    ):
        """listed: whether a name is on the list of students. downloads: a zip's own name is often that of a folder
        around all that it holds."""
        names = list(names)
        self.lesson, self.listed = lesson, listed or (lambda name: False)
        self.platforms = platforms_of([name.split("/") for name in names])
        self.wrapper = downloads.stem if downloads and downloads.suffix.lower() == ".zip" else ""
        levels = [level for name in names if (level := self._level(parts := name.split("/"))) == 0 or len(parts) > 1]
        # A platform names every upload. Where one has no such name, what lies deeper in it was named by a learner.
        self.by_platform = 0 in levels or (bool(levels) and None not in levels)
        self.around = self._around(names)

    def owners(self, name: str) -> list[Owner]:
        """Whose a file can be: one reading, several, or none."""
        parts = name.split("/")
        level, folder = self._level(parts), self._folder(parts)
        known = folder is not None and self.listed(_without_zip(parts[folder]))
        if level == 0 or (level is not None and self.by_platform and not (known and folder < level)):
            found = readings(parts, level, self.platforms) or readings(parts, level)  # two downloads in one folder
            on_list = [owner for owner in found if not owner.number and self.listed(owner.name)]
            return on_list if len(on_list) == 1 else found
        if folder is None:
            return []
        if parts[folder] == self.around and not known:  # a learner's folder, or one around those of all learners?
            inner = parts[folder + 1] if len(parts) > folder + 2 else ""
            return [Owner(one, "", name) for one in (parts[folder], inner) if one]
        return [Owner(_without_zip(parts[folder]), "", "/".join(parts[folder + 1 :]))]

    def _level(self, parts: Sequence[str]) -> int | None:
        level = platform_level(parts, self.platforms)
        return platform_level(parts) if level is None else level

    def _around(self, names: list[str]) -> str:
        """The folder in which all lies, where it has several folders; "" where there is none."""
        within: dict[str, set[str]] = {}
        for parts in (name.split("/") for name in names):
            folder = self._folder(parts)
            first, *more = parts[folder:-1] if folder is not None else [""]
            within.setdefault(first, set()).update(more[:1])
        ((first, folders),) = within.items() if len(within) == 1 else (("", set()),)
        return first if len(folders) > 1 else ""

    def _folder(self, parts: Sequence[str]) -> int | None:
        """The outermost folder that can be a learner's; with a list, the outermost that is on it."""
        folders = [k for k, part in enumerate(parts[:-1]) if part not in (self.lesson, "submitted")]
        if len(folders) > 1 and parts[folders[0]] == self.wrapper:
            folders = folders[1:]
        on_list = (k for k in folders if self.listed(_without_zip(parts[k])))
        return next(on_list, folders[0] if folders else None)


def _without_zip(name: str) -> str:
    return name[:-4] if name.lower().endswith(".zip") else name
