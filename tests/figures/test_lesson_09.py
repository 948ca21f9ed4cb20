"""Lesson 09's pictures: what they say, and that they stay calm."""

import numpy as np
import pytest

pytest.importorskip("torch")

from cnnlab.built import lesson_09
from cnnlab.figures import show_by_class, show_colour_mistakes, show_moved, show_schedule

PHOTO = np.random.default_rng(0).integers(0, 256, (3, 32, 32)).astype(np.uint8)


def unwritten(*args):
    raise NotImplementedError


def test_a_picture_is_moved_by_the_learners_function():
    assert "8 versions of it" not in show_moved(unwritten, PHOTO).alt
    assert "then 8 versions, 8 of them different" in show_moved(lesson_09.random_crop_flip, PHOTO).alt
    assert "1 of them different" in show_moved(lambda x, generator: x, PHOTO).alt


@pytest.mark.parametrize("function", [unwritten, lambda *a: None, lambda *a: "x", lambda *a: np.zeros(3), lambda: 1, 7])
@pytest.mark.slow
def test_what_is_no_answer_gives_a_calm_picture(function):
    for picture in (show_moved(function, PHOTO), show_schedule(function)):
        assert picture.png()
    assert "nothing yet" in show_moved(function, PHOTO).alt
    assert "empty axes" in show_schedule(function).alt


def test_the_schedule_says_where_it_is_highest():
    alt = show_schedule(lesson_09.one_cycle, 101, 0.5).alt
    assert "with warmup 0.3 it is highest, 0.5000, at step 30" in alt


def test_shares_by_class_say_which_class_has_none():
    picture = show_by_class([0.5, float("nan"), 1.0], ["cat", "dog", "ship"])
    assert picture.alt == "Right, class by class: cat 50%, dog none here, ship 100%."
    assert show_by_class([float("nan")], ["cat"]).png()


def test_the_surest_mistakes_come_first():
    logits = np.array([[5.0, 0], [0, 1], [0, 9]])
    alt = show_colour_mistakes(np.stack([PHOTO] * 3), np.array([1, 1, 0]), logits, ("cat", "dog")).alt
    assert "2 of 3 pictures are wrong" in alt
    assert "cat taken for dog; dog taken for cat" in alt


def test_no_mistakes_are_a_picture_too():
    assert show_colour_mistakes(PHOTO[None], np.array([0]), np.array([[1.0, 0]]), ("cat", "dog")).png()
