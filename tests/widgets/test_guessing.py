"""Guess the mistake: one name of four is right, by the numbers alone; it can be read where nothing can be clicked."""

import itertools
from html import unescape

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check.plain import same
from cnnlab.check.riddles import riddles
from cnnlab.settings import course
from cnnlab.widgets import guess_the_mistake

NUMPY_ALONE = [
    name for lesson in check.lessons() if "torch" not in course()["lessons"][lesson]["imports"] or lesson[:2] == "06"
    for name in check.names(lesson) if name != "build_alexnet"
]  # fmt: skip


@pytest.mark.parametrize("name", NUMPY_ALONE)
def test_of_the_names_one_alone_gives_the_numbers_that_are_shown(name):
    for riddle in itertools.islice(riddles(check.exercise(name)), 3):
        case, shown = riddle.verdict.failed.case.fresh(), riddle.verdict.failed.got
        assert len({m.name for m in riddle.options}) == 4
        assert "yours" not in riddle.verdict.failed.sentence.lower()
        if case.args and isinstance(shown, np.ndarray):
            fits = [m for m in riddle.options if same(m.function(*case.args, **case.kwargs), shown, 1e-6)]
            assert fits in ([], [riddle.mistake])  # none where they come in another kind of number


def test_a_wrong_guess_says_so_and_the_right_one_teaches():
    guesser = guess_the_mistake("conv2d")
    right = guesser.state.riddle.mistake
    wrong = next(name for name in guesser.state.names if name != right.name)
    guesser.controls["guess"].value = wrong
    assert f"Not “{wrong}”" in guesser.html()
    guesser.controls["guess"].value = right.name
    assert "Yes: " in guesser.html()
    assert right.says.split("'")[0][:30] in guesser.answer


def test_another_one_is_another_and_what_went_well_is_counted():
    guesser = guess_the_mistake("cross_correlate2d")
    seen = []
    for _ in range(3):
        seen.append(guesser.state.riddle.mistake.name)
        guesser.controls["guess"].value = seen[-1]
        guesser.controls["another"].click()
        assert guesser.controls["guess"].value is None
        assert "Yes" not in guesser.html()
    assert len(set(seen)) == 3
    assert (guesser.state.at_once, guesser.state.asked) == (3, 4)


def test_it_can_be_read_where_nothing_can_be_clicked():
    guesser = guess_the_mistake("cross_correlate2d")
    text, still = repr(guesser), unescape(str(guesser.still()))
    for name in guesser.state.names:
        assert name in text
        assert f"<li>{name}</li>" in still
    assert "image = " in text
    assert "<details><summary>Which one is it?</summary>" in still


def test_an_exercise_that_is_not_there_is_said():
    with pytest.raises(LookupError, match=r"did you mean check\.conv2d"):
        guess_the_mistake("conv2")
