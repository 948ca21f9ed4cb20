"""What in a course's folder is for its owner alone: solutions, learners' work, points and the secret that draws cases.

They are made so that nobody else on the machine may read them (under JupyterHub learners are on it, too). What came
with a clone, or from another tool, may be open: `cnnlab doctor` says so, and `cnnlab release` closes it.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cnnlab.files import PRIVATE

BOOKS = ("gradebook*.db*", "grades*.csv", "extra_time*.csv")
OTHERS, TEAM = 0o077, stat.S_IWGRP


@dataclass(frozen=True)
class Open:
    """A file or folder that others may look into: where it lies, and its permissions."""

    path: Path
    mode: int

    @property
    def says(self) -> str:
        """ "solutions/ (mode 755)"."""
        return f"{self.path.name}{'/' if self.path.is_dir() else ''} (mode {self.mode:o})"

    @property
    def remedy(self) -> str:
        """The command that closes it."""
        return f"chmod {self.closed:o} {self.path}"

    @property
    def closed(self) -> int:
        """The permissions that it should have."""
        return 0o700 if self.path.is_dir() else 0o600


def open_to_others(root: Path) -> list[Open]:
    """What in the course folder `root` others than its owner may look into; nothing where permissions say nothing."""
    if os.name == "nt":
        return []
    found = [root / name for name in sorted(PRIVATE)] + sorted(path for name in BOOKS for path in root.glob(name))
    modes = [Open(path, stat.S_IMODE(path.stat().st_mode)) for path in found if path.exists()]
    return [one for one in modes if one.mode & OTHERS]


def close(root: Path) -> list[str]:
    """Close what is open in the course folder `root`; returns a sentence for each. What its owner's group may write to
    is a team's: that is said, and left."""
    told = []
    for one in open_to_others(root):
        if one.mode & TEAM:
            told.append(f"others may look into {one.says}, and your group may write there. To close it: {one.remedy}")
            continue
        try:
            one.path.chmod(one.closed)
        except OSError as error:
            told.append(f"others may look into {one.says}, and it can not be closed ({error.strerror}): {one.remedy}")
        else:
            told.append(f"others could look into {one.says}; now it is yours alone")
    return told
