"""What a learner finds where the solution was."""

from __future__ import annotations

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"
CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError"
TABLE_STUB = "# YOUR ANSWERS in the table above, one for each None"
TEXT_STUB = "YOUR ANSWER HERE"


def stubbed(source: str) -> str:
    """A solution cell as it is released: each marked stretch gives way to the stub, indented like its mark.

    A stretch that is not indented belongs to no function: it fills in a table that stands above it.
    """
    kept: list[str] = []
    hiding = False
    for line in source.split("\n"):
        if BEGIN in line:
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + stub for stub in CODE_STUB.split("\n")] if indent else [TABLE_STUB]
            hiding = True
        elif END in line:
            hiding = False
        elif not hiding:
            kept.append(line)
    return "\n".join(kept)


def hidden_lines(source: str) -> list[str]:
    """The lines that `stubbed` takes away, without the marks."""
    lines: list[str] = []
    hiding = False
    for line in source.split("\n"):
        if BEGIN in line or END in line:
            hiding = BEGIN in line
        elif hiding:
            lines.append(line)
    return lines
