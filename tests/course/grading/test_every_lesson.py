"""For every lesson: the judge's verdict on the solution, the untouched stub, every known mistake and every right answer
is the notebook's."""

import nbformat
import pytest

from cnnlab import check
from cnnlab.course.grading.grader import TORCH_MEMORY
from cnnlab.course.grading.judge import SubmittedCell, judge
from cnnlab.course.grading.release import load_release
from cnnlab.course.grading.sandbox import Limits, NoSandbox, WorkerLost, WorkerPool, require_bubblewrap, sandbox_command
from cnnlab.course.grading.sandbox_subject import SandboxSubject
from cnnlab.settings import course
from tests.check import right
from tests.course.conftest import REPOSITORY

LESSONS = [lesson for lesson in check.lessons() if lesson != "00_start"]
EXERCISES = [pytest.param(e, id=f"{lesson[:2]}-{e.name}") for lesson in LESSONS for e in check.exercises(lesson)]
SEED = 7


def limits(imports):
    return Limits(memory=TORCH_MEMORY) if "torch" in imports else Limits()


def notebook(room, lesson):
    return REPOSITORY / room / lesson / f"{lesson}.ipynb"


def judged(lesson, room):
    """The judgement on the solution cells of a room's own notebook."""
    release = load_release(notebook("notebooks", lesson), course()["lessons"][lesson]["imports"])
    names = {cell.grade_id for cell in release.with_role("solution")}
    cells = [
        SubmittedCell(cell.source, cell.metadata.nbgrader.grade_id)
        for cell in nbformat.read(notebook(room, lesson), as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") in names
    ]
    try:
        with WorkerPool(release.imports, limits(release.imports), waiting=1) as pool:
            return judge(release, cells, pool, "secret")
    except NoSandbox as error:
        pytest.skip(str(error))


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_the_solution_gets_every_point(lesson):
    judgement = judged(lesson, "solutions")
    assert [part.message for part in judgement.parts if part.points < part.most] == []
    assert judgement.points == sum(part.points for e in check.exercises(lesson) for part in e.parts)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_the_untouched_stub_is_not_solved_yet(lesson):
    judgement = judged(lesson, "notebooks")
    assert judgement.points == 0
    assert {part.kind for part in judgement.parts} == {"unsolved"}


class Bench:
    """Workers for one lesson in which the checks themselves lie open, so that a known mistake can be run there by its
    number; one worker serves until a mistake takes it down."""

    def __init__(self, lesson):
        imports = tuple(course()["lessons"][lesson]["imports"])
        self.limits = limits(imports)
        command = sandbox_command(require_bubblewrap(), imports, self.limits)
        at = command.index("--dev")
        ours = REPOSITORY / "cnnlab" / "check"
        for path in sorted(ours.iterdir()):
            if path.name not in ("__init__.py", "__pycache__"):  # the worker's own stands there, and does nothing
                command[at:at] = ["--ro-bind", str(path), f"/worker/cnnlab/check/{path.name}"]
        self.pool = WorkerPool(imports, self.limits, waiting=1, command=command)
        self.home = f"cnnlab.check.lesson_{lesson[:2]}"
        self.names = check.names(lesson)
        self.worker = None

    def run(self, source):
        if self.worker is None:
            self.worker = self.pool.take()
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
        one.pool.close()


def told(verdict):
    failure = verdict.failure
    return None if failure is None else (failure.kind, failure.mistake and failure.mistake.name)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_verdict_on_every_known_mistake_is_the_notebooks(bench, exercise):
    workers = bench(exercise.lesson)
    other = []
    for k, mistake in enumerate(exercise.mistakes):
        judged = workers.verdicts(exercise, f"{exercise.name} = KNOWN[{exercise.name!r}].mistakes[{k}].function")
        for part, verdict in zip(exercise.parts, judged, strict=True):
            here = exercise.run_mistake(part, k)
            if verdict is None or told(verdict) != told(here):
                other.append((mistake.name, part.name, verdict and told(verdict), told(here)))
    assert other == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("exercise", EXERCISES)
def test_no_right_answer_is_refused_by_the_judge(bench, exercise):
    workers = bench(exercise.lesson)
    workers.run(right.source(exercise))
    for k in range(len(right.answers(exercise))):
        judged = workers.verdicts(exercise, f"{exercise.name} = {exercise.name.upper()}[{k}]", SEED)
        assert [told(verdict) if verdict else "lost" for verdict in judged] == [None] * len(judged), k
