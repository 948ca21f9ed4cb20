"""What a learner reads, for every way in which a function can go wrong."""

import contextlib
import io
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check import CheckFailed, ask
from cnnlab.check.subject import NotebookSubject


def right(image, kernel):
    kh, kw = kernel.shape
    h, w = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    return sum(kernel[u, v] * image[u : u + h, v : v + w].astype(float) for u in range(kh) for v in range(kw))


def right_columns(x, kh, kw):
    view = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3)).transpose(0, 1, 4, 5, 2, 3)
    return view.reshape(x.shape[0], x.shape[1] * kh * kw, -1)  # a view of x where that is possible


def said(function, **kwargs):
    with pytest.raises(CheckFailed) as caught:
        check.cross_correlate2d(function, **kwargs)
    return str(caught.value)


def flat(message):
    """Without the breaks at the ends of lines."""
    return " ".join(message.split())


def test_success_is_one_calm_line_for_each_part_and_returns_nothing(capsys):
    assert check.cross_correlate2d(right) is None
    out, err = capsys.readouterr()
    assert [line.split(":")[0] for line in out.splitlines()] == ["passed", "passed"]
    assert "values · 2 of 2 points" in out
    assert err == ""


def test_a_single_part_can_be_asked_for(capsys):
    check.cross_correlate2d(right, part="any shape")
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_an_unsolved_stub_is_told_calmly():
    def stub(image, kernel):
        # YOUR CODE HERE
        raise NotImplementedError

    message = said(stub, part="values")
    assert "not solved yet" in message
    assert "2 points" in message


def test_a_not_implemented_error_deep_in_numpy_is_no_stub():
    def odd(image, kernel):
        return eval(compile("raise NotImplementedError('no')", np.__file__, "exec"))  # as if NumPy had raised it

    assert "NotImplementedError" in said(odd) or "not solved yet" in said(odd)


def test_the_smallest_failing_case_is_drawn_beside_the_learners():
    message = said(lambda image, kernel: right(image, kernel)[::-1], part="values")
    assert "expected" in message
    assert "yours" in message
    assert "image 3 × 3" in message
    assert "kernel 2 × 2" in message


def test_bytes_that_begin_again_are_not_called_fractions():
    def in_the_pictures_kind(image, kernel):
        found = right(image, kernel)
        return found.astype(np.int64).astype(np.uint8) if image.dtype == np.uint8 else found.astype(image.dtype)

    message = flat(said(in_the_pictures_kind, part="any shape"))
    assert "Looks like: bytes begin again" in message
    assert "fractions are gone" not in message


def test_an_array_of_the_pictures_kind_is_told_where_it_loses_fractions_and_where_it_overflows():
    def stamped(x, weight, stride=1, padding=0):
        (n, _, rows, columns), (_, maps, kh, kw) = x.shape, weight.shape
        found = np.zeros((n, maps, rows + kh - 1, columns + kw - 1), x.dtype)
        for i, j in np.ndindex(rows, columns):
            stamp = np.einsum("nc,couv->nouv", x[:, :, i, j], weight)
            found[:, :, i : i + kh, j : j + kw] += stamp.astype(x.dtype)
        return found

    with pytest.raises(check.CheckFailed) as failed:
        check.transposed_conv2d(stamped, part="stamps")
    assert "Looks like: an array of whole numbers" in flat(str(failed.value))


def test_a_name_that_the_other_cases_speak_against_is_not_given():
    exercise = check.exercise("batch_norm")

    def all_new(*args, momentum=0.1, **options):
        return exercise.oracle(*args, momentum=momentum or 1.0, **options)

    with pytest.raises(check.CheckFailed) as failed:
        check.batch_norm(all_new, part="running statistics")
    message = flat(str(failed.value))
    assert "wrong in 1 only: momentum 0" in message
    assert "Looks like" not in message  # "old and new changed places" does that too, and more that is not done here


def test_another_default_is_told_from_another_formula():
    oracle = check.exercise("batch_norm").oracle

    def as_in_keras(x, gamma, beta, running_mean, running_var, training, momentum=0.9, eps=1e-5):
        return oracle(x, gamma, beta, running_mean, running_var, training, momentum, eps)

    with pytest.raises(check.CheckFailed, match="another default for momentum"):
        check.batch_norm(as_in_keras, part="running statistics")


def test_no_default_is_blamed_where_an_input_was_written_into():
    oracle = check.exercise("conv2d_backward").oracle

    def in_place(dout, x, weight, stride=1, padding=0):
        found = oracle(dout, x, weight, stride, padding)
        x[:] = found[0]
        return found

    with pytest.raises(check.CheckFailed) as failed:
        check.conv2d_backward(in_place, part="bias")
    message = flat(str(failed.value))
    assert "changed its input: `x`" in message
    assert "another default" not in message
    assert "gathers dx in x's own array" in message


def test_a_known_mistake_is_called_by_its_name():
    message = said(lambda image, kernel: right(image, kernel.T))
    assert "Looks like: the kernel is transposed" in message


def test_two_mistakes_at_once_are_not_given_a_wrong_name():
    message = said(lambda image, kernel: right(image, kernel.T) * 1.5 + 1)
    assert "Looks like" not in message
    assert "Where to look" in message


def test_what_passed_before_is_told():
    def square_only(image, kernel):
        k = kernel.shape[0]
        return (
            right(image[:, : image.shape[0]], kernel[:, :k]) if image.shape[0] == image.shape[1] else np.zeros((1, 1))
        )

    check.cross_correlate2d(square_only, part="values")
    assert "Passed so far: values (2 of 2 points)" in said(square_only, part="any shape")


def test_an_exception_names_its_line_and_shows_none_of_our_frames():
    def off(image, kernel):
        return image[100, 100]

    message = said(off)
    assert "`off` raised IndexError" in message
    assert "return image[100, 100]" in message
    assert "cnnlab" not in message


def test_an_exception_that_can_not_be_printed_is_still_told():
    class Odd(Exception):
        def __str__(self):
            raise RuntimeError("no")

    def odd(image, kernel):
        raise Odd

    assert "raised Odd" in said(odd)


def test_exit_does_not_end_the_kernel():
    assert "SystemExit" in said(lambda image, kernel: sys.exit("bye"))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "`return`"),
        ([[1.0]], "np.array"),
        ("text", "'text'"),
        (3.5, "NumPy array"),
        (np.zeros((1, 1, 1)), "1 × 1 × 1"),
        (np.full((2, 2), np.nan), "NaN"),
        (np.full((2, 2), np.inf), "infinity"),
        (np.full((2, 2), 1j), "complex"),
        (np.full((2, 2), True), "True and False"),
        (np.full((1, 1), None), "array of objects"),
        (np.ma.masked_array([[1]]), "masked array"),
        (print, "builtin_function"),
        ((n for n in [1]), "generator"),
        (np.zeros((0, 3)), "0 × 3"),
    ],
)
def test_a_wrong_result_is_told_in_words(value, words):
    assert words in said(lambda image, kernel: value)


def test_a_torch_tensor_is_not_a_numpy_array():
    torch = pytest.importorskip("torch")
    assert "torch tensor" in said(lambda image, kernel: torch.as_tensor(right(image, kernel)))


def test_a_changed_input_is_told_even_when_the_numbers_are_right():
    def writes(image, kernel):
        out = right(image, kernel)
        image[:] = 0
        return out

    message = said(writes)
    assert "changed its input" in message
    assert "`image`" in message


def test_a_result_that_the_next_call_writes_over_is_told():
    buffers = {}

    def reuses(image, kernel):
        out = right(image, kernel)
        buffer = buffers.setdefault(out.shape, np.zeros(out.shape))
        buffer[...] = out
        return buffer

    message = said(reuses)
    assert "written over the result of an earlier call" in message
    assert "Looks like: every call gives the same array." in message


def test_giving_back_a_part_of_the_input_is_no_such_thing(capsys):
    check.im2col(lambda x, kh, kw: right_columns(x, kh, kw))
    assert "passed: im2col" in capsys.readouterr().out


def test_an_input_that_changes_and_spoils_the_numbers_is_told_too():
    def writes(image, kernel):
        image[0, 0] += 1
        return right(image, kernel)

    assert "It also changed its input `image`" in flat(said(writes))


def test_an_endless_loop_is_stopped(monkeypatch):
    monkeypatch.setattr(NotebookSubject.__init__, "__defaults__", (0.5,))  # seconds for a call
    stopped = threading.Event()

    def endless(image, kernel):
        try:
            while True:
                pass
        finally:
            stopped.set()

    started = time.monotonic()
    assert "did not come back in time" in said(endless)
    assert stopped.wait(2)
    assert time.monotonic() - started < 10


def test_a_loop_that_swallows_exceptions_is_left_behind_and_told():
    let_go = threading.Event()

    def stubborn(image, kernel):
        while not let_go.is_set():
            try:
                time.sleep(0.01)
            except BaseException:
                continue

    try:
        answer = ask(stubborn, np.ones((2, 2)), np.ones((1, 1)), seconds=0.2)
        assert "restart the kernel" in answer.problem
    finally:
        let_go.set()


@pytest.mark.slow
def test_a_function_that_sleeps_for_ever_does_not_hold_up_the_cell():
    started = time.monotonic()
    answer = ask(lambda: time.sleep(30), seconds=0.2)
    assert answer.trouble.kind == "endless"
    assert time.monotonic() - started < 5


def test_prints_and_warnings_stay_out_of_the_cell(capsys):
    def noisy(image, kernel):
        print("to stdout")
        print("to stderr", file=sys.stderr)
        np.array([1.0]) / 0
        return right(image, kernel)

    check.cross_correlate2d(noisy)
    out, err = capsys.readouterr()
    assert "to std" not in out
    assert err == ""


def test_what_it_printed_is_shown_when_it_fails():
    def noisy(image, kernel):
        print("kh, kw =", kernel.shape)
        return right(image, kernel) + 1

    assert "kh, kw = (2, 2)" in said(noisy)


def test_an_endless_print_costs_no_memory():
    def prints(image, kernel):
        while True:
            print("x" * 1000)

    answer = ask(prints, np.ones((2, 2)), np.ones((1, 1)), seconds=0.3)
    assert len(answer.printed) <= 2000


@pytest.mark.parametrize("thing", ["cross_correlate2d", 3, None, np.zeros((2, 2))])
def test_what_is_not_a_function_is_refused_with_the_right_call(thing):
    message = said(thing)
    assert "takes your function" in message
    assert "check.cross_correlate2d(cross_correlate2d)" in message


def test_no_argument_is_refused_with_the_right_call():
    with pytest.raises(CheckFailed, match="takes one thing"):
        check.cross_correlate2d()


def test_an_unknown_part_names_the_parts():
    assert "'values', 'any shape'" in said(right, part="shapes")


def test_an_unknown_exercise_is_guessed():
    with pytest.raises(AttributeError, match=r"did you mean check\.cross_correlate2d"):
        check.cross_corelate2d  # noqa: B018


def test_an_unknown_lesson_names_the_lessons():
    with pytest.raises(ValueError, match="00_start"):
        check.exercises("99")


def test_a_count_that_is_a_float_is_told():
    with pytest.raises(CheckFailed, match="whole number"):
        check.count_parameters_dense(lambda a, b, bias=True: float(a * b + b * bias))


def test_counts_from_numpy_are_fine(capsys):
    check.count_parameters_dense(lambda a, b, bias=True: np.int64(a * b + b * bias))


def test_a_wrong_signature_is_told():
    message = flat(said(lambda image: image))
    assert "takes 1 positional argument" in message
    assert "Looks like: another number of arguments" in message


def test_the_notebook_sees_the_message_alone_and_a_picture():
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(); shell.kernel = object(); shell.colors = 'nocolor'\n"
        "shell.run_cell('from cnnlab import check\\n"
        "check.cross_correlate2d(lambda image, kernel: image[1:, 1:] * kernel.sum())')\n"
    )
    code = "import IPython.display as d\nd.display = lambda data, **more: print(*data.values())\n" + code
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    shown = run.stdout + run.stderr
    assert "cross_correlate2d · values · 0 of 2 points" in shown
    assert "<table" in shown
    assert "Traceback" not in shown
    assert "notebook.py" not in shown


def test_the_picture_marks_what_differs():
    from cnnlab.check.report import picture

    exercise = check.exercises("01")[0]
    verdict = exercise.run(exercise.part("values"), NotebookSubject(lambda image, kernel: right(image, kernel).T))
    html = picture(verdict)
    for word in ("image", "kernel", "expected", "yours"):
        assert word in html
    assert "✗" in html


def test_a_package_outside_the_lessons_list_gives_a_note_not_a_failure(capsys):
    import scipy.signal

    def with_scipy(image, kernel):
        return scipy.signal.correlate2d(image.astype(float), kernel, mode="valid")

    check.cross_correlate2d(with_scipy)
    assert "note: this uses scipy" in capsys.readouterr().out


def test_importing_check_loads_neither_torch_nor_matplotlib():
    code = (
        "import sys; from cnnlab import check; check.cross_correlate2d; "
        "sys.exit(bool({'torch', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_check_is_the_same_twice_and_new_with_another_seed():
    exercise = check.exercises("01")[0]
    part = exercise.part("any shape")

    def first(seed):
        return part.cases(np.random.default_rng(exercise.seed(part) if seed is None else seed))[0].args[0]

    assert np.array_equal(first(None), first(None))
    assert not np.array_equal(first(None), first(7))


def test_cases_reach_the_function_with_their_memory_layout():
    layouts = []

    def looks(image, kernel):
        layouts.append(image.flags.c_contiguous)
        return right(image, kernel)

    with contextlib.redirect_stdout(io.StringIO()):
        check.cross_correlate2d(looks, part="any shape")
    assert False in layouts
    assert True in layouts
