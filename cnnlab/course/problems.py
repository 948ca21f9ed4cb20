"""Mistakes in a master, each with its file and line, gathered so that an author sees all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cnnlab.settings import Trouble


@dataclass(frozen=True, order=True)
class Problem:
    """`line` counts from 1; `what` is wrong there; `remedy` says what to do."""

    line: int
    what: str
    remedy: str


class Problems(list):
    """The problems of one file, in the order they were found."""

    def add(self, line: int, what: str, remedy: str) -> None:
        """Note one; `line` counts from 1."""
        self.append(Problem(line, what, remedy))


class Refused(Trouble):
    """A master that can not be built. Its text has one line for each problem: `file:line: what; remedy`."""

    def __init__(self, path: Path, problems: list[Problem], root: Path | None = None):
        self.path, self.problems = path, sorted(set(problems))
        shown = path.relative_to(root) if root and path.is_relative_to(root) else path
        lines = [f"{shown.as_posix()}:{p.line}: {p.what}; {p.remedy}" for p in self.problems]
        super().__init__("\n".join([f"{len(lines)} to mend before it can be built:", *lines]))
