"""alexnet_answers: a dict filled in by hand. Every row is judged on its own, and a wrong one is told its idea."""

from __future__ import annotations

from cnnlab.check.compare import Difference
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_06.answers_mistakes import ANSWERS
from cnnlab.check.lesson_06.answers_rows import PARAMETERS, SHAPES, VARIANTS, Row
from cnnlab.check.plain import describe

NOT_YET = "not filled in yet"


def _judge(value: object, case: Case) -> Difference | None:
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
    return Difference("values", f"{right} of {len(table)} rows are right:\n\n    " + "\n    ".join(lines) + "\n")


def _verdict(row: Row, got: object) -> str:
    """What is wrong with a row's answer; "" where it is right."""
    if got is ...:
        return "this row is missing: its key is no longer in the dict"
    if got is None:
        return NOT_YET
    return row.verdict(got)


def _part(name: str, table: dict[str, Row], tests: str, look: str) -> Part:
    return Part(name, 1, lambda rng: [Case((), {"rows": table})], tests, look)


alexnet_answers = Exercise(
    name="alexnet_answers",
    lesson="06_alexnet",
    value=True,
    observe=lambda subject, case: subject.value(),
    judge=_judge,
    parts=[
        _part("shapes", SHAPES, "9 shapes", "(size + 2·padding − kernel) // stride + 1, one axis at a time."),
        _part(
            "parameters",
            PARAMETERS,
            "14 counts",
            "K·K·C_in·C_out weights and C_out biases; a dense layer: in·out + out.",
        ),
        _part(
            "variants", VARIANTS, "7 puzzles", "describe the variant as a list of layers, and let your tracer count."
        ),
    ],
    mistakes=ANSWERS,
)
