"""What a master must keep to beyond its form: names, headings, cells, marks, exercises."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

from cnnlab.check.exercise import Exercise
from cnnlab.course.pieces import Heading, Piece
from cnnlab.course.problems import Problems
from cnnlab.course.stub import BEGIN, END, stubbed
from cnnlab.course.written import (
    EXERCISE_HEADING,
    QUESTION_HEADING,
    SECTION_HEADING,
    answers_below,
    grade_id_of,
    part_of,
)

EXERCISE_FORM = "### `name` · difficulty 2/5 · about 10 minutes"
QUESTION_FORM = "### Question · about 5 minutes"
MAGIC = re.compile(r"^\s*[%!]|^[\w, ]+=\s*[%!]|\?\s*$", re.MULTILINE)
LESSON = re.compile(r"^\d\d_[a-z0-9_]+$")


def apply(path: Path, pieces: Sequence[Piece], declared: Sequence[Exercise], problems: Problems) -> None:
    """What a master does not keep to goes to `problems`; `declared` are its lesson's exercises."""
    by_name = {exercise.name: exercise for exercise in declared}
    _names_agree(path, problems)
    _headings(pieces, problems)
    _cells(pieces, by_name, problems)
    _exercises(pieces, by_name, problems)


def _names_agree(path: Path, problems: Problems) -> None:
    """A lesson's folder is NN_topic, and its master has the same name."""
    lesson = path.parent.name
    if not LESSON.match(lesson):
        problems.add(1, f"the folder {lesson!r} is not named like a lesson", "call it NN_topic, as 01_convolution")
    if path.stem != lesson:
        problems.add(1, f"{path.name} lies in the folder {lesson}", f"call it {lesson}.md")


def _headings(pieces: Sequence[Piece], problems: Problems) -> None:
    """One title, no level skipped, exercises and questions in their form and in numbered sections."""
    found = [(piece.line, piece.heading) for piece in pieces if piece.heading]
    if not found or found[0][1].level != 1:
        line = found[0][0] if found else 1
        problems.add(line, "the lesson has no title heading", "begin its text with one # heading")
    level, section = 0, False
    for line, heading in found:
        if heading.level == 1 and level:
            problems.add(line, "there is a second # heading", "use ## below the title")
        elif heading.level > level + 1 and level:
            what = f"the heading skips from {'#' * level} to {'#' * heading.level}"
            problems.add(line, what, f"use {'#' * (level + 1)}")
        if not heading.text:
            problems.add(line, "a heading has no text", "write one, or remove it")
        level = heading.level
        if level <= 2:
            section = bool(SECTION_HEADING.match(heading.text))
        _exercise_or_question(line, heading, section, problems)


def _exercise_or_question(line: int, heading: Heading, section: bool, problems: Problems) -> None:
    text = heading.text
    is_exercise, is_question = EXERCISE_HEADING.match(text), QUESTION_HEADING.match(text)
    if (is_exercise or is_question) and heading.level == 3:
        if not section:
            problems.add(line, "it stands in no numbered section", "number the ## heading above it: ## 2. Topic")
    elif is_exercise or re.match(r"`\w+`.* · |exercise\b.*(\d|·)", text, re.IGNORECASE):
        problems.add(line, "the exercise's heading is not in its form", f"write {EXERCISE_FORM}")
    elif is_question or re.match(r"question\b.*(\d|·)", text, re.IGNORECASE):
        problems.add(line, "the question's heading is not in its form", f"write {QUESTION_FORM}")


def _cells(pieces: Sequence[Piece], by_name: dict[str, Exercise], problems: Problems) -> None:
    """Ids, marks and Python of every cell by itself."""
    seen: dict[str, int] = {}
    for piece in pieces:
        tags = piece.tags
        if piece.kind == "prose":
            continue
        if piece.kind == "answer" and tags.kind != "answer":
            problems.add(piece.line, "a region that is no answer", 'write <!-- #region answer="id" points=2 -->')
        if piece.kind == "code" and tags.kind == "answer":
            problems.add(piece.line, "an answer is prose, not code", 'write <!-- #region answer="id" points=2 -->')
        empty = not any(line.strip() for line in piece.lines)
        if tags.kind == "check" and not empty:
            problems.add(piece.first, "a check cell has something in it", "leave it empty: the build writes the call")
        elif tags.kind != "check" and empty:
            problems.add(piece.line, "the cell is empty", "write something in it, or remove it")
        name = grade_id_of(tags, by_name) or (tags.name if tags.kind in ("figure", "widget") else "")
        if name and name in seen:
            problems.add(piece.line, f"the id {name!r} is taken (line {seen[name]})", "give each its own")
        seen.setdefault(name, piece.line)
        _marks(piece, problems)
        if piece.kind == "code" and tags.kind != "check":
            _python(piece, problems)


def _marks(piece: Piece, problems: Problems) -> None:
    """BEGIN and END SOLUTION in turn, in a solution cell only, with something between."""
    tags = piece.tags
    begun: int | None = None
    regions = 0
    for at, line in enumerate(piece.lines, piece.first):
        begin, end = BEGIN in line, END in line
        if not (begin or end):
            continue
        if tags.kind != "solution":
            problems.add(at, f"{line.strip()!r} stands outside a solution cell", 'tag the cell with solution="name"')
            return
        if line.strip() != f"### {BEGIN if begin else END}":
            problems.add(
                at, f"{line.strip()!r} is not a mark", f"write ### {BEGIN if begin else END} alone on its line"
            )
        if begin and begun is not None:
            problems.add(at, f"{BEGIN} comes twice", f"write ### {END} before it")
        elif end and begun is None:
            problems.add(at, f"{END} without {BEGIN}", f"write ### {BEGIN} before it")
        elif begun is not None:
            hidden = [x for x in piece.lines[begun + 1 - piece.first : at - piece.first] if x.strip()]
            if not [x for x in hidden if not x.strip().startswith("#")]:
                problems.add(at, f"nothing stands between {BEGIN} and {END}", "write the solution there")
            regions += 1
        begun = at if begin else None
    if begun is not None:
        problems.add(begun, f"{BEGIN} without {END}", f"write ### {END} after the solution")
    elif tags.kind == "solution" and not regions:
        problems.add(piece.line, "the solution cell has no marks", f"put ### {BEGIN} and ### {END} around the solution")


def _python(piece: Piece, problems: Problems) -> None:
    """It parses, with the solution and with the stub; a solution cell defines its name in both."""
    tags, source = piece.tags, "\n".join(piece.lines)
    try:
        ast.parse(source)
    except SyntaxError as error:
        if not MAGIC.search(source):
            line = piece.first + min((error.lineno or 1), len(piece.lines)) - 1
            problems.add(line, f"this is not Python ({error.msg})", "mend it")
        elif tags.kind == "solution":
            problems.add(piece.line, "a graded cell has an IPython magic", "write plain Python there")
        return
    if tags.kind == "solution" and tags.name.isidentifier():
        try:
            left = ast.parse(stubbed(source))
        except SyntaxError:
            problems.add(piece.line, "with the stub in the solution's place it does not parse", "move the marks")
            return
        if tags.name not in _defined(left):
            problems.add(
                piece.line,
                f"the learner's cell would not define {tags.name}",
                f"leave `def {tags.name}(…)` outside the marks",
            )


def _defined(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def _exercises(pieces: Sequence[Piece], by_name: dict[str, Exercise], problems: Problems) -> None:
    """Solutions, checks and headings agree with one another and with what is declared."""
    solutions: dict[str, int] = {}
    checked: set[tuple[str, str]] = set()
    for piece in pieces:
        name = piece.tags.name
        if piece.tags.kind not in ("solution", "check"):
            continue
        if piece.tags.kind == "solution":
            solutions.setdefault(name, piece.line)
        elif name not in solutions:
            what = f"a check without exercise: no solution cell {name!r} stands before it"
            problems.add(piece.line, what, f'add one with solution="{name}"')
        if name not in by_name:
            there = f"there are {', '.join(by_name)}" if by_name else "this lesson declares none"
            what = f"cnnlab.check declares no exercise {name!r} for this lesson"
            problems.add(piece.line, what, f"declare it, or use a name: {there}")
        elif piece.tags.kind == "check":
            part = part_of(piece.tags, by_name)
            if part is None:
                _no_part(piece, by_name[name], problems)
            else:
                checked.add((name, part.name))
    for name, exercise in by_name.items():
        if name not in solutions:
            what = f"the exercise {name!r} is declared in cnnlab.check and is not in the lesson"
            problems.add(1, what, f'add a cell with solution="{name}"')
            continue
        for part in exercise.parts:
            if (name, part.name) not in checked:
                what = f"{name} has no check cell for its part {part.name!r}"
                problems.add(solutions[name], what, f'add an empty one with check="{name}" part="{part.name}"')
    _headings_of_exercises(pieces, solutions, problems)


def _no_part(piece: Piece, exercise: Exercise, problems: Problems) -> None:
    named = piece.tags.values.get("part")
    parts = ", ".join(part.name for part in exercise.parts)
    if named is None:
        what = f"{exercise.name} has {len(exercise.parts)} parts and the check names none"
        problems.add(piece.line, what, f"make one check cell for each: {parts}")
    else:
        problems.add(piece.line, f"{exercise.name} has no part {named!r}", f"there are {parts}")


def _headings_of_exercises(pieces: Sequence[Piece], solutions: dict[str, int], problems: Problems) -> None:
    named: set[str] = set()
    for k, piece in enumerate(pieces):
        text = piece.heading.text if piece.heading else ""
        if match := EXERCISE_HEADING.match(text):
            for name in re.findall(r"`(\w+)`", match["names"]):
                if name not in solutions:
                    problems.add(piece.line, f"no solution cell is named {name!r}", f'add solution="{name}" below it')
                elif solutions[name] < piece.line:
                    problems.add(piece.line, f"the solution cell {name!r} stands before its heading", "move it below")
                named.add(name)
        elif QUESTION_HEADING.match(text) and not answers_below(pieces, k):
            form = '<!-- #region answer="id" points=1 --> … <!-- #endregion -->'
            problems.add(piece.line, "the question has no answer below it", f"write {form}")
    for name, line in solutions.items():
        if name not in named:
            problems.add(line, f"the exercise {name!r} has no heading", f"write {EXERCISE_FORM}")
