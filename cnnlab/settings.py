"""What course.toml says, and where the course lies on this machine."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Sequence
from pathlib import Path


class Trouble(Exception):
    """Something a person can put right: what was wrong, and what to do. Commands print it without a traceback."""

    def __init__(self, what: str, remedy: str = ""):
        super().__init__(f"{what}\n{remedy}" if remedy else what)
        self.what, self.remedy = what, remedy


@functools.cache
def course() -> dict:
    """What course.toml says: from the repository in an editable install, else from inside the installed package."""
    inside = Path(__file__).with_name("course.toml")
    return read_course(inside.parent if inside.exists() else Path(__file__).parents[1])


def read_course(folder: Path) -> dict:
    """What the course.toml in this folder says: home, branch, and for each of `lessons` a dict. Raises Trouble."""
    path = folder / "course.toml"
    if not path.is_file():
        raise Trouble(f"{folder} holds no course: course.toml is not there.", "Name the folder with --course.")
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Trouble(f"course.toml is not TOML: {error}", "Mend that line.") from None
    for key in ("home", "branch", "lessons"):
        if key not in found:
            raise Trouble(f"course.toml does not say {key}.", "Take that line from the course's repository.")
    return found


def lesson_names() -> list[str]:
    """The lessons in their order: "00_start", "01_convolution", …"""
    return sorted(course()["lessons"])


def full_lesson_name(name: str, lessons: Sequence[str] | None = None) -> str:
    """The lesson that "01", "1", "01_convolution" or a path to its folder means: "01_convolution". Raises Trouble.

    lessons: the names there are; by default those of `lesson_names`.
    """
    lessons = lesson_names() if lessons is None else lessons
    asked = str(name).rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]
    number = asked.zfill(2) if asked.isdigit() else None
    for lesson in lessons:
        if asked == lesson or number == lesson[:2]:
            return lesson
    raise Trouble(f"There is no lesson {name!r}.", f"There are: {', '.join(lessons)}.")


def is_course(folder: Path) -> bool:
    """Whether a course lies there: its course.toml and its notebooks."""
    return (folder / "course.toml").is_file() and (folder / "notebooks").is_dir()


def root() -> Path:
    """The folder of the course: a clone of the repository, or the bundle that an instructor handed out.

    It is the nearest one around the current folder, else the one that `cnnlab` was installed from. Raises Trouble.
    """
    here = Path.cwd()
    for folder in [here, *here.parents, Path(__file__).parents[1]]:
        if is_course(folder):
            return folder
    raise Trouble(
        "The course's notebooks are not here: cnnlab was installed without them.",
        f"Get them with: git clone {course()['home']}    then `cd` into that folder and try again.",
    )


def said_of(folder: Path) -> str | None:
    """A line for whoever works on the course in `folder` with a cnnlab that lies in another one; None elsewhere."""
    installed = Path(__file__).parents[1]
    if not is_course(installed) or installed.resolve() == folder.resolve():
        return None
    return f"This is the course in {folder}; cnnlab itself, with its checks, is the one in {installed}."
