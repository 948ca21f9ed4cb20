"""nbgrader's steps that are ours: named in nbgrader_config.py, so the command line and formgrader use them too."""

from __future__ import annotations

import re

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import List

from cnnlab.course.stub import CODE_STUB, TABLE_STUB


def is_check(cell: NotebookNode) -> bool:
    """Whether it is an autograded cell, not one that learners fill in."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


class TablesToFill(NbGraderPreprocessor):
    """Released tables: nbgrader's stub in a solution's place would raise, however well they are filled in."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        if cell.cell_type == "code" and is_solution(cell):
            cell.source = re.sub(f"^{re.escape(CODE_STUB)}$", TABLE_STUB, cell.source, flags=re.MULTILINE)
        return cell, resources


class FinishRelease(NbGraderPreprocessor):
    """Released notebooks: "Run all" goes on after a failed check, and the author's notes stay at home."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        cell.metadata.pop("cnnlab", None)
        cell.metadata.pop("tags", None)
        if is_check(cell):
            cell.metadata["tags"] = ["raises-exception"]
        return cell, resources


class WrapMessages(NbGraderPreprocessor):
    """Feedback pages: a message wraps, as it does in JupyterLab, where nbgrader would cut it off at the margin."""

    display_data_priority = List().tag(config=True)  # nbconvert sets it on every step of a page

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        resources["inlining"]["css"].append(
            "div.output_area pre { white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere; }"
        )
        return nb, resources
