"""alexnet_answers: a dict filled in by hand. Every row is judged on its own, and a wrong one is told its idea."""

from __future__ import annotations

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_06.answers_mistakes import ANSWERS
from cnnlab.check.lesson_06.answers_rows import PARAMETERS, SHAPES, VARIANTS, Row
from cnnlab.check.lesson_06.rows import shape_words
from cnnlab.check.plain import describe

NOT_YET = "not filled in yet"


def _judge(value: object, case: Case, expected: object) -> Difference | None:
    table: dict[str, Row] = case.kwargs["rows"]
    if not isinstance(value, dict):
        return Difference("type", f"Expected the dict with your answers, and got {describe(value)}.")
    said = {name: _verdict(row, value.get(name, ...)) for name, row in table.items()}
    if not any(said.values()):
        return None
    if all(words == NOT_YET for words in said.values()):
        return Difference("unsolved", "No row is filled in yet.")
    right = sum(not words for words in said.values())
    width = max(map(len, table))
    lines = [f"{name:<{width}}  {words or 'right'}" for name, words in said.items()]
    return Difference("values", f"{right} of {len(table)} rows are right.\n\n    " + "\n    ".join(lines))


def _verdict(row: Row, got: object) -> str:
    """What is wrong with a row's answer; "" where it is right."""
    if got is ...:
        return "this row is missing: its key is no longer in the dict"
    if got is None:
        return NOT_YET
    words = row.verdict(got)
    return words and f"{_short(got)}: {words}"


def _short(got: object) -> str:
    if isinstance(got, tuple | list):
        got = shape_words(got)
        return got if len(got) <= 24 else "a longer one"
    return str(got) if isinstance(got, int | float) and abs(got) < 1e15 else describe(got)


def _part(name: str, table: dict[str, Row], kind: str, look: str) -> Part:
    return Part(name, 1, lambda rng: [Case((), {"rows": table})], f"{len(table)} {kind}", look)


alexnet_answers = Exercise(
    name="alexnet_answers",
    bound=False,
    lesson="06_alexnet",
    value=True,
    observe=lambda subject, case: subject.value(),
    judge=_judge,
    told=lambda case: "your table, row by row:",
    parts=[
        _part("shapes", SHAPES, "shapes", "(size + 2·padding − kernel) // stride + 1, one axis at a time."),
        _part(
            "parameters",
            PARAMETERS,
            "counts",
            "K·K·C_in·C_out weights and C_out biases; a dense layer: in·out + out.",
        ),
        _part("variants", VARIANTS, "puzzles", "describe the variant as a list of layers, and let your tracer count."),
    ],
    wrong=ANSWERS,
)
