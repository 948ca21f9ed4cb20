"""A submission that takes too much of the judge itself costs itself alone, has a record, and is not tried anew."""

import dataclasses
import os
import shutil
import time

import numpy as np
import pytest

from cnnlab.course.folder import Folder
from cnnlab.course.grading import apart, cluster, records
from cnnlab.course.grading.apart import MIB, Apart, Died, Ended, JudgingProcess, Share
from cnnlab.course.grading.batch import grade_all, submissions
from cnnlab.course.grading.class_report import write_report
from cnnlab.course.grading.grader import Grader, Round
from cnnlab.settings import Trouble
from tests.course.grading.courses import LESSON, RIGHT, hand_in

pytestmark = pytest.mark.slow

SMALL = Share(cpu_seconds=3, wall_seconds=60, memory=300 * MIB)


@pytest.fixture
def course(released, tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "SHARE", SMALL)
    shutil.copytree(released.root, tmp_path / "course")
    return Folder((tmp_path / "course").resolve())


@pytest.fixture
def process(course):
    made = JudgingProcess(Grader(Round(course.root, LESSON)))
    yield made
    made.end()


def lesson_of(grader, *more):
    return grader.lesson, *more


def busy(grader):
    while True:
        pass


def in_c(grader):
    return "a" * sum(pow(3, 10**6 + k, 10**400) % 2 for k in range(10**9))


def growing(grader):
    kept = []
    while True:
        kept.append(np.ones(MIB))
        time.sleep(0.01)


def asleep(grader):
    time.sleep(600)


def dying(grader):
    os._exit(3)


def failing(grader):
    raise ValueError("as it is")


def test_a_task_is_done_and_the_next_one_by_the_same_process(process):
    assert process.do(lesson_of, 1, 2) == (LESSON, 1, 2)
    pid = process.process.pid
    assert process.do(lesson_of) == (LESSON,)
    assert (process.process.pid, process.usable) == (pid, True)


def test_what_a_task_raises_is_raised_here(process):
    with pytest.raises(ValueError, match="as it is"):
        process.do(failing)
    assert process.usable


@pytest.mark.parametrize(
    ("task", "of"),
    [(busy, "3 seconds of a processor"), (in_c, "3 seconds of a processor"), (growing, "300 MB of memory")],
    ids=["busy", "busy in C", "growing"],
)
@pytest.mark.slow
def test_a_task_that_takes_too_much_is_ended_from_outside(process, task, of):
    process.do(lesson_of)
    with pytest.raises(Ended, match=of):
        process.do(task)
    assert not process.usable
    assert not process.process.is_alive()


def test_a_task_that_waits_for_ever_is_ended(course):
    process = JudgingProcess(Grader(Round(course.root, LESSON)), Share(wall_seconds=2))
    with pytest.raises(Ended, match="longer than 2 seconds"):
        process.do(asleep)


def test_a_grader_that_can_not_be_made_is_told(course):
    grader = Grader(Round(course.root, LESSON))
    grader.settings = dataclasses.replace(grader.settings, lesson="99_nowhere")
    process = JudgingProcess(grader, Share(wall_seconds=30))
    try:
        with pytest.raises(Trouble, match="99_nowhere"):
            process.do(len)
    finally:
        process.end()


def test_a_process_that_dies_is_told_and_another_one_follows(course):
    with Apart(Grader(Round(course.root, LESSON))) as grader:
        with pytest.raises(Died):
            grader.do(dying)
        assert grader.do(lesson_of) == (LESSON,)


BUSY_FOR_EVE = """
from cnnlab.course.grading.grader import Grader

read = Grader.read


def busy(self, student):
    with open("tried", "a") as file:
        file.write(student + " ")
    while student == "eve":
        pass
    return read(self, student)


Grader.read = busy
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_who_took_too_much_has_a_record_and_the_next_one_is_graded(course, monkeypatch, workers):
    for student in ("ada", "eve", "zoe"):
        hand_in(course, student, **{**RIGHT, "cross_correlate2d": RIGHT["cross_correlate2d"] + f"\n# {student}"})
    (course.root / "busy_for_eve.py").write_text(BUSY_FOR_EVE)
    monkeypatch.syspath_prepend(str(course.root))
    monkeypatch.chdir(course.root)

    def graded(again=False, students=None):
        (course.root / "tried").write_text("")
        settings = Round(course.root, LESSON, preload=("busy_for_eve",))
        outcome = grade_all(settings, students or list(submissions(course.root, LESSON)), again, workers)
        return outcome, sorted((course.root / "tried").read_text().split())

    real = Grader.read
    outcome, tried = graded()
    assert {g.student: g.score for g in outcome.graded} == {"ada": 5, "zoe": 5}
    assert list(outcome.ended) == ["eve"]
    assert "3 seconds of a processor" in outcome.ended["eve"]
    assert tried == ["ada", "eve", "zoe"]
    record = records.load_record(course.root, LESSON, "eve")
    assert (record.ended, record.points, record.failed) == (True, 0, None)
    page = (course.root / "autograded" / "eve" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    assert "took too long to grade, or too much memory" in page
    (line,) = [line for line in outcome.lines() if "eve" in line]
    assert line.startswith("ended: eve: Grading it took the judge itself more than 3 seconds of a processor")
    report, _ = write_report(course, LESSON)
    assert "took too much to be graded, 0 points" in report.read_text(encoding="utf-8")
    outcome, tried = graded()
    assert (tried, list(outcome.ended), outcome.before) == ([], ["eve"], ["ada", "zoe"])
    outcome, tried = graded(again=True, students=["eve"])
    assert (tried, list(outcome.ended)) == (["eve"], ["eve"])
    Grader.read = real  # which the preloaded module has changed in this process as well


BUSY_JUDGE = """
from cnnlab.course.grading import cluster

judge = cluster.judge


def busy(release, cells, *more):
    while any("# eve" in cell.source for cell in cells):
        pass
    return judge(release, cells, *more)


cluster.judge = busy
"""


def test_a_machine_of_a_cluster_ends_a_judge_that_takes_too_much(course, monkeypatch):
    distributed = pytest.importorskip("distributed")
    for student in ("ada", "eve", "zoe"):
        hand_in(course, student, **{**RIGHT, "cross_correlate2d": RIGHT["cross_correlate2d"] + f"\n# {student}"})
    (course.root / "busy_judge.py").write_text(BUSY_JUDGE)
    monkeypatch.syspath_prepend(str(course.root))
    monkeypatch.setattr(cluster, "judge", cluster.judge)  # which the preloaded module changes in this process, too
    settings = Round(course.root, LESSON, preload=("busy_judge",))
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp://"
    ) as machines:
        outcome = grade_all(settings, ["ada", "eve", "zoe"], scheduler=machines.scheduler_address)
    assert {g.student: g.score for g in outcome.graded} == {"ada": 5, "zoe": 5}
    assert "3 seconds of a processor" in outcome.ended["eve"]
    assert outcome.failed == {}


def test_a_variable_that_was_taken_away_decides_no_more(monkeypatch):
    class HungUp:
        def recv(self):
            raise EOFError

    monkeypatch.setattr(os, "environ", {"CNNLAB_SECRET": "another", "HOME": "/"})
    monkeypatch.setattr(apart.signal, "signal", lambda *_: None)
    apart._serve(HungUp(), Grader, None, {"HOME": "/home"})
    assert os.environ == {"HOME": "/home"}
