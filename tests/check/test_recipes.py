"""Other steps in a recipe are found, one or two of them, and nothing is said of numbers that are right."""

import numpy as np
import pytest

from cnnlab import check
from cnnlab.built.lesson_02 import conv2d
from cnnlab.built.lesson_03 import max_pool2d, relu
from cnnlab.check.subject import NotebookSubject


def told(name, part, function):
    exercise = check.exercise(name)
    return exercise.run(exercise.part(part), NotebookSubject(function, seconds=None)).failure.diagnosis


def losses(logits, labels, p=lambda p: p):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return -np.log(p((raised / raised.sum(axis=1, keepdims=True))[np.arange(len(labels)), labels]))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda z, y: float(np.median(losses(z, y))), "the median is taken, not the mean."),
        (lambda z, y: np.float64(losses(z, y, lambda p: p + 1e-7).mean()), "1e-7 is added to p."),
        (lambda z, y: losses(z, y, lambda p: p + 1e-6)[-1], "1e-6 is added to p, and the last one counts"),
    ],
)
def test_another_step_is_told_or_two(function, words):
    assert words in told("cross_entropy", "values", function).clues[0]


def test_nothing_is_told_of_right_numbers_in_another_dress():
    found = told("softmax", "values", lambda z: (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)).tolist())
    assert found.named[0].name == "a list comes back, for an array"
    assert not any("what comes out" in clue for clue in found.clues)


def test_a_list_hides_no_known_mistake_where_the_mistake_alone_fails():
    right = check.exercise("transposed_conv2d").oracle

    def turned(x, weight, stride=1, padding=0):
        return right(x, weight[:, :, ::-1, ::-1], stride, padding).tolist()

    assert told("transposed_conv2d", "stamps", turned).named[0].name == "the kernel is turned by 180°"


def test_a_shape_that_is_right_by_accident_of_one_case_is_not_told_as_a_piece_of_the_right_one():
    right = check.exercise("overlap_count").oracle
    found = told("overlap_count", "overlaps", lambda kernel, stride, size: np.unique(right(kernel, stride, size)))
    assert not any("every second number" in clue for clue in found.clues)


@pytest.mark.slow
def test_what_a_list_lacks_is_told_though_the_first_list_is_empty():
    right = check.exercise("gradient_norms").oracle
    found = told("gradient_norms", "values", lambda model, x, labels: right(model, x, labels)[1:])
    assert any("missing at the start" in clue for clue in found.clues)


@pytest.mark.slow
def test_a_map_as_large_as_the_picture_is_called_that():
    torch = pytest.importorskip("torch")
    right = check.exercise("occlusion_map").oracle

    def enlarged(model, x, *more, **given):
        found = right(model, x, *more, **given)
        return torch.nn.functional.interpolate(found[None, None], x.shape[2:])[0, 0]

    assert "As large as `x`." in told("occlusion_map", "values", enlarged).clues


def test_a_result_of_an_earlier_call_is_known():
    kept = {}

    def linear(x, weight, bias):
        return kept.setdefault((x.shape, weight.shape), x @ weight.T + bias).copy()

    assert "the numbers of an earlier call" in told("linear", "values", linear).clues[0]


def test_a_list_that_grows_from_call_to_call_is_known():
    right, kept = check.exercise("trace").oracle, []

    def trace(layers, input_shape):
        kept.extend(right(layers, input_shape))
        return list(kept)

    assert "the numbers of an earlier call" in told("trace", "feature maps", trace).clues[0]


def test_errors_alone_are_no_known_mistake_and_a_given_functions_refusal_is_no_raise_of_the_learners():
    def forward(params, x, pooled=1, stride=1):
        maps = conv2d(max_pool2d(x, pooled), params["conv_weight"], params["conv_bias"], stride)
        features = max_pool2d(relu(maps), 2).reshape(len(x), -1)
        return features @ params["fc_weight"].T + params["fc_bias"]

    strided = told("forward", "one filter", lambda params, x: forward(params, x, stride=2)).named[0].name
    pooled = told("forward", "one filter", lambda params, x: forward(params, x, pooled=2)).named[0].name
    assert strided == pooled == "nothing is left of the picture"


def test_a_name_beside_a_list_is_no_text_for_a_number_and_a_result_of_none_is_no_missing_return():
    def listed(example):
        name, value = check.exercise("find_the_slip").oracle(example)
        return name, np.asarray(value).tolist()

    found = told("find_the_slip", "numbers", listed)
    assert found.named[0].name == "a list comes back, for an array"
    assert not any("passed over" in clue for clue in found.clues)
    found = told("conv2d_backward", "input", lambda dout, x, weight: (None, x, dout.sum(axis=(0, 2, 3))))
    assert found.named[0].name == "None in the place of a result"


def test_an_error_about_other_sizes_is_another_mistake():
    def forward(params, x):
        return np.ones((1, 5)) @ np.ones((7, 2))

    assert told("forward", "one filter", forward).named[0].name == "the two sides of a matrix product do not fit"


def test_a_slip_that_is_passed_over_is_no_missing_return():
    right = check.exercise("find_the_slip").oracle

    def find_the_slip(example):
        return None if right(example)[0] == "p" else right(example)

    found = told("find_the_slip", "numbers", find_the_slip)
    assert not found.named
    assert 'The slip in "p" is passed over' in found.clues[0]
