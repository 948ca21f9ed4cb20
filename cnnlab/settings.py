"""What course.toml says, and where the course lies on this machine."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path


class Trouble(Exception):
    """Something a person can put right: what was wrong, and what to do. Commands print it without a traceback."""

    def __init__(self, what: str, remedy: str = ""):
        super().__init__(f"{what}\n{remedy}" if remedy else what)
        self.what, self.remedy = what, remedy


@functools.cache
def course() -> dict:
    """course.toml as a dict: from the repository in an editable install, else from inside the installed package."""
    inside = Path(__file__).with_name("course.toml")
    path = inside if inside.exists() else Path(__file__).parents[1] / "course.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def lesson_names() -> list[str]:
    """The lessons in their order: "00_start", "01_convolution", …"""
    return sorted(course()["lessons"])


def full_lesson_name(name: str) -> str:
    """The lesson that "01", "1", "01_convolution" or a path to its folder means: "01_convolution". Raises Trouble."""
    asked = str(name).rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]
    number = asked.zfill(2) if asked.isdigit() else None
    for lesson in lesson_names():
        if asked == lesson or number == lesson[:2]:
            return lesson
    raise Trouble(f"There is no lesson {name!r}.", f"There are: {', '.join(lesson_names())}.")


def root() -> Path:
    """The folder of the course: a clone of the repository, or the bundle that an instructor handed out.

    It is the one that `cnnlab` was installed from, else the nearest one around the current folder. Raises Trouble.
    """
    for folder in [Path(__file__).parents[1], Path.cwd(), *Path.cwd().parents]:
        if (folder / "course.toml").is_file() and (folder / "notebooks").is_dir():
            return folder
    raise Trouble(
        "The course's notebooks are not here: cnnlab was installed without them.",
        f"Get them with: git clone {course()['home']}    then `cd` into that folder and try again.",
    )
