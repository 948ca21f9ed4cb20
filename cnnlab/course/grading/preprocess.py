"""nbgrader's steps that are the judge's: named in nbgrader_config.py, so `nbgrader autograde` and formgrader use them.

    c.Autograde.exporter_class = "cnnlab.course.grading.preprocess.AsData"
    c.Autograde.sanitize_preprocessors = ["cnnlab.course.grading.preprocess.Sanitise"]
    c.Autograde.autograde_preprocessors = [
        "cnnlab.course.grading.preprocess.Judge", AssignLatePenalties, CheckCellMetadata]

nbgrader's Execute and SaveAutoGrades are not among them: no kernel is started and no output is believed.
"""

from __future__ import annotations

import atexit
import functools
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import parse_utc

from cnnlab.course import private
from cnnlab.course.grading.apart import Apart
from cnnlab.course.grading.autograded import released_notebook
from cnnlab.course.grading.gradebook import Writer, alone
from cnnlab.course.grading.grader import Grader, Round, read_timestamp, require_sandbox
from cnnlab.course.grading.sandbox import NoSandbox
from cnnlab.course.via_nbgrader import gradebook_at_hand
from cnnlab.settings import Trouble


class NothingBeside(BaseConverter):
    """Copies nothing of what lies beside a notebook: a link, a pipe, or 10 GB. The judge writes what is needed."""

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Nothing to do."""


class Carefully(Autograde, NothingBeside):
    """nbgrader's autograde, while no other grader is at work. Closes what nbgrader's collect left open."""

    def convert_notebooks(self) -> None:
        """All of them. Raises NbGraderException, as nbgrader does, where there is another grader."""
        directory: Any = self.coursedir
        directory.get_existing_timestamp = handed_in_at
        try:
            with alone(Path(directory.root)):
                for line in private.close(Path(directory.root)):
                    self.log.info(line)
                super().convert_notebooks()
        except Trouble as error:
            self.log.error(str(error))
            raise NbGraderException(str(error)) from None
        finally:
            del directory.get_existing_timestamp


def handed_in_at(folder: str) -> datetime | None:
    """When a submission in this folder was handed in; nothing is read but a small ordinary file."""
    timestamp, _ = read_timestamp(Path(folder))
    return parse_utc(timestamp) if timestamp else None


class AsData(NotebookExporter):
    """Hands the preprocessors an empty notebook and the file's place: nbformat never reads what was submitted.

    nbgrader makes it before it begins, and lets it be named in its settings. Its Autograde itself can not be named
    there, so it becomes a careful one here.
    """

    def __init__(self, **options: Any):
        super().__init__(**options)
        if type(self.parent) is Autograde:
            cast(Any, self.parent).__class__ = Carefully

    def from_filename(self, filename: str, resources: dict | None = None, **kwargs: object) -> tuple:
        """nbconvert's entry: the file's place goes into the resources, and its content nowhere."""
        path = Path(filename).absolute()
        resources = resources or {}
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(nbformat.v4.new_notebook(), resources=resources, **kwargs)


def grader_for(resources: dict) -> Apart:
    """The grader, in a process of its own, of the course that this file lies in: ROOT/STEP/STUDENT/LESSON."""
    folder = Path(resources["metadata"]["path"]).absolute()
    made = _grader(folder.parents[2], resources["nbgrader"]["assignment"])
    if made.grader.changed():  # JupyterLab runs for days, and lessons are released meanwhile
        made.end()
        _grader.cache_clear()
        return grader_for(resources)
    return made


@functools.lru_cache(maxsize=1)
def _grader(root: Path, lesson: str) -> Apart:
    require_sandbox()
    made = Apart(Grader(Round(root, lesson)))
    atexit.register(made.end)
    return made


class Sanitise(NbGraderPreprocessor):
    """First pass: the release as it is. The submission is read in the second pass, by the judge alone."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        return released_notebook(grader_for(resources).grader.released), resources


class Judge(NbGraderPreprocessor):
    """Second pass: the verdict into the notebook, the gradebook and the records."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        apart, student = grader_for(resources), resources["nbgrader"]["student"]
        grader = apart.grader
        try:
            record = apart.grade(student)
        except NoSandbox as error:
            raise Trouble(str(error)) from None
        if record.failed:
            raise Trouble(record.failed, "Grade it again.")
        with gradebook_at_hand(), Writer(grader.course.root, grader.lesson, grader.release, self.config) as writer:
            writer.enter([record])
        return nbformat.read(grader.finished(student), as_version=4), resources
