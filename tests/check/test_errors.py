"""Errors and odd outcomes get a name in plain words: real exceptions, as NumPy, Python and torch raise them."""

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check import CheckFailed, ask, errors
from cnnlab.check.subject import NotebookSubject

X, PAIR = np.arange(12).reshape(3, 4), (1, 2)


def whole_plus_fraction():
    out = np.zeros_like(X)
    out += 0.5
    return out


def unassigned():
    if X is None:
        found = 1
    return found


def hooked(hook):
    torch = pytest.importorskip("torch")
    layer = torch.nn.Conv2d(1, 1, 1)
    layer.register_forward_pre_hook(lambda module, inputs: hook(*(module, inputs)))
    return layer(torch.zeros(1, 1, 2, 2))


def endless_recursion():
    return endless_recursion()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (whole_plus_fraction, "an array of whole numbers is to take in fractions"),
        (
            lambda: np.zeros((2, 2)).__setitem__(slice(0, 1), np.zeros((2, 3))),
            "has another shape than the place for it",
        ),
        (lambda: X + np.zeros(3), "two arrays do not fit each other"),
        (lambda: X @ X, "the two sides of a matrix product do not fit"),
        (lambda: X.reshape(5, 3), "a reshape that does not come out even"),
        (lambda: 1 if X else 0, "an array where one True or False is needed"),
        (lambda: X[3], "an index past the end"),
        (lambda: X[0, 0, 0], "more indices than the array has axes"),
        (lambda: X[4 / 2], "a fraction where a whole number is needed"),
        (lambda: range(4 / 2), "a fraction where a whole number is needed"),
        (lambda: PAIR * 2 + 1, "a pair where one number is expected"),
        (lambda: 2 - PAIR, "a pair where one number is expected"),
        (lambda: (lambda h, w: h)(*3), "something is taken apart"),
        (lambda: [a for a, b in [3]], "one number where a pair is expected"),
        (lambda: None + 1, "None where a value is needed"),
        (lambda: None.shape, "None where a value is needed"),
        (lambda: unknown_name, "a name that has no value yet"),  # noqa: F821
        (unassigned, "a name that has no value yet"),
        (lambda: np.no_such_function(X), "a function that the package does not have"),
        (lambda: X.permute(0, 1), "a method that this kind of array does not have"),
        (lambda: {"a": 1}["b"], "a key that is not in the dict"),
        (lambda: 1 // 0, "a division by 0"),
        (endless_recursion, "a function that calls itself without end"),
        (lambda: np.einsum("ij,jk", X, X), "einsum"),
        (lambda: np.zeros((0, 2)).max(), "the largest of nothing"),
        (lambda: np.zeros((2, -1)), "a negative size"),
        (lambda: X.transpose(0, 1, 2), "an axis that the array does not have"),
        (lambda: X.sum(axis=2), "an axis that the array does not have"),
        (lambda: (lambda a, b: a)(1), "an argument that is not handed over"),
        (lambda: (lambda a: a)(1, 2), "another number of arguments"),
        (lambda: (lambda a: a)(b=1), "an argument by a name that is not there"),
        (lambda: hooked(lambda module, inputs: len(inputs)), "a layer gets no tensor"),
        (lambda: hooked(lambda module: None), "an inner function with another number of arguments"),
        (lambda: np.linalg.norm(np.ones((2, 2, 2)), "fro"), "a matrix's norm of something that is no matrix"),
        (lambda: 3(4), "something is called that is no function"),
        (lambda: np.concatenate([X, X.T]), "what is put together does not fit together"),
        (lambda: [1, 2][2], "an index past the end of a list"),
        (lambda: np.pad(X, ((0, 0), (1, 1), (1, 1))), "an array that can not be stretched to a shape"),
        (lambda: np.array([-1], np.uint8), "a number that its kind can not hold"),
        (lambda: X.sum(axis=[0, 1]), "a list where a number or a tuple is needed"),
        (lambda: X.sum(0, 1), "a second number is taken for a kind of numbers"),
        (lambda: PAIR[0][0], "one number where a pair is expected"),
        (lambda: np.max(X, X), "an array where a whole number is needed"),
        (lambda: np.linalg.solve(np.ones((3, 2)), np.ones(3)), "equations that have not exactly one solution"),
        (lambda: np.tensordot(X, X, 1), "sums over sides of different lengths"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_usual_error_has_a_name(code, name):
    trouble = ask(code).trouble
    assert trouble is not None
    found = errors.named(trouble)
    assert found, f"{trouble.error}: {trouble.message}"
    assert name in found[0].name or name in found[0].says
    assert "{" not in found[0].says


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "name"),
    [
        (lambda t: t.nn.Conv2d(96, 256, 5, 2)(t.zeros(1, 3, 9, 9)), "another number of channels"),
        (lambda t: t.nn.BatchNorm2d(4)(t.zeros(2, 3, 5, 5)), "batch norm for another number of channels"),
        (lambda t: t.nn.Linear(4, 2)(t.zeros(3, 5)), "matrix product"),
        (lambda t: t.nn.Conv2d(1, 1, 5)(t.zeros(1, 1, 3, 3)), "nothing is left of the picture"),
        (lambda t: t.nn.Conv2d(1, 1, 3)(t.zeros(4, 9)), "another number of axes"),
        (lambda t: t.zeros(3).sum().backward(), "gradients are cut off"),
        (lambda t: t.zeros(3, requires_grad=True).numpy(), "goes to NumPy"),
        (lambda t: t.zeros(3, requires_grad=True).backward(), "backward on more than one number"),
        (lambda t: t.zeros(3, dtype=t.float64) @ t.zeros(3), "two kinds of numbers"),
        (lambda t: t.zeros(2, 3) + t.zeros(2, 4), "two tensors do not fit"),
        (lambda t: 1 if t.zeros(2) else 0, "one True or False is needed"),
        (lambda t: t.zeros(6).view(4, 2), "does not come out even"),
        (lambda t: t.cat([t.zeros(2, 2), t.zeros(3, 3)]), "does not fit together"),
        (lambda t: t.nn.Module()(t.zeros(1)), "torch has no such step"),
    ],
)
def test_a_usual_error_of_torchs_has_a_name(code, name):
    torch = pytest.importorskip("torch")
    trouble = ask(code, torch).trouble
    found = errors.named(trouble)
    assert found, f"{trouble.error}: {trouble.message}"
    assert name in found[0].name


def message(judge, function):
    with pytest.raises(CheckFailed) as caught:
        judge(function)
    return " ".join(str(caught.value).split())


SIZE = check.exercise("output_size").oracle


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda *a, **k: _or(None, *a, **k), "Looks like: None where there is no answer"),
        (lambda *a, **k: _or(-1, *a, **k), "Looks like: -1 where there is no answer"),
        (lambda *a, **k: _or(ValueError("no"), *a, **k), "Looks like: a ValueError where there is no answer"),
        (lambda *a, **k: print("no size") if a[0] == 7 else SIZE(*a, **k), "in some cases nothing is returned"),
        (lambda *a, **k: f"{SIZE(*a, **k)}", "Looks like: text comes back"),
        (lambda *a, **k: _asserted(*a, **k), "Looks like: AssertionError in place of ValueError"),
        (lambda *a, **k: _strict(*a, **k), "Looks like: a case that has an answer is refused"),
    ],
)
def test_an_outcome_has_a_name(wrong, words):
    assert words in message(check.output_size, wrong)


def _or(value, *args, **kwargs):
    try:
        return SIZE(*args, **kwargs)
    except ValueError:
        return value


def _asserted(*args, **kwargs):
    found = _or(0, *args, **kwargs)
    assert found >= 1
    return found


def _strict(size, kernel, padding=0, stride=1, dilation=1):
    if kernel == 1:
        raise ValueError("that is no kernel")
    return SIZE(size, kernel, padding, stride, dilation)


def test_an_error_says_in_which_function_and_line():
    def helper(x):
        return x[99]

    def outer(x, padding):
        return helper(x)

    said = message(check.pad2d, outer)
    assert "of `helper`: return x[99]" in said
    assert "Looks like: an index past the end" in said


def test_a_stub_that_is_called_is_named_not_the_one_that_calls_it():
    def linear():
        raise NotImplementedError

    def pad(x, padding):
        return linear()

    assert "`pad` calls `linear`, which is not written yet" in message(check.pad2d, pad)


def test_not_implemented_by_somebody_else_is_no_stub():
    def helper():
        return eval(compile("raise NotImplementedError('no such kernel')", np.__file__, "exec"))

    assert NotebookSubject(helper).call().trouble.kind == "raised"
