"""What a learner sees: one calm line for a part that passes, and for one that fails a picture and a few sentences."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, number_text
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import describe, is_tensor, shape_text
from cnnlab.check.verdict import Failure, Kind, Verdict

SIGNS = {"kernel": "∗", "weight": "∗", "w2": "∗", "bias": "+"}  # what joins an argument to those before it
PICTURES = ("image", "x")  # arguments that are pictures: greys, not signed colours, where nothing is negative
LARGEST_DRAWN = 12  # rows or columns of an argument that is shown in the picture
MOST_PLANES = 6  # of an argument with more than two axes
MOST_NUMBERS = 48  # in an argument that is written out in the text
TEXT_ROWS, TEXT_COLUMNS = 8, 8
WIDTH = 90


class CheckFailed(AssertionError):
    """An exercise is not right yet. Its text is the whole message; a notebook shows that and no stack."""

    def __init__(self, message: str, picture_shown: bool = False, short: str | None = None):
        super().__init__(message)
        self.shown = short if picture_shown and short else message

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a traceback."""
        return self.shown.splitlines()


def passed_line(verdict: Verdict) -> str:
    """ "passed: relu · values · 1 of 1 point (20 cases: arrays of no axis to five)"."""
    part, cases = verdict.part, verdict.cases
    tried = f"{cases} case{'s' if cases != 1 else ''}: {part.tests}" if cases > 1 else f"tried {part.tests}"
    return f"passed: {verdict.exercise.name} · {part.name} · {points_text(part.points)} ({tried})"


def points_text(points: float, of: float | None = None) -> str:
    """ "2 of 4 points"; "not graded" where there are none."""
    if of is None:
        of = points
    if of == 0:
        return "not graded"
    return f"{points:g} of {of:g} point{'' if of == 1 else 's'}"


def failure_text(
    verdict: Verdict, earlier: Sequence[Part], arrays: bool = True, needs: Sequence[str] = (), by_hand: bool = True
) -> str:
    """The message for a part that did not pass; with the arrays in letters where there is no picture.

    earlier: the parts that passed before; needs: exercises that this one calls and that have not passed their checks;
    by_hand: say how to call one's function on the failing case, which only a notebook can.
    """
    failure, exercise, part = verdict.failed, verdict.exercise, verdict.part
    if failure.kind is Kind.UNSOLVED and " calls `" not in failure.sentence:
        return unsolved_text(exercise, part)
    lines = [f"{exercise.name} · {part.name} · {points_text(0, part.points)}", "", *in_letters(verdict, arrays)]
    if needs:
        names = " and ".join(f"`{name}`" for name in needs)
        lines += ["", *_wrapped(f"{names} {'have' if len(needs) > 1 else 'has'} not passed yet: look there first.")]
    where = failure.where()
    if where:
        lines += ["", "What the numbers say:", *(out for line in where.splitlines() for out in _wrapped(line, "  "))]
    advice = _advice(failure, part)
    lines += ["", *advice] if advice else []
    if failure.printed.strip():
        lines += ["", "It printed, in this case:", *("  " + line for line in failure.printed.strip().splitlines()[:12])]
    if by_hand and _callable_by_hand(exercise, failure):
        lines += ["", f"Try this case by hand: c = check.{exercise.name}.case; {exercise.name}(*c.args, **c.kwargs)"]
        lines += ["(c.expected is what is right, c.yours what came back)"] if failure.expected is not None else []
    done = [f"{p.name} ({points_text(p.points)})" for p in earlier]
    if verdict.right:
        done.append(f"{verdict.right} of the {verdict.cases} cases of this part")
    if done:
        lines += ["", *_wrapped("Passed so far: " + "; ".join(done) + ".")]
    return "\n".join(lines)


def in_letters(verdict: Verdict, arrays: bool = True) -> list[str]:
    """The failing case in lines: how the function was called, and what is wrong there; arrays: with the numbers."""
    failure, exercise = verdict.failed, verdict.exercise
    lines = _wrapped(case_text(exercise, failure.case), "  ")
    lines += _arguments(exercise, failure.case) if arrays else []
    lines += _wrapped(failure.sentence, "  ")
    return lines + (_side_by_side(failure.difference) if arrays and failure.difference is not None else [])


def case_shown(verdict: Verdict) -> str:
    """The failing case alone: what went in, what is right, what came out; no word on which mistake it may be."""
    return "\n".join([f"{verdict.exercise.name} · {verdict.part.name}", "", *in_letters(verdict)])


def unsolved_text(exercise: Exercise, part: Part) -> str:
    worth = "" if part.points == 0 else f" ({points_text(part.points).split(' of ')[-1]})"
    what = "Fill in the table" if exercise.value else "Write your function"
    return (
        f"{exercise.name} · {part.name} · not solved yet{worth}\n"
        f"{what} in the cell above, run that cell, then run this one again."
    )


def _wrapped(text: str, indent: str = "") -> list[str]:
    """Lines of about 90 columns, cut between words alone; a text that is laid out in lines keeps them."""
    lines: list[str] = []
    for line in text.splitlines():
        deeper = indent + " " * (len(line) - len(line.lstrip()))
        lines += textwrap.wrap(
            line.strip(), WIDTH, initial_indent=deeper, subsequent_indent=deeper, break_long_words=False,
            break_on_hyphens=False,
        ) or [""]  # fmt: skip
    return lines


def _advice(failure: Failure, part: Part) -> list[str]:
    named = failure.diagnosis.named
    if named:
        lines: list[str] = []
        for one in named:
            about = f" ({one.about})" if one.about else ""
            lines += [*([""] if lines else []), *_wrapped(f"Looks like: {one.name}{about}."), *_wrapped(one.says)]
        return lines
    if failure.warnings and failure.kind is Kind.NAN:
        return _wrapped(f"NumPy warned: {failure.warnings[0]}.")
    if failure.kind in (Kind.VALUES, Kind.SHAPE) and part.look and not failure.diagnosis.clues:
        return _wrapped(f"Where to look: {part.look}")
    if failure.kind in (Kind.VALUES, Kind.SHAPE) and part.look:
        return _wrapped(f"Where to look: {part.look}")
    return _wrapped(failure.kind.advice)


def _callable_by_hand(exercise: Exercise, failure: Failure) -> bool:
    return not exercise.value and bool(failure.case.args or failure.case.kwargs) and exercise.name.isidentifier()


def case_text(exercise: Exercise, case: Case) -> str:
    """How the function was called: "called with image 3 × 5 (int64), kernel 2 × 3 (int64)"."""
    if exercise.told is not None:
        return exercise.told(case)
    if not case.args and not case.kwargs:
        return f"called as {exercise.name}()"
    words = [f"{exercise.argument_name(i)} {_argument_text(arg)}" for i, arg in enumerate(case.args)]
    words += [f"{name}={_argument_text(value)}" for name, value in case.kwargs.items()]
    note = f"  ({case.note})" if case.note else ""
    return "called with " + ", ".join(words) + note


def _argument_text(arg: Any) -> str:
    if isinstance(arg, np.ndarray):
        return f"{shape_text(arg.shape)} ({arg.dtype})" if arg.ndim else f"{arg} ({arg.dtype}, an array without axes)"
    if isinstance(arg, dict):
        return "{" + ", ".join(f"{key}: {_argument_text(value)}" for key, value in arg.items()) + "}"
    if isinstance(arg, list | tuple):
        return str(arg)
    if callable(arg):
        return ""
    return describe(arg).removeprefix("the number ")


def _named_arguments(exercise: Exercise, case: Case) -> Iterator[tuple[str, Any]]:
    """Every argument by name, what is in a dict by its key."""
    named = [(exercise.argument_name(i), arg) for i, arg in enumerate(case.args)] + list(case.kwargs.items())
    for name, value in named:
        if isinstance(value, dict):
            yield from ((f"{name}[{key!r}]", item) for key, item in value.items())
        else:
            yield name, value


def _arguments(exercise: Exercise, case: Case) -> list[str]:
    """Arrays that are small enough written out, plane by plane."""
    if exercise.told is not None:
        return []
    lines: list[str] = []
    for name, value in _named_arguments(exercise, case):
        if is_tensor(value):
            value = np.asarray(value)
        if not isinstance(value, np.ndarray) or not value.ndim or not 0 < value.size <= MOST_NUMBERS:
            continue
        for where, plane in _planes_of(value):
            grid = _text_grid(plane)
            head = f"    {name}{where} = "
            lines += [head + grid[0], *(" " * len(head) + row for row in grid[1:])]
    return lines


def _planes_of(array: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """An array's 2-D planes, each with its place: "[0, 1]"; one of a single row where it has one axis."""
    if array.ndim <= 2:
        yield "", np.atleast_2d(array)
        return
    for at in np.ndindex(*array.shape[:-2]):
        yield f"[{', '.join(map(str, at))}]", array[at]


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
        if expected.ndim != got.ndim:
            return None
        if expected.ndim == 1:
            return "", expected[None], got[None], None
        first = (0,) * (expected.ndim - 2)
        return (f"   (at [{', '.join(map(str, first))}])" if first else ""), expected[first], got[first], None
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
    return [" ".join(c.rjust(width) for c in row) for row in cells] or [""]


def _cell_text(value: Any) -> str:
    if np.iscomplexobj(value):
        return f"{complex(value):.3g}"
    return number_text(value) if float(value).is_integer() else f"{value:.3g}"


def picture(verdict: Verdict) -> str | None:
    """The failing case drawn as HTML: what went in, what was expected, what came out, differences marked. None where
    there is nothing to draw."""
    from cnnlab.check.grid import row_html

    failure, exercise = verdict.failed, verdict.exercise
    parts = list(_drawn_arguments(exercise, failure.case))
    found = failure.difference
    planes = None if found is None else _planes(found)
    if found is None or planes is None:
        return row_html(parts) if parts else None
    if parts and exercise.draws != "gradient":
        parts.append("→")
    return row_html([*parts, *_drawn_results(exercise, found, planes)])


def _drawn_arguments(exercise: Exercise, case: Case) -> Iterator[Any]:
    from cnnlab.check.grid import grid_html

    gradient, first = exercise.draws == "gradient", True
    for name, arg in _named_arguments(exercise, case) if exercise.told is None else ():
        if is_tensor(arg):
            arg = np.asarray(arg)
        if not isinstance(arg, np.ndarray) or not 1 <= arg.ndim <= 4 or not arg.size:
            continue
        if arg.dtype.kind not in "iuf" or max(arg.shape[-2:]) > LARGEST_DRAWN:
            continue
        if name in SIGNS and not first and not gradient:
            yield SIGNS[name]
        first = False
        greys = (0, float(arg.max()) or 1.0) if name in PICTURES and arg.min() >= 0 and not gradient else None
        planes = list(_planes_of(arg))
        for where, plane in planes[:MOST_PLANES]:
            yield grid_html(plane, title=f"{name}{where}" if len(planes) > 1 else name, pixels=greys)
        if len(planes) > MOST_PLANES:
            yield f"… and {len(planes) - MOST_PLANES} more"


def _drawn_results(exercise: Exercise, found: Difference, planes: tuple) -> Iterator[Any]:
    from cnnlab.check.grid import grid_html
    from cnnlab.check.reading.rules import relative_error

    where, expected, got, wrong = planes
    marked = frozenset() if wrong is None else frozenset((int(i), int(j)) for i, j in np.argwhere(wrong))
    scale = float(np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))) or 1.0
    label = f" {found.label}" if found.label else ""
    centre = min(marked, default=(0, 0))
    yield grid_html(expected, title=f"{found.titles[0]}{label}{where}", scale=scale, centre=centre)
    yield grid_html(got, title=f"{found.titles[1]}{label}{where}", scale=scale, marked=marked, centre=centre)
    if exercise.draws == "gradient" and expected.shape == got.shape:
        error = relative_error(expected, got)
        yield grid_html(error, title="relative error", scale=1.0, marked=marked, centre=centre)
