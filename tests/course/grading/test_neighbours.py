"""Nothing that a submission does to what all share changes a neighbour's points or what it takes to grade them.

`bench/neighbours.py` measures it beside every attack of the kind; here are those that come nearest to it.
"""

import statistics
import sys

import pytest

from bench.neighbours import KIND, beside, small_release
from cnnlab.course.grading.sandbox import NoSandbox, require_bubblewrap
from tests.course.grading.hostile import MOST, load

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="a sandbox is made on Linux alone")]
NEAREST = ("threads that compute", "empty files without end", "the page cache emptied", "slots of asynchronous input")
MORE = 2.0  # times the processor's seconds alone: two on one core share its caches


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    try:
        require_bubblewrap()
    except NoSandbox as error:
        pytest.skip(str(error))
    return small_release(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def alone(release):
    return beside(release, None)


@pytest.mark.parametrize("name", NEAREST)
def test_eight_honest_neighbours_get_their_points_in_their_time(release, alone, name):
    attack = next(attack for attack in load() if (attack.kind, attack.name) == (KIND, name))
    found = beside(release, attack)
    assert found.points == alone.points == [MOST] * 8
    assert statistics.mean(found.seconds) < MORE * statistics.mean(alone.seconds) + 0.1
