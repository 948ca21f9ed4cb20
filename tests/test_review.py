"""The album of mistakes: what was met is asked about, at growing intervals, with choices that can be told apart."""

import datetime
import random

import numpy as np
import pytest
from typer.testing import CliRunner

from cnnlab import check, cli, logbook, review
from cnnlab.check.exercise import bench_for
from cnnlab.check.mending import mending
from cnnlab.check.report import case_shown
from cnnlab.check.riddles import riddle

DAY = datetime.timedelta(days=1)
MONDAY = datetime.datetime(2026, 11, 2, 18, tzinfo=datetime.UTC)
MET = ("conv2d_multi", "the bias is forgotten")


def met(time=MONDAY, exercise=MET[0], mistake=MET[1], **more):
    return {"time": time.isoformat(), "exercise": exercise, "mistake": mistake, **more}


def asked(entries, now, **more):
    questions = review.session(review.album(entries), now, 5, np.random.default_rng(0), **more)
    return [(one.verdict.exercise.name, one.mistake.name) for one in questions]


def test_intervals_grow_with_right_answers_and_begin_again():
    entries, now = [met(), met()], MONDAY
    for days in (1, 3, 7, 16, 35, 35):
        assert asked(entries, now + days * DAY - datetime.timedelta(minutes=1)) == []
        now += days * DAY
        assert asked(entries, now)[0] == MET
        entries.append(met(now, review="right"))
    assert review.album(entries)[0].times == 2
    for again in (met(now, review="wrong"), met(now)):
        assert asked([*entries, again], now + DAY)[0] == MET


def test_neighbours_come_after_what_is_due_and_become_cards_where_they_are_not_recognised():
    due = asked([met()], MONDAY + DAY)
    assert due[0] == MET
    assert len(due) == 2
    neighbour = due[1]
    assert neighbour[0] == MET[0]
    assert neighbour != MET
    for answer, cards in {"right": 1, "wrong": 2}.items():
        entries = [met(), met(MONDAY + DAY, *neighbour, review=answer)]
        assert len(review.album(entries)) == cards


def test_a_mistake_of_the_future_is_asked_about_for_the_clock_was_set_back():
    ahead = met(MONDAY + 900 * DAY)
    assert asked([ahead], MONDAY)[0] == MET
    assert asked([ahead, met(MONDAY, review="right")], MONDAY) == []
    other = met(MONDAY - 9 * DAY, "convolve2d", "no flip")
    assert {MET, ("convolve2d", "no flip")} <= set(asked([other, ahead], MONDAY))
    assert asked([met(MONDAY + DAY / 24)], MONDAY) == []  # another clock, an hour ahead


def outcome(attempt):
    trouble = attempt.answer.trouble
    return trouble.error if trouble else repr(attempt.got), attempt.failure.kind


@pytest.mark.parametrize("lesson", ["01", "02", "03", "04", "05"])
def test_a_choice_is_right_and_the_others_give_something_else_there(lesson):
    """Three mistakes of each exercise."""
    rng, draw = random.Random(lesson), np.random.default_rng(0)
    for exercise in check.exercises(lesson):
        for number in rng.sample(range(len(exercise.mistakes)), min(3, len(exercise.mistakes))):
            found = review.question(exercise.name, exercise.mistakes[number].name, draw)
            assert len(found.names) == len(set(found.names)) == 4
            assert found.mistake is exercise.mistakes[number]
            part = found.verdict.part
            bench = bench_for(exercise, part, exercise.seed(part))
            k = next(k for k, case in enumerate(bench.cases) if case is found.verdict.failed.case)
            names = [known.name for known in exercise.mistakes]
            assert bench.mistaken(number, k).failure is not None
            for choice in set(found.names) - {names[number]}:
                other = bench.mistaken(names.index(choice), k)
                assert other.failure is None or outcome(other) != outcome(bench.mistaken(number, k))
            assert f"Looks like: {names[number]}" not in case_shown(found.verdict)


def test_what_no_table_has_is_kept_and_not_asked():
    entries = [met(exercise="no_such", mistake="x"), met(mistake="it writes into its input of another kind")]
    assert len(review.album(entries)) == 2
    assert asked(entries, MONDAY + 99 * DAY, early=True) == []


@pytest.mark.parametrize("entry", [{}, {"time": "never"}, met() | {"time": "2026-01-01"}, met() | {"exercise": ""}])
def test_what_is_no_entry_is_passed_over(entry):
    assert review.album([entry]) == []


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    monkeypatch.setenv(logbook.VARIABLE, str(tmp_path))
    return tmp_path


def say(*arguments, answers=""):
    result = CliRunner().invoke(cli.app, ["review", *arguments], input=answers)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_asks_and_remembers(at_home):
    assert "empty" in say()
    logbook.append(at_home / logbook.NAME, met(text="the whole message", part="filters and bias"))
    assert "the whole message" in say("--album")
    out = say(answers="q\n")
    assert "Which mistake is it?" in out
    assert "  called with x" in out
    assert len(list(logbook.entries(at_home))) == 1
    for answer in "1234":
        out = say("--now", "--most", "1", answers=f"{answer}\nx +\nwrong\nwrong + bias[:, None, None]\n")
        assert ("Right." in out) == ("1 of 1 recognised" in out)
        assert "the bias is missing. Add bias[o]" in out
        assert "That is not an expression" in out
        assert "Not yet:\n  called with x" in out
        assert "Mended: right in all " in out
        last = list(logbook.entries(at_home))[-1]
        assert last["review"] == ("right" if "Right." in out else "wrong")
    assert "the next question is due on" in say()


def test_questions_come_where_the_log_can_not_be_written(at_home, monkeypatch):
    logbook.append(at_home / logbook.NAME, met())

    def refuse(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(logbook, "append", refuse)
    out = say("--now", "--most", "1", answers="1\n\n")
    assert "could not be written into the log, so it will come again: Permission denied" in out
    assert "of 1 recognised" in out
    assert "due now" in out


def about(name, mistake):
    exercise = check.exercise(name)
    names = [known.name for known in exercise.mistakes]
    return riddle(exercise, names.index(mistake), np.random.default_rng(0), by_numbers=False)


def mended(riddle, line):
    return mending(riddle).judge(line)


MENDED = {
    ("conv2d_multi", "the bias is forgotten"): "return wrong + bias[:, None, None]",
    ("convolve2d", "no flip"): "theirs(image, kernel[::-1, ::-1])",
    ("count_parameters_dense", "the bias is forgotten"): "wrong + out_features * bias",
    ("relu", "the absolute value"): "np.where(x > 0, wrong, 0)",
    ("relu", "writes into its input"): "theirs(x.copy())",
    ("cross_correlate2d", "the mean, not the sum"): "wrong * kernel.size",
    ("diagonal_edge_kernel", "all zeros"): "np.array([[1, 0], [0, -1]]) + wrong",
    ("alexnet_answers", "the first stop is not counted"): "(wrong[0], wrong[1] + 1, wrong[2] + 1)",
    ("alexnet_answers", "two GPUs change nothing"): "5 * 5 * 48 * 256 + 256",
}
MODELS = {
    ("conv_block", "no ReLU"): "model.append(nn.ReLU())",
    ("conv_block", "no padding"): "model[0].padding = (kernel // 2, kernel // 2)",
    ("conv_block", "a list of layers"): "model = nn.Sequential(*model)",
    ("conv_block", "weights that begin alike"): "[layer.reset_parameters() for layer in model[:2]]",
    ("build_simple_cnn", "no ReLU after the first convolution"): "model.insert(1, nn.ReLU())",
    ("predict_with_flips", "upside down"): "(model(x) + model(x.flip(-1))) / 2",
    ("random_crop_flip", "one offset for the whole batch"): (
        "torch.cat([theirs(one[None], generator, padding) for one in x])"
    ),
}


@pytest.mark.parametrize(("met", "line"), MENDED.items())
def test_the_line_that_mends_a_mistake_is_run_and_believed(met, line):
    assert mended(about(*met), line).passed


@pytest.mark.slow
@pytest.mark.parametrize(("met", "line"), MODELS.items())
def test_the_line_that_mends_a_model_is_run_and_believed(met, line):
    assert mended(about(*met), line).passed


def test_a_line_is_judged_on_the_case_and_where_the_mistake_shows_besides():
    asked = about("conv2d_multi", "the bias is forgotten")
    case = asked.verdict.failed
    literal = mended(asked, f"np.array({np.asarray(case.expected).tolist()})")
    assert not literal.passed
    assert literal.right == 1
    assert literal.failed.case is not case.case
    assert mended(asked, "wrong").failed.case is case.case
    assert "NameError" in mended(asked, "wrong + biass").failed.sentence


@pytest.mark.slow
def test_a_line_for_a_model_is_judged_on_other_sizes_too():
    asked = about("conv_block", "no padding")
    assert "Conv2d(2, 3, kernel_size=(3, 3), stride=(1, 1), bias=False)" in mending(asked).asks
    literal = mended(asked, "model[0].padding = (1, 1)")
    assert 0 < literal.right < literal.cases
    assert "a torch nn.Module; yours returned a number 3" in mended(asked, "model = 3").failed.sentence
    assert "It knows in_channels; out_channels; kernel; stride; torch; nn; and model" in mending(asked).asks


def test_a_line_for_a_table_is_judged_as_its_row_is():
    asked = about("alexnet_answers", "the first stop is not counted")
    assert "its row “shape after conv1”. It knows np; wrong, which is (96, 54, 54);" in mending(asked).asks
    for line, said in {
        "wrong": "one too few: the kernel's first place counts",
        "(96, 55.5, 55)": "(96, 55.5, 55)",
        "[55, 55, 96]": "shape after conv1",
        "theirs": "shape after conv1",
        "nope": "NameError",
        "[1 for _ in (0, 0)] + wrong": "TypeError",
    }.items():
        assert not mended(asked, line).passed
        assert said in mended(asked, line).failed.sentence


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ["00", "01", "02", "03", "04", "05", "10"])
def test_what_came_back_mends_nothing_as_it_is(lesson):
    """Two mistakes of each exercise."""
    rng, draw = random.Random(lesson), np.random.default_rng(0)
    for exercise in check.exercises(lesson):
        for mistake in rng.sample([known.name for known in exercise.mistakes], 2):
            found = mending(review.question(exercise.name, mistake, draw))
            if found is not None:
                assert not found.judge("wrong").passed, (exercise.name, mistake)


DONE_BESIDES = [("relu", "writes into its input"), ("feature_maps", "a hook stays")]


@pytest.mark.slow
@pytest.mark.parametrize("met", DONE_BESIDES)
def test_a_right_result_that_came_back_with_a_fault_besides_is_not_handed_out(met):
    asked = about(*met)
    assert "wrong" not in mending(asked).asks
    assert "NameError" in mended(asked, "wrong").failed.sentence


NO_LINE = [
    ("train_epoch", "the gradients are never zeroed"),  # a loop
    ("conv_block", "always the same block"),  # the fault is where it is made
    ("output_size", "a kernel that does not fit gives a number"),  # an error is right there
]


@pytest.mark.slow
@pytest.mark.parametrize("met", NO_LINE)
def test_where_no_line_mends_it_none_is_asked_for(met):
    assert mending(about(*met)) is None


@pytest.mark.slow
def test_a_line_that_does_not_come_back_is_stopped():
    for met in (("count_parameters_dense", "the bias is forgotten"), ("alexnet_answers", "channels last")):
        assert mended(about(*met), "[1 for _ in iter(int, 1)]").failed.kind == "endless"
