"""The gradient check says where the fault is: for faults that are in no catalogue, too."""

import dataclasses

import numpy as np
import pytest

from cnnlab.check.exercise import Attempt, Case
from cnnlab.check.lesson_05 import EXERCISES
from cnnlab.check.lesson_05.convolution import conv2d_backward
from cnnlab.check.locate import Locator, Setting
from cnnlab.check.report import failure_text, picture
from cnnlab.check.rules import relative_error
from cnnlab.check.subject import NotebookSubject
from tests.check import gradient_faults, right

FAULTS = gradient_faults.faults()


@pytest.mark.slow
def test_the_page_of_faults_is_up_to_date():
    assert gradient_faults.PAGE.read_text(encoding="utf-8") == gradient_faults.page(), (
        "run python -m tests.check.gradient_faults"
    )


def test_it_shows_at_least_twenty_faults_outside_the_catalogue():
    assert sum(not catalogued for catalogued, _, _ in FAULTS.values()) >= 20


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_located(fault):
    assert gradient_faults.row(fault).says


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("dx: the last column stays 0", "right except in the last column. There yours is 0"),
        ("dx: the border rows and columns are twice too large", "at the border. There yours is twice"),
        ("dx: counted once more where patches overlap", "where patches overlap"),
        ("dx: something in the rows that no patch reaches", "which no patch reaches. There it should be 0"),
        ("dx: the gaps of the stride are filled with the neighbour's gradient", "where no patch lies"),
        ("dweight: right up to a factor, the batch size", "twice what it should be, that is the batch size"),
        ("dx: channels last", "transpose(0, 3, 1, 2)"),
        ("dx made with the kernel as it is", "turned by 180°"),
        ("the padding is not cropped", "1 row and 1 column too many on each side"),
        ("all three: the opposite sign, and twice", "−2 times"),
        ("dx is divided by N", "1 / the batch size"),
    ],
)
def test_the_place_the_factor_and_the_shape_are_told(fault, words):
    assert words in gradient_faults.row(fault).says


def test_the_gradients_that_are_right_are_named_too():
    assert "dweight and dbias are right in every case" in gradient_faults.row("the padding is not cropped").says


def test_the_sentence_stands_in_the_message_with_and_without_a_known_mistake():
    for name in ("dx is 0 near the border", "dx: the last column stays 0"):
        function = next((m.function for m in conv2d_backward.mistakes if m.name == name), None)
        function = function or gradient_faults.UNSEEN[name][1]
        verdict = conv2d_backward.run(conv2d_backward.part("input"), NotebookSubject(function))
        text = failure_text(verdict, [])
        assert "What the numbers say:\n  dx: right except" in text
        assert ("Looks like" in text) == (verdict.failure.mistake is not None)


def test_a_failed_gradient_is_drawn_with_its_relative_error():
    function = gradient_faults.UNSEEN["dx: the last column stays 0"][1]
    html = picture(conv2d_backward.run(conv2d_backward.part("input"), NotebookSubject(function)))
    assert html.count("<table") == 6  # dout, x, weight, expected, yours
    assert "relative error" in html


def test_a_single_gradient_can_be_tried_before_the_others_are_written():
    verdict = conv2d_backward.run(
        conv2d_backward.part("bias"), NotebookSubject(lambda dout, x, weight: (None, None, dout.sum(axis=(0, 2, 3))))
    )
    assert verdict.passed


def test_a_known_mistake_is_named_before_the_other_gradients_are_written():
    function = NotebookSubject(lambda dout, x, weight: [None, None, dout.sum(axis=0)])
    failure = conv2d_backward.run(conv2d_backward.part("bias"), function).failure
    assert failure.mistake.name == "dbias summed over the images only"


def test_relative_error_is_between_0_and_1_for_one_sign_and_knows_zeros_and_nan():
    found = relative_error(np.array([2.0, 0.0, 1.0, 4.0, 1.0]), np.array([1.0, 0.0, 0.0, 4.0, np.nan]))
    assert found.tolist() == [0.5, 0.0, 1.0, 0.0, 1.0]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_no_result_however_odd_stops_the_message(exercise):
    odd = [None, 0, "text", [], {}, np.zeros(0), np.array([1 + 1j]), np.array(["a"]), (1, 2, 3), [None] * 2, np.inf]
    odd += [(np.zeros((1, 1, 1, 1)), np.nan, None), {"a": [np.zeros(2)]}, np.zeros((1,) * 6), 10**400, True]
    for value in odd:
        for part in exercise.parts:
            case = part.cases(np.random.default_rng(0))[0]
            attempt = Attempt(case, exercise.expected(case), value)
            assert isinstance(exercise.locate([attempt, attempt]), str)


def test_a_locator_that_fails_costs_the_words_only():
    def broken(attempts):
        raise KeyError("no")

    exercise = dataclasses.replace(conv2d_backward, locate=broken)
    function = NotebookSubject(lambda dout, x, weight: (x, weight, dout.sum()))
    assert exercise.run(exercise.part("bias"), function).failure.where() == ""


def test_what_is_said_needs_no_catalogue():
    said = Locator(lambda case: Setting({"out": ("row", "column")}), single="out")
    e = np.arange(1.0, 13).reshape(3, 4)
    g = e.copy()
    g[1] = 0
    assert said([Attempt(Case(), e, g)]) == "out: right except in row 1. There yours is 0."
    assert said([Attempt(Case(), e, e.T[:3, :3])]) == ""  # nothing to be said of this


@pytest.mark.slow
@pytest.mark.parametrize("exercise", EXERCISES[:6], ids=lambda e: e.name)
def test_the_oracles_agree_with_autograd(exercise):
    torch = pytest.importorskip("torch")
    for part in exercise.parts:
        for case in part.cases(np.random.default_rng(7)):
            found = exercise.expected(case)
            theirs = autograd(torch, exercise.name, *case.args, **case.kwargs)
            for one, other in zip(
                found if isinstance(found, tuple) else [found],
                theirs if isinstance(theirs, tuple) else [theirs],
                strict=True,
            ):
                np.testing.assert_allclose(one, other.numpy(), rtol=1e-9, atol=1e-9)


def autograd(torch, name, *args, **kwargs):
    functional = torch.nn.functional
    t = [torch.tensor(np.ascontiguousarray(a), dtype=torch.float64) if isinstance(a, np.ndarray) else a for a in args]
    if name == "softmax_cross_entropy_backward":
        logits = t[0].requires_grad_()
        functional.cross_entropy(logits, t[1].long()).backward()
        return logits.grad
    dout, x, rest = t[0], t[1].requires_grad_(), t[2:]
    if name == "relu_backward":
        out = functional.relu(x)
    elif name == "linear_backward":
        weight, bias = rest[0].requires_grad_(), torch.zeros(len(rest[0]), dtype=torch.float64, requires_grad=True)
        functional.linear(x, weight, bias).backward(dout)
        return x.grad, weight.grad, bias.grad
    elif name == "conv2d_backward":
        weight, bias = rest[0].requires_grad_(), torch.zeros(len(rest[0]), dtype=torch.float64, requires_grad=True)
        functional.conv2d(x, weight, bias, *rest[1:], **kwargs).backward(dout)
        return x.grad, weight.grad, bias.grad
    else:
        pool = functional.max_pool2d if name.startswith("max") else functional.avg_pool2d
        out = pool(x, *rest, **kwargs)
    out.backward(dout)
    return x.grad


@pytest.mark.slow
def test_the_step_agrees_with_autograd():
    torch = pytest.importorskip("torch")
    exercise = next(e for e in EXERCISES if e.name == "train_step")
    for case in exercise.parts[0].cases(np.random.default_rng(7)):
        params, x, labels, lr = case.args
        p = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in params.items()}
        maps = torch.nn.functional.conv2d(torch.tensor(x, dtype=torch.float64), p["conv_weight"], p["conv_bias"])
        features = torch.nn.functional.max_pool2d(maps.relu(), 2).flatten(1)
        logits = torch.nn.functional.linear(features, p["fc_weight"], p["fc_bias"])
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(labels))
        loss.backward()
        before, new = exercise.expected(case)
        assert before == pytest.approx(loss.item(), rel=1e-9)
        for key in p:
            np.testing.assert_allclose(new[key], (p[key] - lr * p[key].grad).detach().numpy(), atol=1e-9)


def test_the_right_answers_have_nothing_said_of_them():
    for answer in right.answers(conv2d_backward):
        assert conv2d_backward.run(conv2d_backward.parts[-1], NotebookSubject(answer)).failure is None
