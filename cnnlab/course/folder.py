"""Where the files of a course lie, and what its course.toml says."""

from __future__ import annotations

import os
import tempfile
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cnnlab.settings import Trouble


@dataclass(frozen=True)
class Folder:
    """A course folder: course.toml, nbgrader_config.py, solutions/, notebooks/."""

    root: Path

    @cached_property
    def toml(self) -> dict:
        path = self.root / "course.toml"
        if not path.is_file():
            raise Trouble(f"{self.root} holds no course: course.toml is not there.", "Name the folder with --course.")
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Trouble(f"course.toml is not TOML: {error}", "Mend that line.") from None
        for key in ("home", "branch", "lessons"):
            if key not in found:
                raise Trouble(f"course.toml does not say {key}.", "Take that line from the course's repository.")
        return found

    @property
    def lessons(self) -> list[str]:
        """Every lesson of course.toml, in order."""
        return sorted(self.toml.get("lessons", {}))

    def lesson(self, name: str) -> str:
        """ "01", "1", "01_convolution" or a path to its folder, as "01_convolution". Raises Trouble."""
        asked = str(name).rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]
        number = asked.zfill(2) if asked.isdigit() else None
        for lesson in self.lessons:
            if asked == lesson or number == lesson[:2]:
                return lesson
        raise Trouble(f"There is no lesson {name!r}.", f"There are: {', '.join(self.lessons)}.")

    def master(self, lesson: str) -> Path:
        return self.root / "solutions" / lesson / f"{lesson}.md"

    def solution(self, lesson: str) -> Path:
        return self.root / "solutions" / lesson / f"{lesson}.ipynb"

    def release(self, lesson: str) -> Path:
        return self.root / "notebooks" / lesson / f"{lesson}.ipynb"

    def shown(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


def write(path: Path, content: str | bytes) -> None:
    """Write a whole file or nothing: beside it first, then in its place."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
