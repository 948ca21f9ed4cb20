"""One round of an assignment: release, grade, feedback, export. nbgrader keeps the books; the judge is cnnlab's own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from cnnlab.course import leaks, private
from cnnlab.course.assemble import content_key
from cnnlab.course.build import notebook_at
from cnnlab.course.feedback_page import readable
from cnnlab.course.folder import Folder
from cnnlab.course.grading.batch import GradingSummary, grade_all, submissions
from cnnlab.course.grading.folder_names import shown
from cnnlab.course.grading.grader import Round
from cnnlab.course.grading.in_step import bring_in_step
from cnnlab.course.grading.late import ExtraTime, settle_all
from cnnlab.course.grading.records import Record
from cnnlab.course.grading.tables import Export
from cnnlab.course.via_nbgrader import (
    HELD,
    REMEDY,
    Feedback,
    Release,
    config,
    empty_gradebook,
    gradebook_at_hand,
    gradebook_url,
    is_held,
    last_words,
    logged,
)
from cnnlab.files import write_whole
from cnnlab.settings import Trouble


def _settings(course: Folder, lesson: str, student: str = "*", **directories: str) -> CourseDirectory:
    settings = config(course.root)
    settings.CourseDirectory.root = str(course.root)
    for name, value in directories.items():
        settings.CourseDirectory[f"{name}_directory"] = value
    directory = CourseDirectory(config=settings)
    directory.assignment_id, directory.student_id = lesson, student
    return directory


def gradebook(course: Folder, lesson: str = "") -> Gradebook:
    """The course's gradebook, begun where there is none; a context, which closes it. Raises Trouble."""
    directory = _settings(course, lesson)
    _begin_gradebook(course, directory)
    return Gradebook(directory.db_url, directory.course_id)


def _begin_gradebook(course: Folder, directory: CourseDirectory) -> None:
    path = course.root / "gradebook.db"
    if directory.db_url == gradebook_url(course.root) and not path.exists():
        write_whole(path, empty_gradebook(), mode=0o600)


@gradebook_at_hand()
def release_lesson(course: Folder, lesson: str, tell: Callable[[str], object] = lambda line: None) -> Path:
    """Write notebooks/LESSON from solutions/LESSON and enter the lesson in the gradebook. Raises Trouble.

    Where the graded cells are others than before and something was handed in, the gradebook is copied first. What is
    for the instructor alone and lies open is closed (cnnlab.course.private).
    """
    solution = notebook_at(course.solution(lesson))
    if solution is None:
        raise Trouble(
            f"{course.shown(course.solution(lesson))} is not there, or is no notebook.", "Make it with `cnnlab build`."
        )
    if course.master(lesson).exists():
        text = course.master(lesson).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        if solution.metadata.get("cnnlab", {}).get("built_from") != content_key(text, lesson, course.toml):
            raise Trouble(f"{lesson}'s master has changed since it was built.", "Run `cnnlab build` first.")
    with tempfile.TemporaryDirectory() as folder:  # so that a release that fails leaves the old one as it was
        directory = _settings(course, lesson, release=folder)
        _begin_gradebook(course, directory)
        with gradebook(course, lesson) as books:
            kept = bring_in_step(books, course.root, lesson, solution.cells)
        if kept:
            tell(f"{lesson} has other graded cells than before; the gradebook as it was: {course.shown(kept)}")
        converter = Release(coursedir=directory, config=directory.config)
        converter.force = True
        outcome = logged(converter)
        if not outcome["success"]:
            if is_held(last_words(outcome)):
                raise Trouble(HELD, REMEDY)
            raise Trouble(f"nbgrader could not release {lesson}.", last_words(outcome))
        made = Path(folder) / lesson
        found = leaks.in_folder(made, lesson, solution)
        if found:
            raise Trouble("\n".join(f"{lesson} would leak: {leak}" for leak in found), "Nothing was released.")
        write_whole(course.release(lesson), (made / f"{lesson}.ipynb").read_bytes())
    for line in private.close(course.root):
        tell(line)
    return course.release(lesson)


@gradebook_at_hand()
def grade(
    course: Folder,
    lesson: str,
    students: Sequence[str] = (),
    again: bool = False,
    tell: Callable[[str], object] = lambda line: None,
    *,
    workers: int | None = 1,
    scheduler: str | None = None,
    sandbox: bool = True,
    watch: Callable[[Record, int, int], object] = lambda record, done, of: None,
) -> GradingSummary:
    """Grade what lies in submitted/STUDENT/LESSON. What can not be read gets 0 points and a sentence; the rest goes on.

    Raises Trouble where nothing is submitted, or where submitted code can not be locked in.
    """
    handed_in = submissions(course.root, lesson)
    for student in students:
        if student not in handed_in:
            raise Trouble(
                f"{shown(student)} has handed in nothing for {lesson}.",
                f"There are: {', '.join(map(shown, handed_in)) or '—'}.",
            )
    if not handed_in:
        place = f"submitted/STUDENT/{lesson}/{lesson}.ipynb"
        raise Trouble(f"Nothing is submitted for {lesson}.", f"Put each student's notebook at {place}.")
    if not _in_gradebook(course, lesson):
        release_lesson(course, lesson)
        tell(f"{lesson} was not in the gradebook yet: released.")
    settings = Round(course.root, lesson, sandbox)
    return grade_all(settings, list(students or handed_in), again, workers, scheduler, watch)


def count_late(course: Folder, lesson: str) -> None:
    """Count a lesson's late penalties anew: points by hand, a due date or extra time may have come since. Raises
    Trouble where the gradebook can not be read."""
    with gradebook(course, lesson) as books:
        settle_all(books, lesson, config(course.root), ExtraTime(course.root, course.lessons))


def _in_gradebook(course: Folder, lesson: str) -> bool:
    with gradebook(course) as books:
        try:
            return bool(books.find_notebook(lesson, lesson))
        except MissingEntry:
            return False


@gradebook_at_hand()
def feedback(course: Folder, lesson: str) -> list[Path]:
    """Write feedback/STUDENT/LESSON/LESSON.html for every graded submission. Raises Trouble where there is none."""
    graded = sorted((course.root / "autograded").glob(f"*/{lesson}/{lesson}.ipynb"))
    if not graded:
        raise Trouble(f"Nothing is graded for {lesson}.", f"Run `cnnlab grade {lesson[:2]}` first.")
    count_late(course, lesson)
    solution = notebook_at(course.solution(lesson))
    written, troubles = [], []
    for path in graded:
        student = path.parts[-3]
        directory = _settings(course, lesson, student)
        converter = Feedback(coursedir=directory, config=directory.config)
        converter.force = True
        outcome = logged(converter)
        page = course.root / "feedback" / student / lesson / f"{lesson}.html"
        if not outcome["success"]:
            why = last_words(outcome)
            if "MissingEntry" in why:
                why = f"was graded by another release of {lesson}: grade it again"
            troubles.append(f"{student}: {why}")
            continue
        submission, found = notebook_at(path), []
        text = readable(page.read_text(encoding="utf-8"))
        write_whole(page, text)
        if solution and submission:
            found = leaks.in_feedback(text, solution, submission)
        if found:
            page.unlink()
            troubles += [f"{student}: it would leak {leak}" for leak in found]
        else:
            written.append(page)
    if troubles:
        raise Trouble("\n".join(troubles), f"The pages of the other {len(written)} are written.")
    return written


@gradebook_at_hand()
def export(course: Folder, to: Path) -> Path:
    """Write the gradebook's points as CSV, one line for each student and lesson. Raises Trouble without a gradebook."""
    if not (course.root / "gradebook.db").exists():
        raise Trouble("There is no gradebook yet.", "It begins with `cnnlab release LESSON`.")
    for lesson in course.lessons:
        count_late(course, lesson)
    with gradebook(course) as books:
        Export(to=str(to)).export(books)
    return to
