"""What course.toml says."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path


@functools.cache
def course() -> dict:
    """course.toml as a dict: from the repository in an editable install, else from inside the installed package."""
    inside = Path(__file__).with_name("course.toml")
    path = inside if inside.exists() else Path(__file__).parents[1] / "course.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
