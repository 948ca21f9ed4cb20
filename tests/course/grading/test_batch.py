"""Many at once: stopped anywhere, run again, the gradebook is that of an undisturbed run."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from cnnlab.course.folder import Folder
from cnnlab.course.grading import batch, grader, records
from cnnlab.course.grading.apart import Ended
from cnnlab.course.grading.batch import grade_all, submissions
from cnnlab.course.grading.gradebook import Entry, alone
from cnnlab.course.grading.grader import Grader, Round
from cnnlab.course.grading.reader import read_submission
from cnnlab.course.grading.sandbox import NoSandbox
from cnnlab.settings import Trouble
from tests.course.grading.courses import ENDLESS, FLIPPED, LESSON, LETHAL, REPOSITORY, RIGHT, hand_in

CLASS = 12


@pytest.fixture
def course(released, tmp_path):
    shutil.copytree(released.root, tmp_path / "course")
    return Folder((tmp_path / "course").resolve())


def hand_in_class(course, count=CLASS):
    for k in range(count):
        kind = k % 3
        sources = [RIGHT, {"cross_correlate2d": FLIPPED}, {"count_parameters_dense": RIGHT["count_parameters_dense"]}]
        told = {name: f"{source}\n# {k}" for name, source in sources[kind].items()}
        hand_in(course, f"student-{k:02}", why=f"It moves {k} times.", time=f"2026-11-01 12:{k:02}:00 UTC", **told)


def everything(course):
    """All that the gradebook says about the class."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "cnnlab") as book:
        return {
            row.student.id: (
                row.assignment.timestamp,
                row.late_submission_penalty,
                sorted((g.name, g.auto_score, g.manual_score, g.needs_manual_grade) for g in row.grades),
                sorted((c.name, c.auto_comment) for c in row.comments),
            )
            for row in book.notebook_submissions(LESSON, LESSON)
        }


def all_of(course, **options):
    settings = Round(course.root, LESSON, **options.pop("settings", {}))
    return grade_all(settings, list(submissions(course.root, LESSON)), workers=options.pop("workers", 1), **options)


def undisturbed(course, tmp_path):
    """The gradebook of one run over the same submissions, elsewhere."""
    shutil.copytree(course.root, tmp_path / "undisturbed", ignore=shutil.ignore_patterns(".cnnlab", "autograded"))
    (tmp_path / "undisturbed" / "gradebook.db").unlink()
    other = Folder((tmp_path / "undisturbed").resolve())
    ours, others = (records.instructors_folder(place.root) for place in (course, other))
    shutil.copytree(ours, others, ignore=shutil.ignore_patterns("[!s]*"))
    from cnnlab.course import rounds

    rounds.release_lesson(other, LESSON)
    all_of(other)
    return everything(other)


def cnnlab(course, *arguments):
    call = [sys.executable, "-m", "cnnlab", *arguments, "--course", str(course.root)]
    return subprocess.Popen(call, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(condition, seconds=90):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def recorded(course):
    return list((records.instructors_folder(course.root) / "records" / LESSON).glob("*.json"))


@pytest.mark.slow
def test_a_second_run_judges_nothing_and_changes_nothing(course):
    hand_in_class(course, 3)
    assert len(all_of(course).graded) == 3
    before = everything(course)
    outcome = all_of(course)
    assert (outcome.graded, len(outcome.before)) == ([], 3)
    assert everything(course) == before


@pytest.mark.slow
def test_killed_half_way_and_run_again_is_as_undisturbed(course, tmp_path):
    hand_in_class(course)
    records.the_secret(course.root)
    expected = undisturbed(course, tmp_path)
    killed = cnnlab(course, "grade", "01", "--workers", "2")
    wait_for(lambda: len(recorded(course)) >= CLASS // 3)
    children = _children(killed.pid)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert len(recorded(course)) < CLASS
    wait_for(lambda: not any(_alive(pid) for pid in children), 20)  # it takes its processes with it
    again = cnnlab(course, "grade", "01", "--workers", "2")
    told, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    assert "graded before" in told
    assert everything(course) == expected
    assert len(expected) == CLASS


def _children(pid):
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _alive(pid):
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_a_judging_process_that_dies_costs_only_who_killed_it(course, monkeypatch):
    hand_in_class(course, 4)
    (course.root / "dies.py").write_text(
        "import os\nfrom cnnlab.course.grading.grader import Grader\n"
        "read = Grader.read\n"
        "Grader.read = lambda self, student: os._exit(1) if student == 'student-01' else read(self, student)\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(course.root), str(REPOSITORY)]))
    outcome = _in_another_process(course, "preload=('dies',)")
    assert outcome == "['student-00', 'student-02', 'student-03'] ['student-01']"
    assert "student-01" not in everything(course)


def _in_another_process(course, settings):
    script = course.root / "run.py"
    script.write_text(
        "from pathlib import Path\nfrom cnnlab.course.grading import batch, grader\n"
        "class Main(grader.Grader):\n    def __init__(self, s): super().__init__(grader.Round(s.root, s.lesson))\n"
        "if __name__ == '__main__':\n"
        f"    settings = batch.Round(Path({str(course.root)!r}), {LESSON!r}, {settings})\n"
        "    main = grader.Grader(batch.Round(settings.root, settings.lesson))\n"
        "    main.settings = settings\n"
        "    batch.Grader = lambda s: main\n"
        f"    o = batch.grade_all(settings, list(batch.submissions(settings.root, {LESSON!r})), workers=2)\n"
        "    print(sorted(g.student for g in o.graded), sorted(o.failed))\n"
    )
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout.strip()


@pytest.mark.slow
def test_hostile_and_endless_ones_cost_nobody_else_anything(course):
    hand_in(course, "ada", **RIGHT)
    hand_in(course, "endless", cross_correlate2d=ENDLESS)
    hand_in(course, "lethal", cross_correlate2d=LETHAL, count_parameters_dense=RIGHT["count_parameters_dense"])
    hand_in(course, "torn", text="{")
    outcome = all_of(course)
    assert {g.student: g.score for g in outcome.graded} == {"ada": 5, "endless": 0, "lethal": 1}
    assert set(outcome.refused) == {"torn"}
    assert outcome.ran_out == 2
    assert (
        not list((records.instructors_folder(course.root) / "cache").glob("*")) or len(_kept(course)) == 1
    )  # ada's alone

    again = all_of(course)
    assert (again.graded, again.ran_out, sorted(again.before)) == ([], 2, ["ada", "endless", "lethal"])


def test_what_a_check_left_unjudged_is_tried_again_and_what_ran_out_of_time_is_not(course):
    hand_in(course, "ada", **RIGHT)
    grader = Grader(Round(course.root, LESSON))
    _, record = grader.read("ada")
    grader.finished("ada").parent.mkdir(parents=True)
    grader.finished("ada").write_text("{}")
    for kind, known in (("endless", True), ("lost", True), ("unjudged", False)):
        part = records.PartVerdict("g", "cross_correlate2d", "values", 0, 2, "", kind)
        judgement = records.Judgement(LESSON, [part], final=False)
        made = replace(record, judgement=judgement)
        records.save_record(course.root, made)
        assert (grader.known("ada") is not None) is known
        assert (made.ran_out, made.unjudged) == (known, not known)
        grader.verdicts.keep([], judgement)
    assert _kept(course) == []  # and no other submission has such a verdict
    told = batch.GradingSummary(ran_out=1, unjudged=2, ended={"eve": "Grading it took long"}).lines()
    assert told == [
        "1 ran out of time somewhere (--again tries them anew)",
        "2 not judged in full: a check failed by itself; the report says which",
        "ended: eve: Grading it took long (--again tries it anew)",
    ]


def test_points_of_what_was_taken_away_since_are_told(course):
    hand_in(course, "ada", **RIGHT)
    hand_in(course, "alan", **RIGHT)
    assert all_of(course).gone == []
    shutil.rmtree(course.root / "submitted" / "ada")
    summary = all_of(course)
    assert summary.gone == ["ada"]
    assert "no longer in submitted/: ada; the points stay in the gradebook" in summary.lines()


def test_anothers_record_of_the_same_file_is_nobodys(course):
    for student in ("ada", "bob"):
        hand_in(course, student, **RIGHT)
    all_of(course)
    shutil.copy(*(records.record_path(course.root, LESSON, student) for student in ("ada", "bob")))
    assert [entry.student for entry in all_of(course).graded] == ["bob"]
    assert records.load_record(course.root, LESSON, "bob").student == "bob"


def test_a_notebook_under_another_name_is_known_again(course):
    path = hand_in(course, "ada", **RIGHT)
    grader = Grader(Round(course.root, LESSON))
    digest = grader.file_digest("ada")
    path.rename(path.with_name("my own name.ipynb"))
    assert digest == grader.file_digest("ada") != ""
    path.with_name("another.ipynb").write_text("{}")
    assert grader.file_digest("ada") == ""


@pytest.mark.parametrize("ends", [False, True])
def test_what_is_handed_in_while_its_predecessor_is_judged_has_no_verdict_yet(course, monkeypatch, ends):
    hand_in(course, "ada", text="{")
    made = Grader(Round(course.root, LESSON))

    def read(path, release):
        submission = read_submission(path, release)
        hand_in(course, "ada", **RIGHT)
        if ends:
            raise Ended("took long")
        return submission

    monkeypatch.setattr(grader, "read_submission", read)
    monkeypatch.setattr(batch, "JudgingProcess", AtOnce)
    monkeypatch.setattr(batch, "wait_for_one", list)
    (record,) = batch.in_processes(made, ["ada"], False, 1)
    assert (bool(record.refused), record.ended) == (True, ends)
    assert made.known("ada") is None
    monkeypatch.undo()
    assert made.grade("ada").points == 5
    assert made.known("ada").points == 5
    made.close()


class AtOnce:
    """A judging process that is none: what it would raise, it raises."""

    usable = True

    def __init__(self, grader):
        self.grader = grader

    def start(self, task, *arguments):
        self.task, self.arguments = task, arguments

    def result(self):
        grade = self.grader.read(*self.arguments[:1])
        return self.grader.finish(*grade, None, False, 0.0)

    def end(self):
        pass


@pytest.mark.parametrize(
    ("file", "was", "now"),
    [
        ("notebooks/01_convolution/01_convolution.ipynb", "import numpy as np", "import numpy  as np"),
        ("course.toml", 'imports = ["numpy"]', 'imports = ["numpy", "scipy"]'),
    ],
)
def test_a_course_that_changes_while_it_is_graded_gives_no_verdict(course, file, was, now):
    hand_in(course, "ada", text="{")
    made = Grader(Round(course.root, LESSON))
    text = (course.root / file).read_text()
    assert was in text
    (course.root / file).write_text(text + " ")
    (course.root / file).write_text(text)  # written anew is not changed
    of_before = made.grade("ada")
    assert of_before.refused
    (course.root / file).write_text(text.replace(was, now))
    assert "Grade it again" in made.grade("ada").failed
    assert _kept(course) == []
    after = Grader(Round(course.root, LESSON))
    assert after.known("ada") is None
    assert "Grade it again" in after.own(replace(of_before, key="another")).failed
    assert after.own(found := after.grade("ada")) is found
    assert found.refused


def _kept(course):
    return list((records.instructors_folder(course.root) / "cache").glob("*.json"))


@pytest.mark.slow
def test_the_same_cells_are_judged_once(course, monkeypatch):
    for student in ("ada", "bob", "cy"):
        hand_in(course, student, **RIGHT)
    outcome = all_of(course)
    assert ([g.score for g in outcome.graded], outcome.from_cache) == ([5, 5, 5], 2)
    monkeypatch.setenv("CNNLAB_SECRET", "another")
    assert all_of(course).from_cache == 2  # other cases are another verdict


def test_a_grader_at_work_is_not_disturbed(tmp_path):
    with alone(tmp_path), pytest.raises(Trouble, match="Another `cnnlab grade` is at work"), alone(tmp_path):
        pass


def test_without_bubblewrap_it_refuses_and_says_what_to_do(course, monkeypatch):
    def none():
        raise NoSandbox("needs bubblewrap: apt-get install bubblewrap, or --no-sandbox")

    monkeypatch.setattr(grader, "require_bubblewrap", none)
    hand_in(course, "ada", **RIGHT)
    with pytest.raises(Trouble, match="apt-get install bubblewrap"):
        all_of(course)


@pytest.mark.slow
def test_no_sandbox_gives_the_same_points_and_a_loud_warning(course):
    hand_in(course, "ada", **RIGHT)
    hand_in(course, "bob", cross_correlate2d=FLIPPED)
    run = cnnlab(course, "grade", "01", "--no-sandbox", "--workers", "1")
    told, errors = run.communicate(timeout=120)
    assert "graded: ada  5 of 7" in told
    assert "graded: bob  0 of 7" in told
    assert "WARNING: --no-sandbox" in errors


def test_a_secret_is_made_once_and_is_the_instructors_alone(tmp_path):
    made = records.the_secret(tmp_path)
    assert records.the_secret(tmp_path) == made
    assert len(made) == 32
    assert (tmp_path / ".cnnlab" / "secret").stat().st_mode & 0o777 == 0o600


def test_a_record_survives_its_file(course):
    hand_in(course, "torn", text="{")
    made = Grader(Round(course.root, LESSON)).grade("torn")
    assert records.load_records(course.root, LESSON) == [made]
    records.record_path(course.root, LESSON, "torn").write_text("{")
    assert records.load_records(course.root, LESSON) == []


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_cluster_that_loses_a_machine_loses_and_doubles_nothing(course, tmp_path):
    distributed = pytest.importorskip("distributed")
    hand_in_class(course)
    records.the_secret(course.root)
    expected = undisturbed(course, tmp_path)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        seen = []

        def watch(record, done, of):
            seen.append(record.student)
            if len(seen) == 3:
                first = next(iter(cluster.workers.values()))
                os.kill(first.pid, signal.SIGKILL)

        outcome = all_of(course, scheduler=cluster.scheduler_address, watch=watch)
    assert sorted(seen) == sorted(set(seen))
    assert len(outcome.graded) == CLASS
    assert outcome.failed == {}
    assert everything(course) == expected


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_machine_where_something_else_would_decide_judges_nothing(course, monkeypatch):
    distributed = pytest.importorskip("distributed")
    hand_in(course, "ada", **RIGHT)
    here = records.ingredients(("numpy",))
    monkeypatch.setattr("cnnlab.course.grading.cluster.ingredients", lambda imports: {**here, "numpy": "1.0"})
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        pytest.raises(Trouble, match=rf"has numpy {re.escape(here['numpy'])} for 1\.0: it judges nothing"),
    ):
        all_of(course, scheduler=cluster.scheduler_address)
    assert everything(course) == {}
    assert records.load_records(course.root, LESSON) == []


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_named(course, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("cnnlab.course.grading.cluster.TIMEOUT", 1)
    hand_in(course, "ada", **RIGHT)
    with pytest.raises(Trouble, match=r"No scheduler answers at tcp://127\.0\.0\.1:9"):
        all_of(course, scheduler="tcp://127.0.0.1:9")


LOADED = """
import sys
from cnnlab import check
from cnnlab.check.subject import NotebookSubject
from cnnlab.course.grading import grader, judge
for exercise in check.exercises(sys.argv[1]):
    exercise.run(exercise.parts[0], NotebookSubject(lambda *args, **kwargs: None))
for module in list(sys.modules.values()):
    print(getattr(module, "__file__", None))
"""


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ["01", "06", "09"])
def test_the_judges_key_covers_whatever_is_loaded_while_a_lesson_is_judged(lesson):
    run = subprocess.run([sys.executable, "-c", LOADED, lesson], capture_output=True, text=True, check=True)
    package = REPOSITORY / "cnnlab"
    loaded = {Path(line) for line in run.stdout.splitlines() if package in Path(line).parents}
    assert package / "check" / "exercise.py" in loaded
    assert loaded <= set(records.deciding_files())


@pytest.mark.parametrize("changed", ["check/lesson_05/conv2d_backward.py", "check/reading/rules.py", "layers.py"])
def test_a_change_in_any_file_that_decides_is_another_judge(course, monkeypatch, changed):
    files, before = records.deciding_files(), Grader(Round(course.root, LESSON)).key
    monkeypatch.setattr(records, "deciding_files", lambda: [f for f in files if f != REPOSITORY / "cnnlab" / changed])
    with pytest.raises(Trouble, match="was changed since this program was started"):  # it decides as it did before
        Grader(Round(course.root, LESSON))
    monkeypatch.setattr(records, "CODE", records._code())  # a program that is started now
    assert Grader(Round(course.root, LESSON)).key != before


def test_the_summary_of_a_large_class_is_short():
    many = [Entry(f"s{k}", 1, 2, 1) for k in range(200)]
    assert batch.GradingSummary(graded=many).lines() == ["graded: 200 submissions, 200 answers to grade by hand"]
