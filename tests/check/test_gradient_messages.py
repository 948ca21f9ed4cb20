"""The gradient checks say where the fault is: for faults that are in no table of known mistakes, too."""

import dataclasses

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check import diagnose
from cnnlab.check.cases import Case
from cnnlab.check.exercise import Exercise, Part
from cnnlab.check.reading.rules import relative_error
from cnnlab.check.report import failure_text, picture
from cnnlab.check.subject import NotebookSubject
from tests.check import gradient_faults, right

pytestmark = pytest.mark.slow  # each fault is diagnosed

EXERCISES = check.exercises("05")
conv2d_backward = check.exercise("conv2d_backward")
FAULTS = gradient_faults.faults()
OUTSIDE = [fault for fault, (in_table, _, _) in FAULTS.items() if not in_table]


def message(fault):
    _, part, function = FAULTS[fault]
    return failure_text(conv2d_backward.run(conv2d_backward.part(part), NotebookSubject(function)), [])


def test_the_page_of_faults_is_up_to_date():
    assert gradient_faults.PAGE.read_text(encoding="utf-8") == gradient_faults.page(), (
        "run python -m tests.check.gradient_faults"
    )


def test_it_shows_at_least_thirty_faults_outside_the_table():
    assert len(OUTSIDE) >= 30


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_told_its_gradient_and_where_or_what(fault):
    row = gradient_faults.row(fault)
    if row.in_table:
        assert row.named == fault
        assert not any(line for line in row.says.splitlines() if "right in every case" not in line)  # said once
    elif not row.named:
        wrong = [line for line in row.says.splitlines() if "right in every case" not in line]
        gradient = fault.split(":")[0].removeprefix("all three")
        assert any(line.startswith(gradient) and len(line.split(": ", 1)[1]) > 10 for line in wrong)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("dx: the last column stays 0", "dx: right except in the last column. There yours is 0"),
        ("dx: the border rows and columns are twice too large", "at the border. There yours is twice"),
        ("dx: counted once more where patches overlap", "where patches overlap"),
        ("dx: something in the rows that no patch reaches", "which no patch reaches. There it should be 0"),
        ("dx: the gaps of the stride are filled with the neighbour's gradient", "where no patch lies"),
        ("dx: one row and column too many are cropped", "1 row and 1 column missing on each side"),
        ("dx: one row too low", "each one row too late"),
        ("dx: stride zeros between the values of dout, not stride − 1", "when the stride is one too large"),
        ("dx: every pixel's sum is made a mean over its patches", "right except where patches overlap"),
        ("dx: every second row has the wrong sign", "right except in row 1. There yours is the opposite"),
        ("dx: every image divided by its own number", "a factor of its own for each image: 1/2, 1/3"),
        ("dx: channels last", "transpose(0, 3, 1, 2)"),
        ("dweight: right up to a factor, the batch size", "twice what it should be, that is the batch size"),
        ("dweight: made with dout turned by 180°", "when `dout` is turned by 180°"),
        ("dweight: one axis for each image is left", "the sum of yours over axis 0 is right"),
        ("dbias: a weight decay is added", "dbias: too large by 1/100"),
        ("all three: the opposite sign, and twice", "dx, dweight and dbias: right up to a factor: yours is −2 times"),
    ],
)
def test_the_place_the_factor_the_shift_the_turn_and_the_axis_are_told(fault, words):
    assert words in " ".join(message(fault).split())


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("dx made with the kernel as it is", "turned by 180°"),
        ("the padding is not cropped", "cut ph rows and pw columns off each side"),
        ("dx is divided by N", "dx was divided by the batch size"),
    ],
)
def test_a_known_mistake_is_said_in_its_own_words(fault, words):
    text = " ".join(message(fault).split())
    assert "Looks like: " in text
    assert words in text


def test_the_gradients_that_are_right_are_named_too():
    assert "dweight and dbias are right in every case" in gradient_faults.row("the padding is not cropped").says


def test_each_gradient_has_its_own_mistake_named():
    def function(dout, x, weight, stride=1, padding=0):
        dx = gradient_faults.right(dout, x, weight[:, :, ::-1, ::-1], stride, padding)[0]
        _, dweight, dbias = gradient_faults.right(dout, x, weight, stride, padding)
        return dx, dweight[:, :, ::-1, ::-1], dbias

    failure = conv2d_backward.run(conv2d_backward.part("stride"), NotebookSubject(function)).failure
    found = {named.about: named.name for named in failure.diagnosis.named}
    assert found == {"dx": "dx made with the kernel as it is", "dweight": "dweight is turned by 180°"}


def failed(exercise, function):
    return [part.name for part in exercise.parts if exercise.fails(part, NotebookSubject(function))]


def test_a_slip_of_dtype_costs_one_part():
    def like_its_input(dout, x, weight, stride=1, padding=0):
        dx, dweight, dbias = gradient_faults.right(dout, x, weight, stride, padding)
        return dx.astype(x.dtype), dweight.astype(weight.dtype), dbias

    def raising(dout, x, weight, stride=1, padding=0):
        found = gradient_faults.right(dout, x, weight, stride, padding)
        for one, like in zip(found, (x, weight), strict=False):
            np.add(np.zeros_like(like), one, out=np.zeros_like(like))
        return found

    assert failed(conv2d_backward, like_its_input) == ["padding"]
    assert failed(conv2d_backward, raising) == ["padding"]


@pytest.mark.parametrize("name", ["max_pool2d_backward", "avg_pool2d_backward"])
def test_so_it_does_in_the_poolings(name):
    exercise = check.exercise(name)

    def like_x(dout, x, kernel, stride=None):
        return exercise.oracle(dout, x, kernel, stride).astype(x.dtype)

    assert failed(exercise, like_x) == ["stride"]


def test_so_it_does_in_a_dense_layer():
    exercise = check.exercise("linear_backward")

    def dx_like_x(dout, x, weight):
        found = exercise.oracle(dout, x, weight)
        np.add(np.zeros_like(x), found[0], out=np.zeros_like(x))
        return found

    def dweight_like_weight(dout, x, weight):
        found = exercise.oracle(dout, x, weight)
        np.add(np.zeros_like(weight), found[1], out=np.zeros_like(weight))
        return found

    assert failed(exercise, dx_like_x) == ["input"]
    assert failed(exercise, dweight_like_weight) == ["weight and bias"]


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


ODD = [None, 0, "text", [], {}, np.zeros(0), np.array([1 + 1j]), np.array(["a"]), (1, 2, 3), [None] * 2, np.inf]
ODD += [(np.zeros((1, 1, 1, 1)), np.nan, None), {"a": [np.zeros(2)]}, np.zeros((1,) * 6), 10**400, True]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_no_result_however_odd_stops_the_message(exercise, monkeypatch):
    monkeypatch.setattr(diagnose, "strict", True)
    for value in ODD:
        for part in exercise.parts:
            verdict = exercise.run(part, NotebookSubject(lambda *_, value=value, **__: value))
            assert failure_text(verdict, [])


def test_a_spot_that_fails_costs_the_words_only(monkeypatch):
    monkeypatch.setattr(diagnose, "strict", False)

    def broken(args):
        raise KeyError("no")

    exercise = dataclasses.replace(conv2d_backward, spots=broken, wrong=())
    function = NotebookSubject(lambda dout, x, weight: (x + 1, weight, dout.sum()))
    assert exercise.run(exercise.part("input"), function).failure.where() == ""


def test_what_is_said_needs_no_table():
    def first_row_0(x):
        return np.where(np.arange(3)[:, None] == 1, 0, x)

    part = Part("all", 1, lambda rng: [Case((np.arange(1.0, 13).reshape(3, 4),))], tests="")
    exercise = Exercise("same", "05_backprop", [part], oracle=lambda x: x, axes={"": "row column"})
    said = exercise.run(part, NotebookSubject(first_row_0)).failure.where()
    assert said == "Right except in row 1. There yours is 0."


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


def test_the_step_agrees_with_autograd():
    torch = pytest.importorskip("torch")
    exercise = check.exercise("train_step")
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


def test_parameters_changed_in_place_are_named_though_every_last_bit_is_another():
    mistake = next(m for m in check.exercise("train_step").mistakes if m.name == "the parameters are changed in place")

    def in_place(params, x, labels, lr):
        was = {key: array.copy() for key, array in params.items()}
        loss, _ = mistake.function(params, x, labels, lr)
        for key, array in params.items():
            array += (array - was[key]) * 1e-12
        return loss, params

    exercise = check.exercise("train_step")
    failure = exercise.run(exercise.part("values"), NotebookSubject(in_place)).failure
    assert failure.mistake.name == "the parameters are changed in place"
