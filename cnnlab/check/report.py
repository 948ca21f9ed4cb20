"""What a learner sees: one calm line for a part that passes, and for one that fails a picture and a few sentences."""

from __future__ import annotations

import numpy as np

from cnnlab.check.compare import Difference, number_text
from cnnlab.check.exercise import Case, Exercise, Failure, Part, Verdict
from cnnlab.check.plain import describe, shape_text

PICTURES = ("image", "x")  # arguments that are pictures: greys, not signed colours, where nothing is negative
LARGEST_DRAWN = 12  # rows or columns of an argument that is shown in the picture
TEXT_ROWS, TEXT_COLUMNS = 8, 8


class CheckFailed(AssertionError):
    """An exercise is not right yet. Its text is the whole message; a notebook shows that and no stack."""

    def __init__(self, message: str, picture_shown: bool = False, short: str | None = None):
        super().__init__(message)
        self.shown = short if picture_shown and short else message

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a traceback."""
        return self.shown.splitlines()


def passed_line(verdict: Verdict) -> str:
    part = verdict.part
    return f"passed: {verdict.exercise.name} · {part.name} · {points_text(part.points)} (tried {part.tests})"


def points_text(points: float, of: float | None = None) -> str:
    if of is None:
        of = points
    if of == 0:
        return "not graded"
    return f"{points:g} of {of:g} point{'' if of == 1 else 's'}"


def failure_text(verdict: Verdict, earlier: list[Part], arrays: bool = True) -> str:
    """The message for a part that did not pass; with the arrays drawn in letters where there is no picture."""
    failure, exercise, part = verdict.failure, verdict.exercise, verdict.part
    if failure.kind == "unsolved":
        return unsolved_text(exercise, part)
    lines = [f"{exercise.name} · {part.name} · {points_text(0, part.points)}", ""]
    lines += [f"  {case_text(exercise, failure.case)}", f"  {failure.sentence}"]
    if arrays and failure.difference is not None:
        lines += _side_by_side(failure.difference)
    where = failure.where()
    if where:
        lines += ["", "What the numbers say:", *("  " + line for line in where.splitlines())]
    lines += ["", *_advice(failure, part)]
    if failure.printed.strip():
        lines += ["", "It printed, in this case:", *("  " + line for line in failure.printed.strip().splitlines()[:12])]
    done = [f"{p.name} ({points_text(p.points)})" for p in earlier]
    if verdict.right:
        done.append(f"{verdict.right} of the {verdict.cases} cases of this part")
    if done:
        lines += ["", "Passed so far: " + "; ".join(done) + "."]
    return "\n".join(lines)


def unsolved_text(exercise: Exercise, part: Part) -> str:
    worth = "" if part.points == 0 else f" ({points_text(part.points).split(' of ')[-1]})"
    what = "Fill in the table" if exercise.value else "Write your function"
    return (
        f"{exercise.name} · {part.name} · not solved yet{worth}\n"
        f"{what} in the cell above, run that cell, then run this one again."
    )


def _advice(failure: Failure, part: Part) -> list[str]:
    if failure.mistake is not None:
        return [f"Looks like: {failure.mistake.name}.", failure.mistake.says]
    if failure.warnings and failure.kind == "nan":
        return [f"NumPy warned: {failure.warnings[0]}."]
    if failure.kind in ("values", "shape") and part.look:
        return [f"Where to look: {part.look}"]
    return {
        "raised": ["Call your function with the same arguments in a cell of its own to see the whole error."],
        "endless": ["Look at the conditions of your loops: does each one get closer to its end in every round?"],
    }.get(failure.kind, [])


def case_text(exercise: Exercise, case: Case) -> str:
    """How the function was called: "called with image 3 × 5 (int64), kernel 2 × 3 (int64)"."""
    if exercise.told is not None:
        return exercise.told(case)
    if not case.args and not case.kwargs:
        return f"called as {exercise.name}()"
    words = [f"{exercise.argument_name(i)} {_argument_text(arg)}" for i, arg in enumerate(case.args)]
    words += [f"{name}={value!r}" for name, value in case.kwargs.items()]
    note = f"  ({case.note})" if case.note else ""
    return "called with " + ", ".join(words) + note


def _argument_text(arg: object) -> str:
    if isinstance(arg, np.ndarray):
        return f"{shape_text(arg.shape)} ({arg.dtype})"
    if isinstance(arg, list | tuple):
        return str(arg)
    return describe(arg).removeprefix("the number ")


def _side_by_side(found: Difference) -> list[str]:
    """Expected and yours as text, the part around the first difference; nothing where they can not be laid out."""
    planes = _planes(found)
    if planes is None:
        return []
    where, expected, got, wrong = planes
    window = _window(expected, got, wrong)
    left, right = _text_grid(expected[window]), _text_grid(got[window], None if wrong is None else wrong[window])
    one, other = found.titles
    width = max([len(one), *map(len, left)]) + 6
    lines = ["", f"  {one:<{width}}{other}{where}"]
    for k in range(max(len(left), len(right))):
        one, other = (left[k] if k < len(left) else ""), (right[k] if k < len(right) else "")
        lines.append(f"  {one:<{width}}{other}".rstrip())
    return lines


def _planes(found: Difference) -> tuple[str, np.ndarray, np.ndarray, np.ndarray | None] | None:
    """The 2-D planes that hold the first difference, and where they are in a larger array."""
    expected, got, wrong = found.expected, found.got, found.wrong
    if expected is None or got is None or not 1 <= expected.ndim <= 4 or not expected.size or not got.size:
        return None
    if wrong is None:
        return ("", expected, got, None) if expected.ndim == got.ndim == 2 else None
    if expected.ndim == 1:
        return "", expected[None], got[None], wrong[None]
    plane = tuple(int(i) for i in np.argwhere(wrong)[0][:-2])
    where = f"   (at [{', '.join(map(str, plane))}])" if plane else ""
    return where, expected[plane], got[plane], wrong[plane]


def _window(expected: np.ndarray, got: np.ndarray, wrong: np.ndarray | None) -> tuple[slice, slice]:
    row, column = (0, 0) if wrong is None else (int(i) for i in np.argwhere(wrong)[0])
    top = max(0, min(row - TEXT_ROWS // 2, expected.shape[0] - TEXT_ROWS))
    left = max(0, min(column - TEXT_COLUMNS // 2, expected.shape[1] - TEXT_COLUMNS))
    return slice(top, top + TEXT_ROWS), slice(left, left + TEXT_COLUMNS)


def _text_grid(array: np.ndarray, wrong: np.ndarray | None = None) -> list[str]:
    cells = [[_cell_text(value) for value in row] for row in array]
    if wrong is not None:
        cells = [
            [c + ("*" if w else " ") for c, w in zip(cs, ws, strict=True)] for cs, ws in zip(cells, wrong, strict=True)
        ]
    width = max((len(c) for row in cells for c in row), default=1)
    return [" ".join(c.rjust(width) for c in row) for row in cells]


def _cell_text(value: float) -> str:
    return number_text(value) if float(value).is_integer() else f"{value:.3g}"


def picture(verdict: Verdict) -> str | None:
    """The failing case drawn as HTML: what went in, what was expected, what came out, differences marked."""
    from cnnlab.figures.grid import grid_html, row_html

    failure = verdict.failure
    found = failure.difference
    planes = None if found is None else _planes(found)
    if planes is None:
        return None
    where, expected, got, wrong = planes
    marked = frozenset() if wrong is None else frozenset((int(i), int(j)) for i, j in np.argwhere(wrong))
    scale = float(np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))) or 1.0
    label = f" {found.label}" if found.label else ""
    centre = min(marked, default=(0, 0))
    parts: list[str] = []
    is_gradient = verdict.exercise.locate is not None
    for index, arg in enumerate(failure.case.args):
        if is_gradient and isinstance(arg, np.ndarray) and arg.ndim == 4 and arg.shape[:2] == (1, 1):
            arg = arg[0, 0]
        if isinstance(arg, np.ndarray) and arg.ndim == 2 and arg.size and max(arg.shape) <= LARGEST_DRAWN:
            name = verdict.exercise.argument_name(index)
            greys = (0, float(arg.max()) or 1.0) if name in PICTURES and arg.min() >= 0 and not is_gradient else None
            parts += [grid_html(arg, title=name, pixels=greys), "" if is_gradient else "∗"]
    if parts:
        parts[-1] = "→"
    parts.append(grid_html(expected, title=f"{found.titles[0]}{label}{where}", scale=scale, centre=centre))
    parts.append(grid_html(got, title=f"{found.titles[1]}{label}{where}", scale=scale, marked=marked, centre=centre))
    if is_gradient and expected.shape == got.shape:
        from cnnlab.check.rules import relative_error

        error = relative_error(expected, got)
        parts.append(grid_html(error, title="relative error", scale=1.0, marked=marked, centre=centre))
    return row_html(parts)
