"""Programs that nbgrader calls by their bare name."""

from __future__ import annotations

import os
import sysconfig


def on_path() -> None:
    """Put this Python's scripts at the end of PATH: nbgrader begins a gradebook with `alembic`, which lies there."""
    scripts, known = sysconfig.get_path("scripts"), os.environ.get("PATH", "").split(os.pathsep)
    if scripts not in known:
        os.environ["PATH"] = os.pathsep.join([*known, scripts])
