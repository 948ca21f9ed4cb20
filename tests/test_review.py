"""The album of mistakes: what was met is asked about, at growing intervals, with choices that can be told apart."""

import datetime
import random

import pytest
from typer.testing import CliRunner

from cnnlab import check, cli, logbook, review
from cnnlab.check.exercise import bench_for

DAY = datetime.timedelta(days=1)
MONDAY = datetime.datetime(2026, 11, 2, 18, tzinfo=datetime.UTC)
MET = ("conv2d_multi", "the bias is forgotten")


def met(time=MONDAY, exercise=MET[0], mistake=MET[1], **more):
    return {"time": time.isoformat(), "exercise": exercise, "mistake": mistake, **more}


def asked(entries, now, **more):
    questions = review.session(review.album(entries), now, 5, random.Random(0), **more)
    return [(one.exercise, one.mistake) for one in questions]


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


def outcome(attempt):
    trouble = attempt.answer.trouble
    return trouble.error if trouble else repr(attempt.got), attempt.failure.kind


@pytest.mark.parametrize("lesson", ["01", "02", "03", "04", "05"])
def test_a_choice_is_right_and_the_others_give_something_else_there(lesson):
    """Three mistakes of each exercise."""
    rng = random.Random(lesson)
    for exercise in check.exercises(lesson):
        for number in rng.sample(range(len(exercise.mistakes)), min(3, len(exercise.mistakes))):
            found = review.question(exercise.name, exercise.mistakes[number].name, rng)
            assert len(found.choices) == len(set(found.choices)) == 4
            assert found.choices[found.answer - 1] == exercise.mistakes[number].name
            part = next(p for p in exercise.parts if exercise.run_mistake(p, number).failure is not None)
            bench = bench_for(exercise, part, exercise.seed(part))
            failure = exercise.run_mistake(part, number).failed
            k = next(k for k, case in enumerate(bench.cases) if case is failure.case)
            names = [known.name for known in exercise.mistakes]
            for choice in set(found.choices) - {names[number]}:
                other = bench.mistaken(names.index(choice), k)
                assert other.failure is None or outcome(other) != outcome(bench.mistaken(number, k))
            assert f"Looks like: {names[number]}" not in found.shown


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
        out = say("--now", "--most", "1", answers=f"{answer}\n")
        assert ("Right." in out) == ("1 of 1 recognised" in out)
        assert "the bias is missing. Add bias[o]" in out
        last = list(logbook.entries(at_home))[-1]
        assert last["review"] == ("right" if "Right." in out else "wrong")
    assert "the next question is due on" in say()
