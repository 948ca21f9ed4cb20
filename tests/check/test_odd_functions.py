"""Functions that do odd things: no check is upset by one, and nothing reaches stderr."""

import gc
import sys
import time

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check import CheckFailed, ask
from cnnlab.check.plain import Foreign, plain
from cnnlab.check.subject import NotebookSubject
from tests.check.right.lesson_01 import windows


def test_a_slow_import_inside_the_function_is_waited_for(tmp_path, monkeypatch):
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.5)\nanswer = 42\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def function():
        import slow_to_import

        return slow_to_import.answer

    assert ask(function, seconds=0.1).value == 42
    sys.modules.pop("slow_to_import")


def test_a_loop_without_end_after_an_import_is_still_stopped():
    def function():
        import json

        while json:
            pass

    start = time.monotonic()
    assert ask(function, seconds=0.2).trouble.kind == "endless"
    assert time.monotonic() - start < 2


@pytest.mark.slow
def test_a_function_that_did_not_come_back_is_known_whoever_calls_it():
    def endless():
        while True:
            pass

    def by_way_of_it(really):
        return endless() if really else busy()

    def busy():
        start = time.thread_time()
        while time.thread_time() < start + 0.4:
            pass
        return 42

    def seconds(function, *args):
        start = time.process_time()
        assert ask(function, *args, seconds=1.0).trouble.kind == "endless"
        return time.process_time() - start

    first = seconds(by_way_of_it, True)
    assert seconds(by_way_of_it, True) < 0.6 * first
    assert seconds(endless) < 0.6 * first
    assert ask(by_way_of_it, False, seconds=1.0).value == 42


def test_an_array_that_would_fill_the_memory_is_not_copied():
    found = plain(np.broadcast_to(0.0, (100_000, 100_000)))
    assert found == Foreign("array of shape 100000 × 100000, far too large")


def test_a_number_too_long_to_print_is_refused_calmly():
    with pytest.raises(CheckFailed, match="more than a thousand digits"):
        check.count_parameters_dense(lambda in_features, out_features, bias=True: 10**5000)


def test_a_coroutine_is_named_and_says_nothing_on_stderr(capfd):
    async def function(image, kernel):
        return windows(image, kernel)

    with pytest.raises(CheckFailed, match="async"):
        check.cross_correlate2d(function)
    gc.collect()
    assert capfd.readouterr().err == ""


def test_a_generator_is_told_about_yield():
    def function(image, kernel):
        yield windows(image, kernel)

    with pytest.raises(CheckFailed, match="`yield`"):
        check.cross_correlate2d(function)


def test_closing_stdout_hurts_nobody(capsys):
    def function(image, kernel):
        sys.stdout.close()
        return windows(image, kernel)

    check.cross_correlate2d(function)
    print("still open")
    assert "still open" in capsys.readouterr().out


def test_nothing_printed_is_not_called_printed():
    with pytest.raises(CheckFailed) as caught:
        check.hello_check(lambda name: None)
    assert "printed" not in str(caught.value)


def test_a_mistake_that_fits_one_case_of_many_is_not_named():
    def no_negative_weights(image, kernel):  # on a kernel of 2 × 1 it does what "the first row only" does
        return windows(image, np.maximum(kernel, 0))

    with pytest.raises(CheckFailed) as caught:
        check.cross_correlate2d(no_negative_weights, part="any shape")
    assert "Looks like" not in str(caught.value)


def test_an_object_that_answers_no_questions_is_checked_all_the_same():
    class Stubborn:
        def __call__(self, image, kernel):
            return windows(image, kernel)

        def __getattr__(self, name):
            raise RuntimeError(name)

    check.cross_correlate2d(Stubborn())


def test_an_answer_by_way_of_torch_imported_inside_is_right():
    def function(image, kernel):
        import torch

        image, kernel = (torch.tensor(np.ascontiguousarray(a).astype(float)) for a in (image, kernel))
        return torch.conv2d(image[None, None], kernel[None, None])[0, 0].numpy()

    check.cross_correlate2d(function)


def test_an_answer_by_way_of_scipy_imported_inside_is_right():
    def function(image, kernel):
        from scipy.signal import correlate2d

        return correlate2d(image.astype(float), kernel, mode="valid")

    check.cross_correlate2d(function)


def _itself():
    found = []
    found.append(found)
    return found


ODD = {
    "a number beyond every float": lambda: 10**400,
    "an array of text": lambda: np.array(["a", "b"]),
    "an array of objects": lambda: np.array([{}, None], dtype=object),
    "lists of unequal length": lambda: [[1], [1, 2]],
    "a list that holds itself": _itself,
    "a masked array": lambda: np.ma.zeros((3, 3)),
    "an array with fields": lambda: np.zeros(3, dtype=[("a", int)]),
    "an empty array": lambda: np.zeros((0, 3)),
    "a sparse tensor": lambda: sys.modules["torch"].zeros(3, 3).to_sparse(),
    "a tensor without values": lambda: sys.modules["torch"].zeros(3, device="meta"),
    "complex numbers": lambda: sys.modules["torch"].zeros(3, dtype=sys.modules["torch"].complex64),
    "numbers that arrays have not": lambda: sys.modules["torch"].zeros(3, dtype=sys.modules["torch"].bfloat16),
}


def test_a_long_double_is_a_double_wherever_it_is_looked_at():
    exercise = check.exercise("cross_correlate2d")

    def precise(image, kernel):
        return windows(image, kernel).astype(np.longdouble)

    assert all(exercise.run(part, NotebookSubject(precise)).passed for part in exercise.parts)
    assert [plain(number).dtype for number in (np.longdouble(1), np.clongdouble(1))] == [np.float64, np.complex128]


def test_a_tensor_of_a_kind_of_its_own_is_a_tensor():
    torch = pytest.importorskip("torch")
    kind = type("Kind", (torch.Tensor,), {})
    found = plain([torch.ones(2, requires_grad=True).as_subclass(kind), torch.nn.Parameter(torch.ones(2))])
    assert [type(one) for one in found] == [torch.Tensor, torch.Tensor]
    assert plain(torch.ones(2, dtype=torch.bfloat16)) == Foreign("tensor of bfloat16")


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("lesson", check.lessons())
def test_whatever_comes_back_is_refused_calmly(lesson, name):
    pytest.importorskip("torch")
    for exercise in check.exercises(lesson):
        answer = ODD[name]() if exercise.value else lambda *_, **__: ODD[name]()
        first, *others = exercise.parts
        assert exercise.run(first, NotebookSubject(answer)).failure, f"{exercise.name}, {first.name}"
        for part in others:
            assert exercise.fails(part, NotebookSubject(answer)), f"{exercise.name}, {part.name}"
