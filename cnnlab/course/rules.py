"""What a master must keep to beyond its form: names, headings, exercises, points, marks."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

from cnnlab.course.problems import Problems
from cnnlab.course.scan import Block, Scan
from cnnlab.course.stub import BEGIN, END, stubbed
from cnnlab.course.tags import Tags

EXERCISE = re.compile(
    r"^Exercise (?P<number>\d+\.\d+) · (?P<names>`\w+`(?:, `\w+`)*(?: and `\w+`)?) · "
    r"(?:(?P<points>\d+(?:\.\d+)?) points?|not graded) · difficulty [1-5]/5 · about \d+ minutes?$"
)
EXERCISE_FORM = "### Exercise 2.1 · `name` · 4 points · difficulty 2/5 · about 10 minutes"
MAGIC = re.compile(r"^\s*[%!]|^[\w, ]+=\s*[%!]|\?\s*$", re.MULTILINE)
LESSON = re.compile(r"^\d\d_[a-z0-9_]+$")


def slug(text: str) -> str:
    """Letters, digits and hyphens only: what a grade_id or a cell id may hold."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")


def names_agree(path: Path, problems: Problems) -> None:
    lesson = path.parent.name
    if not LESSON.match(lesson):
        problems.add(1, f"the folder {lesson!r} is not named like a lesson", "call it NN_topic, as 01_convolution")
    if path.stem != lesson:
        problems.add(1, f"{path.name} lies in the folder {lesson}", f"call it {lesson}.md")


def headings(found: Scan, problems: Problems) -> None:
    if not found.headings or found.headings[0].level != 1:
        line = found.headings[0].line if found.headings else 1
        problems.add(line, "the lesson has no title heading", "begin its text with one # heading")
    level, numbers = 0, set()
    for heading in found.headings:
        if heading.level == 1 and level:
            problems.add(heading.line, "there is a second # heading", "use ## below the title")
        elif heading.level > level + 1 and level:
            what = f"the heading skips from {'#' * level} to {'#' * heading.level}"
            problems.add(heading.line, what, f"use {'#' * (level + 1)}")
        if not heading.text:
            problems.add(heading.line, "a heading has no text", "write one, or remove it")
        level = heading.level
        if re.match(r"exercise\b", heading.text, re.IGNORECASE) and re.search(r"\d|·", heading.text):
            match = EXERCISE.match(heading.text)
            if not match or level != 3:
                problems.add(heading.line, "the exercise's heading is not in its form", f"write {EXERCISE_FORM}")
            elif match["number"] in numbers:
                problems.add(heading.line, f"there are two exercises {match['number']}", "number them in order")
            else:
                numbers.add(match["number"])


def blocks(tagged: Sequence[tuple[Block, Tags]], problems: Problems) -> None:
    """Ids, marks and Python of every cell by itself."""
    seen: dict[str, int] = {}
    for block, tags in tagged:
        if block.kind == "region" and tags.kind != "answer":
            problems.add(block.line, "a region that is no answer", 'write <!-- #region answer="id" points=2 -->')
        if block.kind == "code" and tags.kind == "answer":
            problems.add(block.line, "an answer is prose, not code", 'write <!-- #region answer="id" points=2 -->')
        if not any(line.strip() for line in block.lines):
            problems.add(block.line, "the cell is empty", "write something in it, or remove it")
        grade_id = grade_id_of(tags)
        if grade_id and grade_id in seen:
            first = seen[grade_id]
            problems.add(block.line, f"the id {grade_id!r} is taken (line {first})", "give each its own")
        seen.setdefault(grade_id, block.line)
        marks(block, tags, problems)
        if block.kind == "code":
            python(block, tags, problems)


def grade_id_of(tags: Tags) -> str:
    """solution: its name; check: check-name-part; answer, figure, widget: the id. "" for plain cells."""
    if tags.kind == "check":
        return "-".join(filter(None, ["check", tags.name, slug(str(tags.values.get("part", "")))]))
    return "" if tags.kind in ("", "output") else tags.name


def marks(block: Block, tags: Tags, problems: Problems) -> None:
    """BEGIN and END SOLUTION in turn, in a solution cell only, with something between."""
    begun: int | None = None
    regions = 0
    for at, line in enumerate(block.lines, block.first):
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
        elif end:
            hidden = [x for x in block.lines[begun + 1 - block.first : at - block.first] if x.strip()]
            if not [x for x in hidden if not x.strip().startswith("#")]:
                problems.add(at, f"nothing stands between {BEGIN} and {END}", "write the solution there")
            regions += 1
        begun = at if begin else None
    if begun is not None:
        problems.add(begun, f"{BEGIN} without {END}", f"write ### {END} after the solution")
    elif tags.kind == "solution" and not regions:
        problems.add(block.line, "the solution cell has no marks", f"put ### {BEGIN} and ### {END} around the solution")


def python(block: Block, tags: Tags, problems: Problems) -> None:
    """It parses, with the solution and with the stub; a solution cell defines its name in both."""
    source = "\n".join(block.lines)
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        if not MAGIC.search(source):
            line = block.first + min((error.lineno or 1), len(block.lines)) - 1
            problems.add(line, f"this is not Python ({error.msg})", "mend it")
        elif tags.kind in ("solution", "check"):
            problems.add(block.line, "a graded cell has an IPython magic", "write plain Python there")
        return
    if tags.kind == "solution" and tags.name.isidentifier():
        try:
            left = ast.parse(stubbed(source))
        except SyntaxError:
            problems.add(block.line, "with the stub in the solution's place it does not parse", "move the marks")
            return
        if tags.name not in _defined(left):
            problems.add(
                block.line,
                f"the learner's cell would not define {tags.name}",
                f"leave `def {tags.name}(…)` outside the marks",
            )
    if tags.kind == "check" and tags.name.isidentifier():
        _check_call(tree, block, tags, problems)


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


def _check_call(tree: ast.Module, block: Block, tags: Tags, problems: Problems) -> None:
    part = tags.values.get("part")
    wanted = f"check.{tags.name}({tags.name}" + (f', part="{part}")' if part else ")")
    calls = [node.value for node in tree.body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    if len(tree.body) != 1 or len(calls) != 1 or ast.unparse(calls[0].func) != f"check.{tags.name}":
        problems.add(block.line, f"the check cell is not one call of check.{tags.name}", f"write {wanted}")
        return
    given = {k.arg: getattr(k.value, "value", None) for k in calls[0].keywords}
    if given.get("part") != part:
        problems.add(block.line, f"the tag says part {part!r}, the call {given.get('part')!r}", f"write {wanted}")


def exercises(found: Scan, tagged: Sequence[tuple[Block, Tags]], declared: Sequence, problems: Problems) -> None:
    """Solutions, checks, parts and points agree with one another, with the headings and with `declared`."""
    by_name = {exercise.name: exercise for exercise in declared}
    solutions: dict[str, int] = {}
    checks: dict[str, dict[str, float]] = {}
    for block, tags in tagged:
        if tags.kind == "solution":
            solutions.setdefault(tags.name, block.line)
            if tags.name not in by_name:
                _not_declared(block.line, tags.name, by_name, problems)
        elif tags.kind == "check":
            if tags.name not in solutions:
                problems.add(
                    block.line,
                    f"a check without exercise: no solution cell {tags.name!r} stands before it",
                    f'add one with solution="{tags.name}"',
                )
            if tags.name not in by_name:
                _not_declared(block.line, tags.name, by_name, problems)
            else:
                _part(block, tags, by_name[tags.name], problems)
            key = str(tags.values.get("part") or "")
            checks.setdefault(tags.name, {})[key] = tags.values.get("points", 0)
    for name, line in solutions.items():
        for part in by_name[name].parts if name in by_name else []:
            got = checks.get(name, {})
            if part.name not in got and not ("" in got and len(by_name[name].parts) == 1):
                problems.add(
                    line,
                    f"{name} has no check cell for its part {part.name!r}",
                    f'add one with check="{name}" part="{part.name}" points={part.points:g}',
                )
    for name in by_name:
        if name not in solutions:
            problems.add(
                1,
                f"the exercise {name!r} is declared in cnnlab.check and is not in the lesson",
                f'add a cell with solution="{name}"',
            )
    _exercise_headings(found, solutions, checks, problems)


def _not_declared(line: int, name: str, by_name: dict, problems: Problems) -> None:
    there = f"there are {', '.join(by_name)}" if by_name else "this lesson declares none"
    problems.add(
        line, f"cnnlab.check declares no exercise {name!r} for this lesson", f"declare it, or use a name: {there}"
    )


def _part(block: Block, tags: Tags, exercise: object, problems: Problems) -> None:
    parts = {part.name: part for part in exercise.parts}
    name = tags.values.get("part")
    if name is None and len(parts) > 1:
        problems.add(
            block.line,
            f"{tags.name} has {len(parts)} parts and the check names none",
            f"make one check cell for each: {', '.join(parts)}",
        )
    elif name is not None and name not in parts:
        problems.add(block.line, f"{tags.name} has no part {name!r}", f"there are {', '.join(parts)}")
    else:
        part = parts[name] if name else next(iter(parts.values()))
        points = tags.values.get("points")
        if points is not None and points != part.points:
            problems.add(
                block.line,
                f"points={points}, but cnnlab.check gives {part.name!r} {part.points:g}",
                f"write points={part.points:g}, or change the declaration",
            )


def _exercise_headings(found: Scan, solutions: dict, checks: dict, problems: Problems) -> None:
    named: dict[str, int] = {}
    for heading in found.headings:
        match = EXERCISE.match(heading.text)
        if not match:
            continue
        names = re.findall(r"`(\w+)`", match["names"])
        for name in names:
            if name not in solutions:
                problems.add(heading.line, f"no solution cell is named {name!r}", f'add solution="{name}" below it')
            elif solutions[name] < heading.line:
                problems.add(heading.line, f"the solution cell {name!r} stands before its heading", "move it below")
            named[name] = heading.line
        said, sums = float(match["points"] or 0), sum(sum(checks.get(name, {}).values()) for name in names)
        if said != sums:
            problems.add(
                heading.line, f"the heading says {said:g} points, its checks add up to {sums:g}", "make them agree"
            )
    for name, line in solutions.items():
        if name not in named:
            problems.add(line, f"the exercise {name!r} has no heading", f"write {EXERCISE_FORM}")
