"""What the numbers say, for mistakes that no table knows."""

import ast
import dataclasses

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check.cases import Case, Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.reading import formulas, rules
from cnnlab.check.reading.classes import wrong_wherever
from cnnlab.check.reading.shapes import shape_clue, sides_clue
from cnnlab.check.subject import NotebookSubject

RNG = np.random.default_rng(3)
A, B = RNG.integers(-9, 10, (3, 4)) + 0.25, RNG.integers(-9, 10, (2, 3)) + 0.5
PAIRS = [(A, A), (B, B)]
CONV = check.exercise("conv2d")


def changed(change):
    return [(e, change(e)) for e, _ in PAIRS]


def said(exercise, function, part=0):
    """The clues about a function, joined; names of known mistakes are switched off."""
    bare = dataclasses.replace(exercise, wrong=())
    failure = bare.run(bare.parts[part], NotebookSubject(function)).failure
    return failure.where()


@pytest.mark.parametrize(
    ("rule", "change", "words"),
    [
        (lambda p: rules.one_factor(p, [{}] * 2), lambda e: 2 * e, "twice what it should be, the same in every"),
        (lambda p: rules.one_factor(p, [{}] * 2), lambda e: -e, "up to the sign"),
        (lambda p: rules.one_factor(p, [{"n": 12}, {"n": 6}]), lambda e: e / e.size, "that is 1 / n"),
        (lambda p: rules.offset(p, [{}] * 2), lambda e: e + 1, "too large by 1, everywhere"),
        (lambda p: rules.offset(p, [{"the bias": 12}, {"the bias": 6}]), lambda e: e - e.size, "too small by the bias"),
        (lambda p: rules.rearranged(p, ("row", "column")), lambda e: e[::-1], "the rows in reverse order"),
        (lambda p: rules.rearranged(p, ("row", "column")), lambda e: np.roll(e, 1, 1), "one column too late, round"),
        (lambda p: rules.rearranged(p, ("row", "column")), lambda e: e[::-1, ::-1], "turned by 180°"),
        (rules.elementwise, np.abs, "without the sign"),
        (rules.elementwise, lambda e: np.maximum(e, 0), "cut at 0"),
        (rules.elementwise, np.trunc, "without the fractions"),
        (rules.elementwise, lambda e: e.astype(np.int64).astype(np.uint8).astype(float), "modulo 256"),
        (rules.elementwise, lambda e: 2 * e + 1, ""),
        (rules.elementwise, np.exp, "exp of"),
        (rules.precision, lambda e: e * 1.5, ""),
        (rules.precision, lambda e: e * (1 + 1e-4), "nearly right, everywhere"),
        (lambda p: rules.same_along(p, ("row", "column")), lambda e: e[:1] + 0 * e, "the numbers of the first row"),
        (lambda p: rules.same_along(p, ("row", "column")), lambda e: e.mean(1, keepdims=True) + 0 * e, "mean over all"),
        (lambda p: rules.whole_step(p, ("row", "column")), lambda e: np.cumsum(e, 0), "added up along the rows"),
        (lambda p: rules.whole_step(p, ("row", "column")), lambda e: e / e.sum(), "divided by its own sum"),
        (rules.constant, lambda e: np.full(e.shape, 7.0), "7 everywhere"),
        (
            lambda p: rules.factor_by_axis(p, ("row", "column")),
            lambda e: e * np.arange(1, len(e) + 1)[:, None],
            "each row",
        ),
        (
            lambda p: rules.offset_by_axis(p, ("row", "column")),
            lambda e: e + np.arange(1, len(e) + 1)[:, None],
            "each row",
        ),
    ],
)
def test_a_rule_says_what_was_done_to_the_right_numbers(rule, change, words):
    told = rule(changed(change))
    assert words in told
    assert bool(told) == bool(words)


def test_float16s_numbers_are_recognised():
    thirds = A / 3
    assert "float16" in rules.precision([(thirds, thirds.astype(np.float16))])


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (A[:-1], "1 row missing at the end"),
        (A[1:], "1 row missing at the start"),
        (np.pad(A, 1), "1 row and 1 column too many on each side"),
        (A.T, "transpose(1, 0)"),
        (A.ravel(), "reshape"),
        (A.sum(axis=1), "summed over the columns"),
        (A[None], "axes of length 1 too many"),
        (A[::2, ::2], "every second number"),
        (A[:0], "empty"),
    ],
)
def test_a_wrong_shape_is_told_by_what_is_right_of_it(got, words):
    assert words in shape_clue(A, got, ("row", "column"))


def test_sides_alone_say_which_axis_is_wrong():
    said = sides_clue(np.zeros((2, 3, 5, 4)), np.zeros((2, 3, 4, 4)), ("image", "filter", "row", "column"))
    assert said == "4 rows, where 5 are right; as many images and filters and columns as there should be."


def right(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return CONV.oracle(x, weight, bias, stride, padding, dilation)


@pytest.mark.parametrize(
    ("wrong", "part", "words"),
    [
        (lambda x, w, b=None, **k: right(x, w.swapaxes(2, 3)[:, :, ::1], b, **k), 0, ""),
        (lambda x, w, b=None, **k: right(x[::-1], w, b, **k), 0, "the images of `x` are in reverse order"),
        (lambda x, w, b=None, **k: right(np.maximum(x, 0), w, b, **k), 0, "`x` is cut at 0"),
        (lambda x, w, b=None, **k: right(x, abs(w), b, **k), 0, "`weight` is taken without its sign"),
        (lambda x, w, b=None, **k: right(x, w, None if b is None else b[::-1], **k), 0, "of the bias are in reverse"),
        (lambda x, w, b=None, **k: 3 * right(x, w, b, **k), 0, "3 times"),
        (lambda x, w, b=None, stride=1, **k: right(x, w, b, np.add(stride, 1), **k), 1, "the stride is one too large"),
        (lambda x, w, b=None, padding=0, **k: right(x, w, b, padding=2 * np.asarray(padding), **k), 0, "counts twice"),
    ],
)
def test_other_arguments_are_found_out(wrong, part, words):
    assert words in said(CONV, wrong, part)


def test_the_first_line_in_another_order_is_found_out():
    def conv(x, weight, bias=None, padding=0, stride=1, dilation=1):
        return right(x, weight, bias, stride, padding, dilation)

    words = "`stride` and `padding` stand in each other's place in the function's first line"
    assert words in said(CONV, conv, 3)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (lambda n, k, p, s: (n + p - k) // s + 1, "`2 ·` is left out"),
        (lambda n, k, p, s: (n + 2 * p - k) // s, "`+ 1` is left out"),
        (lambda n, k, p, s: (n + 2 * p + k) // s + 1, "`n + 2·p + k` stands where `n + 2·p − k` belongs"),
        (lambda n, k, p, s: n + 2 * p - k // s + 1, "stands where"),
        (lambda n, k, p, s: (n + p - k) // s, "left out, and"),
        (lambda n, k, p, s: n * n, ""),
    ],
)
def test_a_slip_in_a_formula_is_found(formula, words):
    cases = [{"n": n, "k": k, "p": p, "s": s} for n, k, p, s in
             ((9, 3, 1, 2), (12, 5, 2, 3), (20, 4, 3, 1), (31, 7, 0, 2), (17, 2, 1, 4), (40, 9, 2, 5))]  # fmt: skip
    told = formulas.slip("(n + 2 * p - k) // s + 1", [(case, formula(**case)) for case in cases], [])
    assert words in told
    assert bool(told) == bool(words)


def test_a_factor_that_is_rounded_keeps_its_bracket():
    read = [
        formulas.written(ast.parse(one, mode="eval").body) for one in ("d * ((k - 1) // 2)", "(k // 2) * d", "k // 2")
    ]
    assert read == ["d·((k − 1) // 2)", "(k // 2)·d", "k // 2"]


def tried(*args, wrong, **kwargs):
    return args, kwargs, wrong


TWICE = Exercise(
    name="twice",
    lesson="01_convolution",
    oracle=lambda x, times=2: x * times,
    parts=[
        Part(
            "all",
            1,
            lambda rng: [
                Case((np.array([1, 2]),)),
                Case((np.array([[1, 2], [3, 4]]),), note="two axes"),
                Case((np.array([0.5, 2.0]),), note="fractions"),
                Case((np.array([3, 5]), 3)),
                Case((np.array([3, 7]),), {"times": 4}, note="by name"),
                Case((np.array([200, 7], np.uint8),), note="bytes"),
                Case((np.array([[1.5, 2.0]]), 1)),
            ],
            tests="arrays",
        )
    ],
)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda x, times=2: x * times + (x.dtype == np.uint8), "wrong in 1 only: bytes"),
        (lambda x, times=2: x * times + (x.dtype.kind == "f"), "`x` holds fractions"),
        (lambda x, times=2: x * times * (1 + 7 * (times == 4)), "wrong in 1 only: by name"),
        (lambda x, times=2: x * times + x * x * (x.ndim == 2), "`x` has two axes"),
        (lambda x, times=2: None if times == 3 else x * times, "`times` is 3"),
    ],
)
def test_what_the_failing_cases_have_in_common_is_told(wrong, words):
    assert words in said(TWICE, wrong)


def test_where_nothing_tells_the_failing_cases_apart_nothing_is_said():
    bench = [TWICE.run(TWICE.parts[0], NotebookSubject(lambda x, times=2: x * 0 + 7.5)).failure]
    assert bench[0] is not None
    assert wrong_wherever([], []) == ""
