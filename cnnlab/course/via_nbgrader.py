"""From a solution notebook to the learner's, by nbgrader's own generate_assignment."""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import logging
import os
import re
import sqlite3
import stat
import tempfile
import warnings
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import cast
from urllib.parse import quote

import alembic.config
import nbgrader
from alembic.script import ScriptDirectory
from nbgrader.api import Gradebook
from nbgrader.converters import BaseConverter, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from sqlalchemy import Engine, event
from sqlalchemy.exc import DatabaseError
from traitlets.config import Config, PyFileConfigLoader

from cnnlab.files import write_whole
from cnnlab.settings import Trouble


def config(root: Path) -> Config:
    """nbgrader_config.py of a course folder. Raises Trouble where it is missing or broken."""
    path = root / "nbgrader_config.py"
    if not path.is_file():
        raise Trouble(f"{path} is not there.", "Take it from the course's repository.")
    try:
        found = PyFileConfigLoader(path.name, path=str(root)).load_config()
    except Exception as error:
        raise Trouble(f"{path} fails: {type(error).__name__}: {error}", "Mend it.") from error
    if "?" in str(root) and "db_url" not in found.CourseDirectory:
        found.CourseDirectory.db_url = gradebook_url(root)
    return found


def gradebook_url(root: Path) -> str:
    """Where a course's gradebook lies, for nbgrader; in a URL, what follows a "?" is no part of the path.

    SQLAlchemy and SQLite each take one round of percent signs away.
    """
    path = root / "gradebook.db"
    return f"sqlite:///file:{quote(quote(str(path)))}?uri=true" if "?" in str(root) else f"sqlite:///{path}"


MOST_BESIDE = 20 << 20  # bytes of a file beside a notebook


class Exactly(BaseConverter):
    """Finds the files of one student and lesson by their names. nbgrader takes a path for a pattern, in which the
    brackets of a folder "autumn [2026]" stand for one letter; and it copies what a link points to."""

    def init_notebooks(self) -> None:
        """Fill `assignments` as nbgrader does. Raises NbGraderException where there is no notebook."""
        directory = cast(CourseDirectory, self.coursedir)
        folder = self._format_source(directory.assignment_id, directory.student_id)
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        found = [os.path.join(folder, name) for name in names if name.endswith(".ipynb") and name[0] != "."]
        if not found:
            raise NbGraderException(f"There is no notebook in {folder}")
        self.assignments, self.notebooks = {folder: found}, []

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy the ordinary files beside the notebook, except those that course and config ignore, and large ones."""
        source = Path(self._format_source(assignment_id, student_id))
        if source.is_symlink() or source.parent.is_symlink():
            return
        made = Path(self._format_dest(assignment_id, student_id))
        ignored = [*cast(CourseDirectory, self.coursedir).ignore, "*.ipynb"]
        for place, folders, names in os.walk(source):
            folders[:] = [name for name in folders if not _matches(name, ignored)]
            for path in (Path(place, name) for name in names if not _matches(name, ignored)):
                found = path.lstat()
                if stat.S_ISREG(found.st_mode) and found.st_size <= MOST_BESIDE:
                    write_whole(made / path.relative_to(source), path.read_bytes())


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


class Release(GenerateAssignment, Exactly):
    """nbgrader's generate_assignment, of one lesson."""


class Feedback(GenerateFeedback, Exactly):
    """nbgrader's generate_feedback, of one student's notebook."""


HELD = "gradebook.db is held by another process (formgrader, nbgrader, a program that copies it?)."
REMEDY = "Give the same command again when it is free: nothing is lost, and what is judged already is entered then."


@contextlib.contextmanager
def gradebook_at_hand() -> Generator[None, None, None]:
    """Inside, a gradebook that is held by another process, or is none, is a Trouble. Decorates functions, too."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        said = str(getattr(error, "orig", error))
        if is_held(said):
            raise Trouble(HELD, REMEDY) from None
        raise Trouble(
            f"gradebook.db can not be used: {said}.", "Is the disk full, the file another's, or damaged?"
        ) from None


def is_held(said: str) -> bool:
    """Whether SQLite says that another process holds the file."""
    return "database is locked" in said or "database table is locked" in said


def released_text(solution: str, lesson: str, root: Path) -> str:
    """The learner's notebook for a solution notebook, both as file texts; nbgrader_config.py lies in `root`.

    Runs in a folder and with a gradebook of its own: the instructor's are not touched. Raises Trouble.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        source = folder / "solutions" / lesson / f"{lesson}.ipynb"
        source.parent.mkdir(parents=True)
        source.write_text(solution, encoding="utf-8")
        (folder / "gradebook.db").write_bytes(empty_gradebook())
        settings = config(root)
        settings.CourseDirectory.root = str(folder)
        settings.CourseDirectory.db_url = f"sqlite:///{folder}/gradebook.db"
        course = CourseDirectory(config=settings)
        course.assignment_id = lesson
        converter = Release(coursedir=course, config=settings)
        with _thrown_away():
            outcome = logged(converter)
        if not outcome["success"]:
            raise Trouble(f"nbgrader could not make the release of {lesson}.", last_words(outcome))
        made = folder / "notebooks" / lesson / f"{lesson}.ipynb"
        return made.read_text(encoding="utf-8")


@contextlib.contextmanager
def _thrown_away() -> Generator[None, None, None]:
    """Inside, no gradebook waits for the disk: nbgrader commits some fifty times for each notebook that it releases."""

    def at_once(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", at_once)
    try:
        yield
    finally:
        event.remove(Engine, "connect", at_once)


@functools.cache
def empty_gradebook() -> bytes:
    """A new gradebook's file.

    nbgrader would start `alembic` to learn the version of its tables; where it finds one written down it does not.
    """
    settings = alembic.config.Config(Path(nbgrader.__file__).with_name("alembic.ini"))
    settings.set_main_option("script_location", str(Path(nbgrader.__file__).with_name("alembic")))
    version = ScriptDirectory.from_config(settings).get_current_head()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gradebook.db")
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
            database.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (version,))
        Gradebook(f"sqlite:///{path}").close()
        return path.read_bytes()


def logged(converter: BaseConverter) -> dict:
    """Run one of nbgrader's converters; its log is kept in the outcome and off the screen.

    Returns nbgrader's dict: success, log, error. Raises KeyboardInterrupt alone.
    """
    log = converter.log
    before = (log.level, log.propagate, list(log.handlers))
    log.handlers = [logging.NullHandler()]
    log.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLAlchemy's, on how nbgrader uses it
            outcome = capture_log(converter)
    finally:
        log.level, log.propagate, log.handlers = before
    if "KeyboardInterrupt" in outcome.get("error", ""):  # which capture_log swallows
        raise KeyboardInterrupt
    return outcome


def last_words(outcome: dict) -> str:
    """Why a converter failed: the error at the end of the traceback in its log, else the last line of all."""
    text = (outcome.get("log") or "") + "\n" + (outcome.get("error") or "")
    lines = [line.strip() for line in text.splitlines() if line.strip() and "above traceback" not in line]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception|Entry|Interrupt)\b.*:", line)]
    return (errors or lines or ["It gave no reason."])[-1]
