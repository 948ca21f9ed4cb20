"""nbgrader's steps that are ours: named in nbgrader_config.py, so the command line and formgrader use them too."""

from __future__ import annotations

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution


def is_check(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


class FinishRelease(NbGraderPreprocessor):
    """Released notebooks: "Run all" goes on after a failed check, and the author's notes stay at home."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        cell.metadata.pop("cnnlab", None)
        cell.metadata.pop("tags", None)
        if is_check(cell):
            cell.metadata["tags"] = ["raises-exception"]
        return cell, resources


class DropTags(NbGraderPreprocessor):
    """Submissions: no tag decides what is run (nbclient would pass over a cell that is tagged skip-execution)."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        cell.metadata.pop("tags", None)
        return cell, resources


class OnlyErrorsCount(NbGraderPreprocessor):
    """Between running and scoring: a check cell is right where it ran without an error, and nothing else counts.

    nbgrader gives 0 for a line on stderr, and takes a value at the end of the cell for partial credit.
    """

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        if not is_check(cell):
            return cell, resources
        for output in cell.outputs:
            if output.output_type == "stream":
                output.name = "stdout"
            elif output.output_type == "execute_result":
                output.output_type = "display_data"
                output.pop("execution_count", None)
        if cell.get("execution_count") is None:
            message = "This check was not run."
            error = {"output_type": "error", "ename": "NotRun", "evalue": message, "traceback": [message]}
            cell.outputs.append(NotebookNode(error))
        return cell, resources
