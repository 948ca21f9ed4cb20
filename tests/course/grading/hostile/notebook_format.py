"""Attacks with the file itself: metadata, outputs, versions, and what is no notebook at all."""

import json
import os

from tests.course.grading.hostile import MOST, attack


@attack
def skip_execution_tags(nb):
    """Tags the check cells so that they are not run: no points for checks that did not fail."""
    nb.wrong()
    for cell in nb.checks:
        cell["metadata"]["tags"] = ["skip-execution"]


@attack
def check_cells_emptied(nb):
    """Replaces every check by `pass`: the released checks count."""
    nb.wrong()
    for cell in nb.checks:
        cell["source"] = "pass"


@attack
def check_cells_deleted(nb):
    """Hands in no check cells: they are not missed, they are ours."""
    nb.wrong()
    for cell in nb.checks:
        nb.document["cells"].remove(cell)


@attack
def check_cells_as_text(nb):
    """Turns the check cells into Markdown, so that none of them fails."""
    nb.wrong()
    for cell in nb.checks:
        cell["cell_type"] = "markdown"
        del cell["outputs"], cell["execution_count"]


@attack
def check_cells_as_raw_text(nb):
    """Turns the check cells into raw cells, so that none of them fails."""
    nb.wrong()
    for cell in nb.checks:
        cell["cell_type"] = "raw"
        del cell["outputs"], cell["execution_count"]


@attack
def points_raised(nb):
    """Says that every check is worth 1000 points: points are the release's."""
    nb.wrong()
    for cell in nb.checks:
        cell["metadata"]["nbgrader"]["points"] = 1000


@attack
def outputs_forged(nb):
    """Brings outputs that say "passed" and a score of 100: outputs are dropped."""
    nb.wrong()
    for cell in nb.checks:
        result = {
            "output_type": "execute_result",
            "data": {"text/plain": "100.0"},
            "metadata": {},
            "execution_count": 1,
        }
        passed = {"output_type": "stream", "name": "stdout", "text": "passed: all of it"}
        cell |= {"outputs": [passed, result], "execution_count": 1}


@attack
def graded_flags_removed(nb):
    """Says in the metadata that the check cells are not graded, and locked is off."""
    nb.wrong()
    for cell in nb.checks:
        cell["metadata"]["nbgrader"] |= {"grade": False, "locked": False}


@attack
def solution_under_a_checks_id(nb):
    """Gives its own cell the id of a check: that cell is one of the learner's own and the check is ours."""
    nb.wrong()
    cell = nb.cell("count_parameters_dense")
    cell["metadata"]["nbgrader"] |= {"grade_id": "check-count_parameters_dense-count", "grade": True, "points": 9}


@attack
def every_id_the_same(nb):
    """Gives every cell the same grade_id: nothing is counted twice, nothing stops the batch."""
    nb.wrong()
    for cell in nb.document["cells"]:
        cell["metadata"]["nbgrader"] = {"grade_id": "cross_correlate2d", "solution": True, "grade": False}


@attack
def a_check_of_its_own(nb):
    """Adds a second check cell with a check that passes and points of its own."""
    nb.wrong()
    twin = json.loads(json.dumps(nb.checks[0]))
    twin |= {"source": "print('passed')", "id": "twin"}
    twin["metadata"]["nbgrader"] |= {"points": 50}
    nb.document["cells"].append(twin)


@attack
def right_answer_after_the_check(nb):
    """Defines the right function below its check: what comes after a check can not change what it saw."""
    nb.wrong()
    source = "def count_parameters_dense(i, o, bias=True):\n    return (i + bool(bias)) * o"
    nb.document["cells"].append({**json.loads(json.dumps(nb.document["cells"][1])), "id": "late", "source": source})


@attack
def truncated_file(nb):
    """Hands in half a file: refused in a sentence, and the batch goes on."""
    nb.put = lambda path: path.write_text(json.dumps(nb.document)[:900])


@attack
def nested_a_hundred_thousand_deep(nb):
    """JSON so deep that a reader's stack runs over: refused."""
    nb.put = lambda path: path.write_text('{"cells":' + "[" * 100_000)


@attack
def nested_metadata(nb):
    """Valid JSON with metadata 900 levels deep: read, and not followed."""
    nb.wrong()
    nb.put = lambda path: path.write_text(
        json.dumps(nb.document).replace('"tags": [', '"deep": ' + "[" * 900 + "]" * 900 + ', "tags": [', 1)
    )


@attack
def fifty_megabytes(nb):
    """A file of 50 MB of nothing: refused unread."""

    def put(path):
        with open(path, "wb") as file:
            file.truncate(50 << 20)

    nb.put = put


@attack
def a_million_empty_cells(nb):
    """JSON that is small on disk and large in memory: refused by its number of pieces."""
    nb.put = lambda path: path.write_text(
        '{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[' + "{}," * 3_000_000 + "{}]}"
    )


@attack
def number_of_a_million_digits(nb):
    """A number that takes quadratic time to read: refused."""
    nb.put = lambda path: path.write_text('{"cells": [], "nbformat": ' + "9" * 1_000_000 + "}")


@attack(earns=MOST)
def nbformat_99(nb):
    """An honest notebook that says it comes from the future: read as ours, and reported."""
    nb.right()
    nb.document["nbformat"] = 99


@attack(earns=MOST)
def another_kernel(nb):
    """An honest notebook that asks for a kernel nobody has: run as Python, and reported."""
    nb.right()
    nb.document["metadata"]["kernelspec"] = {"name": "../../evil", "display_name": "x", "language": "bash"}


@attack(earns=MOST)
def strange_cells_among_honest_ones(nb):
    """Numbers, nulls and objects in the list of cells: left out, and the rest counts."""
    nb.right()
    nb.document["cells"] += [None, 7, {"cell_type": "spell"}, {"cell_type": "code", "source": {"a": [1]}}]


@attack
def link_to_the_solution(nb):
    """A link in place of the notebook, to the instructor's solution: not followed."""
    nb.put = lambda path: path.symlink_to("../../../solutions/01_convolution/01_convolution.ipynb")


@attack
def a_pipe_in_place_of_the_file(nb):
    """A named pipe, on which a reader would wait for ever: not opened."""
    nb.put = lambda path: os.mkfifo(path)


@attack
def a_folder_in_place_of_the_file(nb):
    """A folder that is called like the notebook."""
    nb.put = lambda path: path.mkdir()


@attack
def modules_beside_the_notebook(nb):
    """Sends numpy.py and cnnlab.py along, for the grader to import: never on any path."""
    nb.wrong()
    yes = b"import sys\nclass Yes:\n    def __getattr__(self, name): return lambda *a, **k: None\n"
    yes += b"sys.modules[__name__] = Yes()\n"
    nb.beside = {"numpy.py": yes, "cnnlab.py": yes, "sitecustomize.py": yes, "nbgrader_config.py": b"raise SystemExit"}


@attack
def magics(nb):
    """Writes the solution by shell and by %%javascript and %run magics: none of them is run."""
    nb.wrong()
    nb.add("%%javascript\nJupyter.notebook.kernel.execute('x = 1')")
    nb.add("!cp ../../../solutions/*/*.ipynb .\n%run 01_convolution.ipynb\n%load_ext evil")


@attack
def bytes_that_are_no_text(nb):
    """Random bytes with a notebook's name: refused."""
    nb.put = lambda path: path.write_bytes(bytes(range(256)) * 100)


RIGHT_COUNT = (
    "def count_parameters_dense(in_features, out_features, bias=True):\n    return (in_features + bias) * out_features"
)


@attack
def right_answer_below_a_checks_call(nb):
    """Writes the right function into a check's cell, below its call: that comes after what the check saw."""
    nb.wrong()
    nb.checks[0]["source"] += f"\n{RIGHT_COUNT}"


@attack(earns=1)
def right_answer_above_a_checks_call(nb):
    """Writes the right function into a check's cell, above its call: right is right, and the check is ours."""
    nb.wrong()
    nb.checks[0]["source"] = f"{RIGHT_COUNT}\n{nb.checks[0]['source']}\ncount_parameters_dense = None"


@attack
def a_checks_result_as_the_answer(nb):
    """Answers with what the check in its own cell returned: it returns nothing in the sandbox."""
    nb.wrong()
    nb.checks[0]["source"] = f"seen = {nb.checks[0]['source']}\ncount_parameters_dense = lambda *args: seen"
    nb.checks[1]["source"] = nb.checks[0]["source"].replace("\n", "; ")


@attack
def a_thousand_checks(nb):
    """Copies a check's cell a thousand times, ids and all, with a line of its own in each: ours counts once."""
    nb.wrong()
    for k in range(1000):
        own = {**nb.checks[0], "id": f"copy-{k}", "source": f"copied = {k}\n{nb.checks[0]['source']}"}
        nb.document["cells"].append(own)
