"""Where the files of a course lie, and what its course.toml says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cnnlab.settings import full_lesson_name, read_course


@dataclass(frozen=True)
class Folder:
    """A course folder: course.toml, nbgrader_config.py, solutions/, notebooks/."""

    root: Path

    @cached_property
    def toml(self) -> dict:
        """What course.toml says (see cnnlab.settings.read_course). Raises Trouble."""
        return read_course(self.root)

    @property
    def lessons(self) -> list[str]:
        """Every lesson of course.toml, in order."""
        return sorted(self.toml["lessons"])

    def lesson(self, name: str) -> str:
        """ "01", "1", "01_convolution" or a path to its folder, as "01_convolution". Raises Trouble."""
        return full_lesson_name(name, self.lessons)

    def master(self, lesson: str) -> Path:
        """Where the master of a lesson ("01_convolution") lies, or would."""
        return self.root / "solutions" / lesson / f"{lesson}.md"

    def solution(self, lesson: str) -> Path:
        """Where the instructor's notebook of a lesson lies, or would."""
        return self.root / "solutions" / lesson / f"{lesson}.ipynb"

    def release(self, lesson: str) -> Path:
        """Where the learner's notebook of a lesson lies, or would."""
        return self.root / "notebooks" / lesson / f"{lesson}.ipynb"

    def shown(self, path: Path) -> str:
        """A path as a person reads it: from the course's folder on, where it lies there."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)
