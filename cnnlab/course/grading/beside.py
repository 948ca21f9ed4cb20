"""Short answers whose own cells are untouched, while the learner wrote something near them: a person has to look.

Near is what stands between the graded cells before and after the answer's, and at the end of the notebook. Directly
below the answer's cell anything counts, code too (a new cell is one until somebody presses M); elsewhere, text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnnlab.course.grading.recognise import ReadCell, anchors, trimmed
from cnnlab.course.grading.release import Release

GRADED = ("solution", "check", "answer")
WORD = re.compile(r"\w+")


def written_beside(cells: Sequence[ReadCell], release: Release) -> tuple[tuple[str, ...], list[str]]:
    """The grade_ids of such answers, and a sentence for each."""
    found, told = [], []
    where = list(zip(cells, anchors(list(cells)), strict=True))
    texts = {trimmed(cell.source) for cell in release.cells}
    own = [(cell, after, _is_text(cell)) for cell, after in where if _is_the_learners(cell, release, texts)]
    claimed = {cell.is_cell: cell for cell in cells}
    graded = [k for k, cell in enumerate(release.cells) if cell.role in GRADED]
    for k, released in enumerate(release.cells):
        cell = claimed.get(k)
        if released.role != "answer" or (cell and cell.written_text != trimmed(released.source)):
            continue
        before = max((g for g in graded if g < k), default=-1)
        after = min((g for g in graded if g > k), default=len(release.cells))
        below = k if cell else k - 1
        near = [
            c.index + 1
            for c, at, is_text in own
            if (at == below and c.is_cell is None) or (is_text and (before <= at < after or at >= graded[-1]))
        ]
        if near:
            found.append(released.grade_id)
            several = f"cells {', '.join(map(str, near[:6]))}" if len(near) > 1 else f"cell {near[0]}"
            told.append(f"Nothing is written in `{released.grade_id}`, but near it ({several}): a person will look.")
    return tuple(found), told


def _is_the_learners(cell: ReadCell, release: Release, texts: set[str]) -> bool:
    """Whether it is a cell of the learner's own with words in it, or a released text with words of the learner's."""
    words = set(WORD.findall(cell.written))
    if cell.is_cell is None:
        return bool(words) and cell.written_text not in texts
    released = release.cells[cell.is_cell] if cell.is_cell >= 0 else None
    return released is not None and released.role == "text" and bool(words - set(WORD.findall(released.source)))


def _is_text(cell: ReadCell) -> bool:
    """Markdown, raw text, or code that only comments or is no Python."""
    if cell.type != "code":
        return True
    return not cell.names and not re.search(r"[=(\[]", re.sub(r"#.*", "", cell.written))
