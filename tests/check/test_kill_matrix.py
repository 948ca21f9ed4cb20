"""Every check catches every known mistake, and calls it by name, in whatever dress its result comes; and the judge's
verdict on it, as on every right answer, is the notebook's."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check.subject import NotebookSubject
from cnnlab.course import matrix
from cnnlab.course.grading.sandbox import NoSandbox, WorkerLost, WorkerProcess, require_bubblewrap, sandbox_command
from cnnlab.course.grading.sandbox_subject import SandboxSubject
from cnnlab.settings import course
from tests.check import right
from tests.course.grading.courses import limits

ROOT = Path(__file__).parents[2]
SEEDS = (1, 2)
QUICK = 4  # of each exercise's mistakes, without torch; all of them are for the slow run
PAGES = ROOT / "docs" / "kill_matrix"


def needs_torch(lesson):
    return "torch" in course()["lessons"][lesson]["imports"]


def each(torch=True):
    return [
        pytest.param(e, id=e.name)
        for lesson in check.lessons()
        if torch or not needs_torch(lesson)
        for e in check.exercises(lesson)
    ]


@pytest.mark.parametrize("exercise", each(torch=False))
def test_the_first_mistakes_are_caught(exercise):
    for number in range(min(QUICK, len(exercise.mistakes))):
        assert matrix.row(exercise, number).killed, exercise.mistakes[number].name


class Bench:
    """Workers for one lesson in which the checks themselves lie open, so that a known mistake can be run there by its
    number; one worker serves until a mistake takes it down."""

    def __init__(self, lesson):
        imports = tuple(course()["lessons"][lesson]["imports"])
        self.limits = limits(imports)
        self.command, self.tensors = sandbox_command(require_bubblewrap(), imports, self.limits), "torch" in imports
        at = self.command.index("--dev")
        ours = ROOT / "cnnlab" / "check"
        for path in sorted(ours.iterdir()):
            if path.name not in ("__init__.py", "__pycache__"):  # the worker's own stands there, and does nothing
                self.command[at:at] = ["--ro-bind", str(path), f"/worker/cnnlab/check/{path.name}"]
        self.home = f"cnnlab.check.lesson_{lesson[:2]}"
        self.names = check.names(lesson)
        self.worker = None

    def run(self, source):
        if self.worker is None:
            self.worker = WorkerProcess(self.command, self.tensors)
            self.worker.wait_ready(self.limits.start_seconds)
            self.run("import importlib\nimport numpy as np")
            self.run(f"KNOWN = {{n: importlib.import_module('{self.home}.' + n).EXERCISE for n in {self.names!r}}}")
        said = self.worker.ask({"do": "run", "code": source, "seconds": 20.0}, 30)
        assert "trouble" not in said, said["trouble"]

    def verdicts(self, exercise, source, seed=None):
        """The exercise's verdicts on what `source` defines, part by part."""
        self.run(source)
        found = []
        for part in exercise.parts:
            try:
                found.append(exercise.run(part, SandboxSubject(self.worker, exercise.name, self.limits), seed))
            except WorkerLost:
                self.close_worker()
                self.run(source)
                found.append(None)
        return found

    def close_worker(self):
        if self.worker is not None:
            self.worker.end()
        self.worker = None


@pytest.fixture(scope="module")
def bench():
    try:
        require_bubblewrap()
    except NoSandbox as error:
        pytest.skip(str(error))
    made = {}

    def of(lesson):
        if lesson not in made:
            made[lesson] = Bench(lesson)
        return made[lesson]

    yield of
    for one in made.values():
        one.close_worker()


@pytest.fixture(scope="module", params=each())
def every(request):
    """An exercise; all that is asked of it comes one after the other, and what is known of its mistakes is kept."""
    return request.param


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_mistake_is_caught_and_named_and_the_page_says_so(every):
    rows = matrix.rows(every)
    assert [one.mistake.name for one in rows if not one.killed] == []
    assert [one.mistake.name for one in rows if not one.named] == []
    page = (PAGES / f"{every.lesson}.md").read_text(encoding="utf-8")
    assert matrix.section(every) in page, "run `cnnlab matrix`"
    if every.bound:
        assert unnamed_in_other_dress(every) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_judges_verdict_on_every_mistake_is_the_notebooks(bench, every):
    workers, other = bench(every.lesson), []
    for k, mistake in enumerate(every.mistakes):
        judged = workers.verdicts(every, f"{every.name} = KNOWN[{every.name!r}].mistakes[{k}].function")
        for part, verdict in zip(every.parts, judged, strict=True):
            here = told(matrix.failures(every, k)[part.name])
            if verdict is None or told(verdict.failure) != here:
                other.append((mistake.name, part.name, verdict and told(verdict.failure), here))
    assert other == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_right_answer_is_refused_by_the_judge(bench, every):
    workers = bench(every.lesson)
    workers.run(right.source(every))
    for k in range(len(right.answers(every))):
        judged = workers.verdicts(every, f"{every.name} = {every.name.upper()}[{k}]", SEEDS[0])
        assert [told(verdict.failure) if verdict else "lost" for verdict in judged] == [None] * len(judged), k


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_mistake_is_caught_whatever_the_seed(every):
    for seed in SEEDS:
        passed = [m.name for number, m in enumerate(every.mistakes) if matrix.survives(every, number, seed)]
        assert passed == [], f"seed {seed}"


def told(failure):
    return failure and (failure.kind, failure.mistake and failure.mistake.name)


def in_other_dress(value, dress):
    """A result as NumPy scalars, 0-d arrays, lists or tuples, as learners return it."""
    if isinstance(value, list | tuple):
        kind = {"lists": list, "tuples": tuple}.get(dress, type(value))
        return kind(in_other_dress(item, dress) for item in value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 2**62:
        return value
    if dress == "NumPy scalars":
        return np.float64(value) if isinstance(value, float) else np.int64(value)
    return np.array(value) if dress == "0-d arrays" else value


DRESSES = ("NumPy scalars", "0-d arrays", "lists", "tuples")


def unnamed_in_other_dress(exercise):
    unnamed = []
    for number, mistake in enumerate(exercise.mistakes):
        for dress in DRESSES:

            def dressed(*args, function=mistake.function, dress=dress, **kwargs):
                return in_other_dress(function(*args, **kwargs), dress)

            if not changes_dress(exercise, mistake, dress):
                continue
            telling = [part for part in exercise.parts if names(matrix.failures(exercise, number)[part.name], mistake)]
            subject = NotebookSubject(dressed, seconds=None)
            if not telling or any(names(exercise.run(part, subject).failure, mistake) for part in telling):
                continue
            if not about_dress(exercise, mistake):
                unnamed.append(f"{mistake.name} in {dress}")
    return unnamed


def names(failure, mistake):
    return failure is not None and mistake.name in {one.name for one in failure.diagnosis.named}


def first_result(exercise, mistake):
    case = next(case for case in exercise.parts[0].cases(np.random.default_rng(0)) if case.raises is None).fresh()
    try:
        return mistake.function(*case.args, **case.kwargs)
    except Exception:
        return None


def changes_dress(exercise, mistake, dress):
    value = first_result(exercise, mistake)
    other = in_other_dress(value, dress)
    return type(other) is not type(value) or (
        isinstance(value, list | tuple) and any(type(a) is not type(b) for a, b in zip(other, value, strict=True))
    )


def about_dress(exercise, mistake):
    """Is the kind of thing itself the mistake: a float for a count, a list for an array?"""
    return any(
        (failure := exercise.run(part, NotebookSubject(mistake.function, seconds=None)).failure) is not None
        and failure.kind in ("type", "dtype")
        for part in exercise.parts
    )


@pytest.mark.parametrize("exercise", each())
def test_names_of_mistakes_are_unique_and_every_one_explains_itself(exercise):
    names = [mistake.name for mistake in exercise.mistakes]
    assert len(names) == len(set(names))
    for mistake in exercise.mistakes:
        assert len(mistake.says) > 20
        assert mistake.says.endswith((".", "!", "?"))


@pytest.mark.parametrize("exercise", each())
def test_a_four_point_exercise_knows_at_least_eight_mistakes(exercise):
    if sum(part.points for part in exercise.parts) >= 4:
        assert len(exercise.mistakes) >= 8


def test_the_course_knows_many_mistakes():
    counts = {lesson: sum(len(e.mistakes) for e in check.exercises(lesson)) for lesson in check.lessons()}
    assert counts["01_convolution"] >= 60
    assert sum(counts[lesson] for lesson in counts if "02" <= lesson < "07") >= 220


@pytest.mark.slow
@pytest.mark.parametrize("lesson", check.lessons())
def test_a_page_has_a_section_for_each_exercise_and_no_other(lesson):
    text = (PAGES / f"{lesson}.md").read_text(encoding="utf-8")
    found = [line.strip("# `") for line in text.splitlines() if line.startswith("## ")]
    assert found == list(check.names(lesson))


def test_the_matrix_sees_a_check_that_lost_its_teeth():
    exercise = check.exercise("cross_correlate2d")
    one = dataclasses.replace(exercise.parts[0], cases=lambda rng: exercise.parts[0].cases(rng)[3:4])  # a 1 × 1 kernel
    toothless = dataclasses.replace(exercise, parts=[one])
    flipped = [mistake.name for mistake in exercise.mistakes].index("the kernel is flipped")
    assert not matrix.row(toothless, flipped).killed
