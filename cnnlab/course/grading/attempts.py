"""Which of a learner's files is meant.

The latest by the time in its name, if a pattern finds one there; then the one with the lesson's name, the highest
number of handing in again, and the file's own time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from dateutil import parser

from cnnlab.course.grading.archive import Found
from cnnlab.course.grading.whose import Owner

AFTER_LESSON = re.compile(r"[-_ ]?\(?(\d{1,3})\)?(?:\.ipynb)?", re.IGNORECASE)
AT_END = re.compile(r"(?:[-_ ]|[-_ ]?\()(\d{1,3})\)?(?:\.ipynb)?\Z", re.IGNORECASE)
PARTS = re.compile(r"(\d{4})\D?(\d\d?)\D?(\d\d?)(?:\D{0,2}(\d\d?)\D?(\d\d?)(?:\D?(\d\d?))?)?(?:\.\d+)?(?:Z| ?UTC)?")


def moment(timestamp: str | None) -> float | None:
    """A pattern's timestamp as POSIX time, in UTC where it names no zone; None where it is no time."""
    text = (timestamp or "").strip()
    try:
        if text.isdigit() and len(text) in (10, 13):  # seconds or milliseconds since 1970
            return int(text) / 10 ** (len(text) - 10)
        if match := PARTS.fullmatch(text):
            found = datetime(*(int(part or 0) for part in match.groups()), tzinfo=UTC)
        elif re.search(r"\d{4}", text):
            found = parser.parse(text)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        else:
            return None
        return found.timestamp() if 1980 <= found.year < 2200 else None
    except (ValueError, OverflowError, OSError):
        return None


def ranked(files: Sequence[tuple[Found, Owner]], lesson: str) -> list[list[tuple[Found, Owner]]]:
    """The files of one learner, the one that counts first; those that nothing tells apart stand together."""
    bases = {_numbered(owner.file, lesson)[0] for _, owner in files}

    def rank(pair: tuple[Found, Owner]) -> tuple:
        file, owner = pair
        base, number = _numbered(owner.file, lesson)
        said = moment(owner.timestamp)
        named = lesson in owner.file
        comparable = base == lesson or len(bases) == 1
        return float("-inf") if said is None else said, named, number if comparable else 0, file.time

    groups: dict[tuple, list[tuple[Found, Owner]]] = {}
    for pair in sorted(files, key=rank, reverse=True):
        groups.setdefault(rank(pair), []).append(pair)
    return list(groups.values())


def _numbered(name: str, lesson: str) -> tuple[str, int]:
    """("01_convolution", 2) for "01_convolution-2.ipynb", as browsers and Canvas number what is handed in again.

    The number is what follows the name; digits inside the name are the name's.
    """
    file = name.rsplit("/", 1)[-1]
    if lesson in file:
        match = AFTER_LESSON.fullmatch(file, file.index(lesson) + len(lesson))
        return (lesson, int(match[1])) if match else (_stem(file), 0)
    match = AT_END.search(file)
    return (file[: match.start()], int(match[1])) if match else (_stem(file), 0)


def _stem(file: str) -> str:
    return re.sub(r"\.ipynb\Z", "", file, flags=re.IGNORECASE)
