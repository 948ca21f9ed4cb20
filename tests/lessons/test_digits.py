"""F7: the network of lesson 05, made of the lesson's own layers, learns real digits."""

import pytest

from bench.digits import train

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [0, 1])
def test_it_reads_at_least_95_percent_in_under_30_seconds(seed):
    test, kept, learned, seconds = train(seed)
    assert test >= 0.95
    assert kept >= 0.95
    assert learned > test - 0.02
    assert seconds < 30
