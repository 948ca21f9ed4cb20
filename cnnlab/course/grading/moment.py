"""When something was handed in: a line of text as a moment, or the reason why it is none.

Platforms and exchanges write it in their own ways, and nbgrader's reader takes the zone "+0200" for 200 seconds. What
is read here is a whole date with a zone that is known; without one it is UTC, as nbgrader has it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil import parser

HOURS = {
    **{"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3},
    **{"MSK": 3, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9, "KST": 9},
}
ZONE = re.compile(r"\s*(?:(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?|([A-Za-z]+(?:/[A-Za-z_+\-0-9]+)+|[A-Z]{1,5}))\Z")
JOINED = re.compile(r"(\d{4}-\d{2}-\d{2})-(\d{2})-(\d{2})(?:-(\d{2}))?\Z")
EXAMPLE = "Write it as 2026-11-10 13:30:00 +0100."


class NoMoment(ValueError):
    """What is no time; its text says why."""


def moment(text: str, needs_clock: bool = False) -> datetime:
    """The moment in UTC, without a zone of its own; needs_clock: a day alone is none. Raises NoMoment."""
    text = text.strip()
    if joined := JOINED.match(text):  # as file names have it
        text = f"{joined[1]} {joined[2]}:{joined[3]}:{joined[4] or '00'}"
    rest, offset, place = _without_zone(text)
    if re.fullmatch(r"\d+", rest) and len(rest) not in (8, 12, 14):
        raise NoMoment(f"{_shown(text)} is a number and no date. {EXAMPLE}")
    found = _read(rest, text)
    if needs_clock and _read(rest, text, hour=12) != found:
        raise NoMoment(f"{_shown(text)} does not say at what time of that day. {EXAMPLE}")
    try:
        if place is not None:
            offset = found.replace(tzinfo=place).utcoffset()
        return found - (offset or timedelta())
    except OverflowError:
        raise NoMoment(f"{_shown(text)} is no time that there is. {EXAMPLE}") from None


def canonical(text: str) -> str:
    """The moment as nbgrader writes it: "2026-11-10 11:30:00.000000 UTC". Raises NoMoment."""
    found = moment(text)
    return f"{found.isoformat(sep=' ', timespec='microseconds')} UTC"


def _without_zone(text: str) -> tuple[str, timedelta | None, ZoneInfo | None]:
    match = ZONE.search(text)
    has_clock = re.search(r"\d:\d\d|T\d{4,6}|\d{12}", text[: match.start()]) if match else None
    if not match or (match[1] and not has_clock):
        return text, None, None
    rest = text[: match.start()].rstrip()
    if match[1]:
        ahead = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        if ahead > timedelta(hours=14) or int(match[3] or 0) > 59:
            raise NoMoment(f"{_shown(text)} has a zone that there is not. {EXAMPLE}")
        return rest, ahead if match[1] == "+" else -ahead, None
    name = match[4]
    if name in ("AM", "PM", "A", "P"):
        return text, None, None
    if name in HOURS:
        return rest, timedelta(hours=HOURS[name]), None
    try:
        return rest, None, ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise NoMoment(f"{_shown(text)} has a zone that is not known here ({name}). {EXAMPLE}") from None


def _read(rest: str, whole: str, hour: int = 0) -> datetime:
    """The date and time, at this hour where none is said; what leaves a part of the date open, or could be two dates,
    is none."""
    first_is_year = bool(re.match(r"\d{4}", rest))
    dotted = bool(re.search(r"\b\d{1,2}\.\d{1,2}\.\d{4}", rest))
    try:
        readings = [
            parser.parse(rest, default=default, dayfirst=first, ignoretz=True)
            for default in (datetime(1996, 1, 1, hour), datetime(2004, 3, 31, hour))
            for first in ({False} if first_is_year else {True} if dotted else {False, True})
        ]
    except (ValueError, OverflowError, TypeError, AttributeError):
        raise NoMoment(f"{_shown(whole)} is no time. {EXAMPLE}") from None
    if len({found.date() for found in readings}) > 1:
        raise NoMoment(f"{_shown(whole)} does not say which day it is. {EXAMPLE}")
    return readings[0].replace(tzinfo=None)


def _shown(text: str) -> str:
    short = text if len(text) <= 40 else text[:37] + "..."
    return repr("".join(c if c.isprintable() else "?" for c in short))
