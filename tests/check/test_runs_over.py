"""In a browser NumPy does not warn, and its whole numbers have 32 bits: checks know both."""

import math
import sys

import numpy as np
import pytest

from cnnlab.check import exercise, runs_over
from cnnlab.check.exercise import Bench
from cnnlab.check.subject import NotebookSubject
from tests.check.right import lesson_03

FAR = np.array([[-1000.0, 3.0], [0.25, 1000.0]])


def number_by_number(x):
    out = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        out[place] = 1 / (1 + np.exp(-x[place]))
    return out


def in_a_list(x):
    return np.reshape([1 / (1 + np.exp(-v)) for v in x.ravel().tolist()], x.shape)


def silenced(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def steady(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


WAYS = {
    "by exp": lambda x: 1 / (1 + np.exp(-x)),
    "by a power of e": lambda x: 1 / (1 + np.e**-x),
    "by np.power": lambda x: 1 / (1 + np.power(math.e, -x)),
    "infinite over infinite": lambda x: np.exp(x) / (1 + np.exp(x)),
    "by np.vectorize": np.vectorize(lambda v: 1 / (1 + np.exp(-v))),
    "over nothing": lambda x: x / np.zeros_like(x),
    "the logarithm of nothing": lambda x: np.log(x * 0),
    "in place": lambda x: np.exp(x, out=np.empty_like(x)),
    "steady": steady,
    "by tanh": lambda x: 0.5 + 0.5 * np.tanh(x / 2),
    "number by number": number_by_number,
    "in a list": in_a_list,
    "silenced": silenced,
}


@pytest.mark.parametrize("way", WAYS)
def test_the_warnings_are_those_that_numpy_gives(way, monkeypatch):
    with np.errstate(over="warn", divide="warn", invalid="warn"):
        told = NotebookSubject(WAYS[way]).call(FAR.copy()).warnings
    told = {one.replace("scalar ", "") for one in told}  # "in scalar divide": of a single number
    quiet_here = np.geterr() | {"over": "warn", "divide": "warn", "invalid": "warn"}
    with np.errstate(all="ignore"):
        if way != "silenced":
            monkeypatch.setattr(runs_over, "settings", lambda: quiet_here)
        assert set(runs_over.warnings_of(NotebookSubject(WAYS[way]), (FAR.copy(),), {})) == told
    assert isinstance(np.exp, np.ufunc)


def test_the_check_of_sigmoid_catches_and_names_all_of_its_mistakes_so(monkeypatch):
    sigmoid = exercise("sigmoid")
    part = sigmoid.parts[0]
    monkeypatch.setattr(runs_over, "TOLD", False)
    for number, mistake in enumerate(sigmoid.mistakes):
        failure = sigmoid.run(part, NotebookSubject(mistake.function, seconds=None)).failure
        assert failure is not None, mistake.name
        assert mistake in [one.mistake for one in failure.diagnosis.named] or number > 2, mistake.name
    for right in (steady, *lesson_03.SIGMOID):
        assert sigmoid.run(part, NotebookSubject(right)).passed


@pytest.mark.parametrize("name", ["count_parameters_dense", "count_parameters_conv", "conv2d"])
def test_with_32_bits_no_right_result_in_whole_numbers_is_beyond_them(name, monkeypatch):
    declared = exercise(name)
    assert any(beyond(Bench(declared, part, declared.seed(part))) for part in declared.parts)
    monkeypatch.setattr(sys.modules[Bench.__module__], "WHOLE", 2**31 - 1)
    assert not any(beyond(Bench(declared, part, declared.seed(part))) for part in declared.parts)


def beyond(bench):
    """The cases in whole numbers whose right results are not to be counted in 32 bits."""
    whole = [k for k, case in enumerate(bench.cases) if np.asarray(case.args[0]).dtype.kind in "iuO"]
    results = [bench.expected(k) for k in whole if bench.cases[k].raises is None]
    return [one for one in results if np.max(np.abs(one)) >= 2**31]
