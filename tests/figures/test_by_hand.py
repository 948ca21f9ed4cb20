"""Lesson 04's figures compute what they show, and stay calm whatever the learner's functions do."""

import numpy as np
import pytest

from cnnlab import check, figures
from cnnlab.data.worked_example import own_example, params_of, printed_example
from tests.figures.test_figures import MISBEHAVING, words

ORACLE = {e.name: e.oracle for e in check.exercises("04")}
forward, softmax, loss, detective = (ORACLE[n] for n in ("forward", "softmax", "cross_entropy", "find_the_slip"))
OWN, CLASSES = own_example(), ["nobody", "a person"]
FRAMES, LABELS = np.stack([OWN["image"], np.zeros((5, 5))]), np.array([1, 0])


def test_a_walk_shows_every_step_of_the_example():
    alt = figures.show_walk(OWN).alt
    assert "maps: 1 −1 −1 3; −2 −1 1 2; 1 4 2 1; −1 1 −2 1." in alt
    assert "pooled: 1 3; 4 2." in alt
    assert "p: 0.2497; 0.7503." in alt
    assert "the kernel's bias is 1" in words(figures.show_walk(OWN))


def test_a_walk_takes_the_examples_stride_and_goes_as_far_as_asked():
    alt = figures.show_walk(printed_example(), last="pooled").alt
    assert "maps: 0 0 0; 0 0 0; 0 0 0." in alt
    assert "pooled: 0 0; 0 0." in alt
    assert "logits" not in alt


def test_the_way_back_has_four_digits():
    assert "dweight: 0.2497 0.7492 0.9990 0.4995; −0.2497" in figures.show_way_back(OWN).alt


def test_verdicts_are_the_learners_probabilities():
    picture = figures.show_verdicts(FRAMES, LABELS, (forward, softmax, loss), params_of(OWN), CLASSES)
    assert "Frame 0, a person: nobody 25%, a person 75%." in picture.alt
    assert "Frame 1, nobody: nobody 43%, a person 57%." in picture.alt
    assert "mean loss, by your cross_entropy: 0.5708." in picture.alt
    turned = (lambda params, x: -forward(params, x), softmax, loss)
    other = figures.show_verdicts(FRAMES, LABELS, turned, params_of(OWN), CLASSES)
    assert "nobody 75%, a person 25%" in other.alt


def test_the_case_file_lists_the_slips_in_order_and_leaves_the_example_alone():
    printed = printed_example()
    assert "in this order: maps, relu, dweight, dfeatures." in figures.show_case_file(detective, printed).alt
    assert printed["steps"]["maps"].shape == (2, 2)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda e: ("maps", np.zeros((3, 3))), "finds “maps” again"),
        (lambda e: ("nonsense", 1), "which is no step of this example"),
        (lambda e: ("maps", "three"), "gives no numbers"),
        (lambda e: ("maps", np.zeros((40, 40))), "the shape (40, 40)"),
        (lambda e: "maps", "no pair of a step's name and a value"),
    ],
)
def test_the_case_file_stays_calm_with_an_odd_detective(wrong, says):
    assert says in figures.show_case_file(wrong, printed_example()).alt


def test_the_loss_curve_marks_its_points():
    assert "undecided: p = 0.5, loss 0.69." in figures.show_loss_curve({"undecided": 0.5}).alt


def test_softmax_is_drawn_as_it_answers():
    assert "A: 0.10, 0.20 becomes 0.4750, 0.5250." in figures.show_softmax(softmax, {"A": [0.1, 0.2]}).alt
    assert "NaN or infinity" in figures.show_softmax(lambda z: z / 0.0 * 0, {"A": [1.0, 2.0]}).alt


@pytest.mark.parametrize("kind", MISBEHAVING)
@pytest.mark.slow
def test_they_stay_calm_whatever_the_function_does(kind):
    function, says = MISBEHAVING[kind]
    params = params_of(OWN)
    assert says in figures.show_verdicts(FRAMES, LABELS, (function, softmax, loss), params, CLASSES).alt
    assert says in figures.show_verdicts(FRAMES, LABELS, (forward, function, loss), params, CLASSES).alt
    assert says in figures.show_softmax(function, {"A": [0.1, 0.2]}).alt
    without = figures.show_verdicts(FRAMES, LABELS, (forward, softmax, function), params, CLASSES).alt
    assert "Frame 1, nobody" in without
    assert "mean loss" not in without
    assert figures.show_case_file(function, printed_example()).png()
