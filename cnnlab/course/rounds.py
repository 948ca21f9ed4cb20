"""One round of an assignment: release, grade, feedback, export. nbgrader does the work; this keeps one bad file apart.

`run_checks` is the one place that says how a submission is judged.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import CsvExportPlugin

from cnnlab.course import leaks
from cnnlab.course.assemble import content_key
from cnnlab.course.build import notebook_at
from cnnlab.course.folder import Folder, write
from cnnlab.course.release import config, last_words, logged
from cnnlab.settings import Trouble


@dataclass
class Graded:
    """One submission's points; `waiting` answers are still to be graded by hand."""

    student: str
    score: float
    of: float
    waiting: int


@dataclass
class Outcome:
    """What became of every submission."""

    graded: list[Graded] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        told = [f"graded: {g.student}  {g.score:g} of {g.of:g}{_waiting(g.waiting)}" for g in self.graded]
        if self.before:
            told.append(f"{len(self.before)} graded before and not handed in again since (--again grades them, too)")
        return told + [f"skipped: {student}: {why}" for student, why in self.refused.items()]


def _waiting(answers: int) -> str:
    return f"  ({answers} answer{'s' if answers > 1 else ''} to grade by hand)" if answers else ""


def _settings(course: Folder, lesson: str, student: str = "*", **directories: str) -> CourseDirectory:
    settings = config(course.root)
    settings.CourseDirectory.root = str(course.root)
    for name, value in directories.items():
        settings.CourseDirectory[f"{name}_directory"] = value
    directory = CourseDirectory(config=settings)
    directory.assignment_id, directory.student_id = lesson, student
    return directory


def _gradebook(course: Folder, lesson: str = "") -> Gradebook:
    directory = _settings(course, lesson)
    return Gradebook(directory.db_url, directory.course_id)


def release(course: Folder, lesson: str) -> Path:
    """Write notebooks/LESSON from solutions/LESSON and enter the lesson in the gradebook. Raises Trouble."""
    solution = notebook_at(course.solution(lesson))
    if solution is None:
        raise Trouble(f"{course.shown(course.solution(lesson))} is not there.", "Make it with `cnnlab build`.")
    if course.master(lesson).exists():
        text = course.master(lesson).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        if solution.metadata.get("cnnlab", {}).get("built_from") != content_key(text, lesson, course.toml):
            raise Trouble(f"{lesson}'s master has changed since it was built.", "Run `cnnlab build` first.")
    with tempfile.TemporaryDirectory() as folder:  # so that a release that fails leaves the old one as it was
        directory = _settings(course, lesson, release=folder)
        converter = GenerateAssignment(coursedir=directory, config=directory.config)
        converter.force = True
        outcome = logged(converter)
        if not outcome["success"]:
            raise Trouble(f"nbgrader could not release {lesson}.", last_words(outcome))
        made = Path(folder) / lesson
        found = leaks.in_folder(made, lesson, solution)
        if found:
            raise Trouble("\n".join(f"{lesson} would leak: {leak}" for leak in found), "Nothing was released.")
        write(course.release(lesson), (made / f"{lesson}.ipynb").read_bytes())
    return course.release(lesson)


def grade(
    course: Folder,
    lesson: str,
    students: Sequence[str] = (),
    again: bool = False,
    tell: Callable[[str], object] = lambda line: None,
) -> Outcome:
    """Grade what lies in submitted/STUDENT/LESSON. A submission that can not be graded is named; the rest goes on.

    Raises Trouble where nothing is submitted.
    """
    handed_in = submissions(course, lesson)
    for student in students:
        if student not in handed_in:
            raise Trouble(
                f"{student} has handed in nothing for {lesson}.", f"There are: {', '.join(handed_in) or '—'}."
            )
    if not handed_in:
        place = f"submitted/STUDENT/{lesson}/{lesson}.ipynb"
        raise Trouble(f"Nothing is submitted for {lesson}.", f"Put each student's notebook at {place}.")
    if not _in_gradebook(course, lesson):
        release(course, lesson)
        tell(f"{lesson} was not in the gradebook yet: released.")
    outcome = Outcome()
    for student, folder in handed_in.items():
        if students and student not in students:
            continue
        notebook = folder / f"{lesson}.ipynb"
        done = course.root / "autograded" / student / lesson / f"{lesson}.ipynb"
        if not again and notebook.exists() and done.exists() and done.stat().st_mtime >= notebook.stat().st_mtime:
            outcome.before.append(student)
            continue
        trouble = unreadable(notebook) or run_checks(course, lesson, student)
        if trouble:
            outcome.refused[student] = trouble
        else:
            outcome.graded.append(_points(course, lesson, student))
            tell(f"{student} …")
    return outcome


def submissions(course: Folder, lesson: str) -> dict[str, Path]:
    """The students who handed in something for a lesson, with the folder it lies in."""
    found = sorted((course.root / "submitted").glob(f"*/{lesson}"))
    return {folder.parent.name: folder for folder in found if folder.is_dir()}


def unreadable(path: Path) -> str:
    """Why a submission can not be graded; "" where it can."""
    if not path.exists():
        others = sorted(p.name for p in path.parent.glob("*.ipynb"))
        return f"{path.name} is not there" + (f"; there is {', '.join(others)}: rename it" if others else "")
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except UnicodeDecodeError:
        return f"{path.name} is not text; ask for the notebook itself"
    except OSError as error:
        return f"{path.name} can not be read ({error.strerror})"
    except Exception:  # nbformat raises a dozen kinds for a file that is not a notebook
        return f"{path.name} is not a notebook (it is not JSON, or not of nbformat)"
    if not any("nbgrader" in cell.metadata for cell in notebook.cells):
        return f"{path.name} has no exercise cells: another notebook, or its metadata were lost"
    return ""


def run_checks(course: Folder, lesson: str, student: str) -> str:
    """Judge one submission into autograded/ and the gradebook; says why where that failed, else ""."""
    directory = _settings(course, lesson, student)
    converter = Autograde(coursedir=directory, config=directory.config)
    converter.force = True
    outcome = logged(converter)
    return "" if outcome["success"] else last_words(outcome)


def _in_gradebook(course: Folder, lesson: str) -> bool:
    with _gradebook(course) as gradebook:
        try:
            return bool(gradebook.find_notebook(lesson, lesson))
        except MissingEntry:
            return False


def _points(course: Folder, lesson: str, student: str) -> Graded:
    with _gradebook(course) as gradebook:
        submission = gradebook.find_submission(lesson, student)
        waiting = sum(grade.needs_manual_grade for notebook in submission.notebooks for grade in notebook.grades)
        return Graded(student, submission.score, submission.max_score, waiting)


def feedback(course: Folder, lesson: str) -> list[Path]:
    """Write feedback/STUDENT/LESSON/LESSON.html for every graded submission. Raises Trouble where there is none."""
    graded = sorted((course.root / "autograded").glob(f"*/{lesson}/{lesson}.ipynb"))
    if not graded:
        raise Trouble(f"Nothing is graded for {lesson}.", f"Run `cnnlab grade {lesson[:2]}` first.")
    solution = notebook_at(course.solution(lesson))
    written, troubles = [], []
    for path in graded:
        student = path.parts[-3]
        directory = _settings(course, lesson, student)
        converter = GenerateFeedback(coursedir=directory, config=directory.config)
        converter.force = True
        outcome = logged(converter)
        page = course.root / "feedback" / student / lesson / f"{lesson}.html"
        if not outcome["success"]:
            troubles.append(f"{student}: {last_words(outcome)}")
            continue
        submission = notebook_at(path)
        found = leaks.in_feedback(page.read_text(encoding="utf-8"), solution, submission) if solution else []
        if found:
            page.unlink()
            troubles += [f"{student}: it would leak {leak}" for leak in found]
        else:
            written.append(page)
    if troubles:
        raise Trouble("\n".join(troubles), f"The pages of the other {len(written)} are written.")
    return written


def export(course: Folder, to: Path) -> Path:
    """Write the gradebook's points as CSV, one line for each student and lesson. Raises Trouble without a gradebook."""
    if not (course.root / "gradebook.db").exists():
        raise Trouble("There is no gradebook yet.", "It begins with `cnnlab release LESSON`.")
    to.parent.mkdir(parents=True, exist_ok=True)
    plugin = CsvExportPlugin(to=f"{to}.part")
    with _gradebook(course) as gradebook:
        plugin.export(gradebook)
    os.replace(plugin.to, to)
    return to
