"""Which cell of the release is this? Ids first, then the text, then the names that a cell defines, then its place."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

from cnnlab.course.grading.magics import tree
from cnnlab.course.grading.release import Release, ReleaseCell

CODE_ROLES = ("setup", "shown", "solution", "check")
NAMES = {"code": "code", "markdown": "Markdown", "raw": "raw"}


@dataclass
class ReadCell:
    """A cell of the submission as data: `index` counts from 0, `ids` are what editors keep an id in."""

    index: int
    type: str
    source: str
    grade_id: str | None = None
    ids: tuple[str, ...] = ()
    attachments: dict = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    written: str = ""  # the text as it was handed in, IPython's lines and all
    kind: str = "code"  # what the editor called it: code, markdown or raw
    is_cell: int | None = None  # the index of the release's cell that this one is
    _trimmed: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The source, trimmed."""
        return self._once("source", self.source)

    @property
    def written_text(self) -> str:
        """What was handed in, trimmed."""
        return self._once("written", self.written)

    def _once(self, what: str, source: str) -> str:
        if self._trimmed.get(what, (None,))[0] is not source:
            self._trimmed[what] = source, trimmed(source)
        return self._trimmed[what][1]

    @property
    def place(self) -> str:
        """ "cell 3", as learners count."""
        return f"cell {self.index + 1}"


def names_defined(source: str) -> frozenset[str]:
    """The names that a cell binds at its top level, inside an `if`, `for`, `with` or `try` too."""
    parsed = tree(source)
    if parsed is None:
        return frozenset(re.findall(r"^(?:async +)?(?:def|class) +(\w+)", source, re.MULTILINE))
    names: set[str] = set()
    waiting: list[ast.AST] = [*parsed.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        else:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
            waiting.extend(ast.iter_child_nodes(node))
    return frozenset(names)


def trimmed(source: str) -> str:
    """A cell's text as editors keep it: no trailing spaces, no empty lines around it."""
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))


def recognise(cells: list[ReadCell], release: Release, runnable: Callable[[ReadCell], object]) -> list[str]:
    """Set `is_cell` of every cell that is one of the release's; returns a sentence for each repair.

    runnable: makes code of a cell that had become another type.
    """
    work = _Recognising(cells, release, runnable)
    work.by_grade_id()
    work.by_cell_id()
    work.by_text()
    work.by_names()
    work.by_neighbours()
    return work.repairs


class _Recognising:
    def __init__(self, cells: list[ReadCell], release: Release, runnable: Callable[[ReadCell], object]):
        self.cells, self.release, self.runnable = cells, release, runnable
        self.repairs: list[str] = []
        self.claimed: dict[int, ReadCell] = {}
        self.by_id = {cell.grade_id: k for k, cell in enumerate(release.cells) if cell.grade_id}
        self.checks = {trimmed(cell.source) for cell in release.cells if cell.role == "check"}

    def fits(self, cell: ReadCell, released: ReleaseCell) -> bool:
        """Whether it has the released one's type."""
        return not self.is_a_check(cell, released) and (cell.type == "code") == (released.role in CODE_ROLES)

    def is_a_check(self, cell: ReadCell, released: ReleaseCell) -> bool:
        """A released check is nobody's solution, whatever its metadata say."""
        return released.role == "solution" and cell.written_text in self.checks

    def claim(self, cell: ReadCell, k: int) -> None:
        cell.is_cell = k
        self.claimed[k] = cell
        self.as_released(cell, self.release.cells[k])

    def as_released(self, cell: ReadCell, released: ReleaseCell) -> None:
        """The type of a released cell is the release's, whatever key was pressed in command mode."""
        kind = "code" if released.role in CODE_ROLES else "markdown"
        if cell.kind == kind:
            return
        cell.type = kind
        if kind == "code":
            self.runnable(cell)
        else:
            cell.source = cell.written
        if released.grade_id:
            self.repairs.append(
                f"{cell.place.capitalize()} (`{released.grade_id}`) had become a {NAMES[cell.kind]} cell; "
                f"it was taken as the {NAMES[kind]} cell that it was."
            )

    def unknown(self) -> list[ReadCell]:
        return [cell for cell in self.cells if cell.is_cell is None]

    def by_grade_id(self) -> None:
        claims: dict[int, list[ReadCell]] = {}
        for cell in self.cells:
            k = self.by_id.get(cell.grade_id)
            if k is not None and not self.is_a_check(cell, self.release.cells[k]):
                claims.setdefault(k, []).append(cell)
        for k, claimants in claims.items():
            released = self.release.cells[k]
            fitting = claimants if released.role == "answer" else [c for c in claimants if self.fits(c, released)]
            self.settle(k, fitting or claimants, "have the id")

    def by_cell_id(self) -> None:
        ids = {cell.id: k for k, cell in enumerate(self.release.cells)}
        for cell in self.unknown():
            for k in (ids[i] for i in cell.ids if i in ids):
                released = self.release.cells[k]
                if k not in self.claimed and not self.is_a_check(cell, released) and not _is_new(cell, released):
                    self.claim(cell, k)
                    self.found(cell, k, "its cell's own id")
                    break

    def by_text(self) -> None:
        """Plain cells and check cells are known by their text, in order, where it stands in the release."""
        texts: dict[str, list[int]] = {}
        for k, cell in enumerate(self.release.cells):
            if k not in self.claimed and cell.role != "solution" and cell.role != "answer":
                texts.setdefault(trimmed(cell.source), []).append(k)
        for cell in self.unknown():
            waiting = [k for k in texts.get(cell.text, ()) if k not in self.claimed]
            fitting = [k for k in waiting if self.fits(cell, self.release.cells[k])]
            if fitting and cell.text:
                self.claim(cell, fitting[0])

    def by_names(self) -> None:
        for k, released in enumerate(self.release.cells):
            if released.role != "solution" or k in self.claimed:
                continue
            claimants = [c for c in self.unknown() if c.type == "code" and released.grade_id in c.names]
            if claimants:
                self.settle(k, claimants, "define the name")
                self.found(self.claimed[k], k, "the name that it defines")

    def by_neighbours(self) -> None:
        """A lone unknown cell between the two that stand around the missing one in the release is that one."""
        places = {cell.is_cell: n for n, cell in enumerate(self.cells) if cell.is_cell is not None}
        last = len(self.release.cells) - 1
        for k, released in enumerate(self.release.cells):
            if released.role not in ("solution", "answer") or k in self.claimed:
                continue
            before = places.get(k - 1, -1 if k == 0 else None)
            after = places.get(k + 1, len(self.cells) if k == last else None)
            if before is None or after is None:
                continue
            unknown = [c for c in self.cells[before + 1 : after] if c.is_cell is None]
            defining = [c for c in unknown if c.type != "code" and released.grade_id in names_defined(c.written)]
            between = [c for c in unknown if self.fits(c, released)]
            between = between or (defining if released.role == "solution" else [])
            if len(between) == 1:
                self.claim(between[0], k)
                self.found(between[0], k, "its place between its neighbours")

    def settle(self, k: int, claimants: list[ReadCell], how: str) -> None:
        """Of several cells that claim to be cell k the last that defines the name before its check has it."""
        released = self.release.cells[k]
        if len(claimants) == 1:
            return self.claim(claimants[0], k)
        if released.role == "answer":
            first, *others = claimants
            self.claim(first, k)
            for other in others:
                self.as_released(other, released)
            first.source = "\n\n".join(dict.fromkeys(c.source for c in claimants))
            for other in others:
                other.is_cell = -1  # read, and not to be taken for anything else
            self.repairs.append(f"{_list(claimants)} {how} `{released.grade_id}`; their texts were put together.")
            return None
        chosen = claimants[0] if released.role == "check" else self._last_definition(released, claimants)
        self.claim(chosen, k)
        if released.role == "check":
            for other in claimants[1:]:
                if other.written_text in self.checks:
                    other.is_cell = -1
            return None
        self.repairs.append(
            f"{_list(claimants)} {how} `{released.grade_id}`; {chosen.place} counts as its solution, "
            "and the rest run as cells of the learner's own."
        )
        return None

    def _last_definition(self, released: ReleaseCell, claimants: list[ReadCell]) -> ReadCell:
        checks = {trimmed(c.source) for c in self.release.cells if c.exercise == released.grade_id}
        ids = {c.grade_id for c in self.release.cells if c.exercise == released.grade_id}
        seen = (c.index for c in self.cells if c.grade_id in ids or c.text in checks)
        first_check = min(seen, default=len(self.cells))
        defining = [c for c in claimants if released.grade_id in c.names] or claimants
        return ([c for c in defining if c.index < first_check] or defining)[-1]

    def found(self, cell: ReadCell, k: int, how: str) -> None:
        grade_id = self.release.cells[k].grade_id
        if grade_id and self.release.cells[k].role != "check":
            self.repairs.append(f"The id of `{grade_id}` was lost or changed; {cell.place} was found by {how}.")


def _is_new(cell: ReadCell, released: ReleaseCell) -> bool:
    """Whether a text of the release has become code that somebody wrote over it: a cell of the learner's own."""
    if released.role != "text" or cell.kind != "code" or cell.written_text == trimmed(released.source):
        return False
    code = tree(cell.source)
    return code is not None and bool(code.body)


def _list(cells: list[ReadCell]) -> str:
    numbers = [str(cell.index + 1) for cell in cells[:6]]
    more = f" and {len(cells) - 6} more" if len(cells) > 6 else ""
    return f"Cells {', '.join(numbers)}{more}"


def anchors(cells: list[ReadCell]) -> list[int]:
    """For every cell the release's cell after which it stands: the last one before it that was not moved.

    What was not moved is the longest run of recognised cells whose order is the release's.
    """
    known = [(cell.index, k) for cell in cells if (k := cell.is_cell) is not None and k >= 0]
    tails: list[int] = []
    last: list[int] = []
    back: list[int] = []
    for n, (_, k) in enumerate(known):
        at = bisect_left(tails, k)
        tails[at : at + 1] = [k]
        last[at : at + 1] = [n]
        back.append(last[at - 1] if at else -1)
    kept: dict[int, int] = {}  # the index of a cell, and of the release's that it is
    n = last[-1] if last else -1
    while n >= 0:
        kept.update([known[n]])
        n = back[n]
    result, anchor = [], -1
    for cell in cells:
        anchor = kept.get(cell.index, anchor)
        result.append(anchor)
    return result
