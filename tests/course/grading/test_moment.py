"""When something was handed in: what platforms write, and what is no time."""

import pytest
from nbgrader.utils import parse_utc

from cnnlab.course.grading.moment import NoMoment, canonical, moment

HALF_PAST_ELEVEN = [
    "2026-11-10 13:30:00 +0200",
    "2026-11-10 13:30:00 +02:00",
    "2026-11-10 13:30+02",
    "2026-11-10T13:30:00.000+02:00",
    "2026-11-10T11:30:00Z",
    "20261110T113000Z",
    "2026-11-10 08:30:00 -0300",
    "2026-11-10 17:00:00 +0530",
    "2026-11-10 13:30 UTC+2",
    "2026-11-10 12:30:00 CET",
    "2026-11-10 12:30:00 Europe/Berlin",
    "2026-11-10 11:30:00.000000 UTC",
    "2026-11-10 11:30:00",
    "2026-11-10-11-30-00",
    "20261110113000",
    "10.11.2026 11:30",
    "Tue, 10 Nov 2026 13:30:00 +0200",
    "Nov 10, 2026 6:30 AM EST",
]


@pytest.mark.parametrize("text", HALF_PAST_ELEVEN)
def test_one_moment_in_many_ways(text):
    assert str(moment(text)) == "2026-11-10 11:30:00"
    assert parse_utc(canonical(text)) == moment(text)


@pytest.mark.parametrize("text", ["2026-11-10", "10.11.2026", "Nov 10, 2026", "20261110"])
def test_a_day_alone_does_where_no_time_of_day_is_needed(text):
    assert str(moment(text)) == "2026-11-10 00:00:00"
    with pytest.raises(NoMoment, match="does not say at what time of that day"):
        moment(text, needs_clock=True)


@pytest.mark.parametrize("text", [*HALF_PAST_ELEVEN, "2026-11-10 12:30 +0100", "10 November 2026 11:30"])
def test_a_time_of_day_that_is_said_is_known(text):
    assert moment(text, needs_clock=True) == moment(text)


NONE = {
    **dict.fromkeys(("", "now", "tomorrow", "2026-02-30 10:00", "2026-11-10 25:00", "x" * 9999), "is no time"),
    **dict.fromkeys(("13:30", "Monday", "2026-11", "10/11/2026 13:30"), "which day"),
    **dict.fromkeys(("1799323200", "7"), "a number and no date"),
    **dict.fromkeys(("2026-11-10 13:30:00 IST", "2026-11-10 13:30:00 XYZ"), "zone that is not known"),
    "2026-11-10 13:30:00 +9900": "zone that there is not",
    "0001-01-01 00:00 +0200": "no time that there is",
}


@pytest.mark.parametrize("text", NONE)
@pytest.mark.slow
def test_what_is_no_time_is_called_so_with_an_example(text):
    with pytest.raises(NoMoment, match=rf"{NONE[text]}.*2026-11-10 13:30:00 \+0100"):
        moment(text)
