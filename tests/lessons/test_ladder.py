"""Every lesson is a ladder: exercises that say what they ask for, hints in steps, and never long between two checks."""

import re

import pytest

from cnnlab import check
from cnnlab.settings import lesson_names
from tests.lessons.master import read

LESSONS = lesson_names()
WORDS_A_MINUTE = 200
MINUTES_FOR_A_FIGURE = 0.5
LONGEST = 17  # about a quarter of an hour


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_exercises_are_those_that_the_checks_declare(lesson):
    declared = {e.name: sum(p.points for p in e.parts) for e in check.exercises(lesson)}
    assert {e.name: e.points for e in read(lesson).exercises} == declared


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_part_has_a_check_cell_with_its_points_right_after_the_exercise(lesson):
    for exercise in read(lesson).exercises:
        parts = [(c["part"], float(c["points"])) for c in exercise.checks]
        declared = next(e for e in check.exercises(lesson) if e.name == exercise.name)
        assert parts == [(p.name, p.points) for p in declared.parts], exercise.name


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_exercise_has_hints_in_at_least_two_steps(lesson):
    for exercise in read(lesson).exercises:
        hints = re.findall(r"<details><summary>([^<]*)</summary>", "\n".join(exercise.text))
        assert hints[:2] == ["A nudge", "The idea"], exercise.name


@pytest.mark.parametrize("lesson", LESSONS)
def test_an_exercise_with_several_parts_helps_those_who_pass_only_the_first(lesson):
    for exercise in read(lesson).exercises:
        if len(exercise.checks) > 1:
            assert re.search(r"\*\*[^*]* pass(es)?, [^*]* (don't|doesn't)\?\*\*", "\n".join(exercise.text)), (
                exercise.name
            )


@pytest.mark.parametrize("lesson", LESSONS)
def test_it_is_never_long_from_one_check_to_the_next(lesson):
    """Reading, looking and solving; the minutes of an exercise are shared by the checks of its parts."""
    minutes, longest = 0.0, 0.0
    waiting = {e.name: e.minutes / len(e.checks) for e in read(lesson).exercises}
    for kind, what in read(lesson).steps:
        if kind == "words":
            minutes += what / WORDS_A_MINUTE
        elif kind == "figure":
            minutes += MINUTES_FOR_A_FIGURE
        elif kind == "check":
            longest, minutes = max(longest, minutes + waiting[what]), 0.0
    assert longest <= LONGEST


@pytest.mark.parametrize("lesson", LESSONS)
def test_docstrings_of_exercises_say_what_goes_in_and_what_comes_out(lesson):
    for tags, source in read(lesson).cells:
        defined = re.search(r"^def \w+\(([^)]*)\):|def __init__\(self, ([^)]*)\):", source, re.MULTILINE)
        if "solution" in tags and defined:  # a table has no docstring
            doc = source.split('"""')[1]
            assert "Returns" in doc
            arguments = " ".join((defined[1] or defined[2] or "").split()).removesuffix(",")
            assert all(name in doc for name in re.sub(r"=[^,]*", "", arguments).split(", "))
        elif "solution" in tags:
            assert next(e for e in check.exercises(lesson) if e.name == tags["solution"]).value


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_header_says_what_for_what_first_and_how_long(lesson):
    head = read(lesson).prose.split("\n## ")[0]
    assert all(
        words in head for words in ("What you will be able to do", "What you need first", "**Time:**", "computer")
    )


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_closes_with_what_was_built(lesson):
    last = read(lesson).prose.split("\n## ")[-1]
    assert re.match(r"\d+\. What you have (built|done)", last)


@pytest.mark.parametrize("lesson", LESSONS[1:])
def test_a_graded_lesson_has_short_answers_with_a_model_and_a_rubric(lesson):
    text = read(lesson).prose
    regions = re.findall(r'#region answer="[^"]+" points=(\d+) -->(.*?)#endregion', text, re.DOTALL)
    assert 2 <= len(regions) <= 3
    assert 2 <= sum(int(points) for points, _ in regions) <= 4
    assert all("Model answer." in body and "Rubric." in body for _, body in regions)


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_sentence_turns_into_a_list_by_accident(lesson):
    """A line that begins with "0. " or "+ " is a list to Markdown."""
    begins = re.findall(r"^(\d+|\+|\*)[.)]? ", read(lesson).prose, re.MULTILINE)
    numbers = re.findall(r"^(\d+)\. ", read(lesson).prose, re.MULTILINE)
    assert "+" not in begins
    assert all(int(b) in (1, int(a) + 1) for a, b in zip(["0", *numbers], numbers, strict=False))


def test_cells_keep_within_the_width_of_a_page():
    for lesson in LESSONS:
        for _, source in read(lesson).cells:
            assert max(map(len, source.split("\n"))) <= 112, source
