"""Whatever is handed in is read as data: repaired where that is honest, refused in a sentence where it is not."""

import copy
import json
import os
import time

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnlab.course.grading.magics import without_magics
from cnnlab.course.grading.reader import MOST_BYTES, read_submission
from cnnlab.course.grading.recognise import names_defined
from cnnlab.course.grading.release import Release, ReleaseCell

NAME = "01_convolution.ipynb"
RELEASE = Release(
    "01_convolution",
    (
        ReleaseCell("text", "title", "# Convolution"),
        ReleaseCell("setup", "set-up", "import numpy as np\nfrom cnnlab import check"),
        ReleaseCell("text", "first", "Write `double`."),
        ReleaseCell("solution", "double", "def double(x):\n    raise NotImplementedError", "double"),
        ReleaseCell("check", "check-double", "check.double(double)", "check-double", 2, "double"),
        ReleaseCell("setup", "picture", "figures.draw(3)"),
        ReleaseCell("solution", "square", "def square(x):\n    raise NotImplementedError", "square"),
        ReleaseCell("check", "check-square", "check.square(square)", "check-square", 1, "square"),
        ReleaseCell("text", "question", "Why?"),
        ReleaseCell("answer", "why", "YOUR ANSWER HERE", "why", 2),
        ReleaseCell("text", "end", "The end."),
    ),
    ("numpy",),
)
SOLVED = {"double": "def double(x):\n    return 2 * x", "square": "def square(x):\n    return x * x", "why": "Because."}


def good() -> dict:
    cells = []
    for cell in RELEASE.cells:
        kind = "markdown" if cell.role in ("text", "answer") else "code"
        made = {"cell_type": kind, "id": cell.id, "metadata": {}, "source": SOLVED.get(cell.grade_id, cell.source)}
        if kind == "code":
            made |= {"outputs": [], "execution_count": None}
        if cell.grade_id:
            made["metadata"] = {"nbgrader": {"grade_id": cell.grade_id}}
        cells.append(made)
    return {"cells": cells, "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}


def code(source, **more):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, **more}


def at(notebook, cell_id):
    return next(k for k, cell in enumerate(notebook["cells"]) if cell.get("id") == cell_id)


def strip_ids(notebook):
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {}
    return notebook


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "submitted" / "ada" / "01_convolution"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def read(folder):
    def write_and_read(notebook):
        data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        (folder / NAME).write_bytes(data)
        return read_submission(folder / NAME, RELEASE)

    return write_and_read


def solutions(submission):
    return {cell.grade_id: cell.source for cell in submission.cells if cell.grade_id}


def added(submission):
    return [(cell.source, cell.after) for cell in submission.cells if cell.grade_id is None]


def assert_as_good(submission):
    assert submission.refused is None
    assert solutions(submission) == {"double": SOLVED["double"], "square": SOLVED["square"]}
    assert submission.answers == {"why": "Because."}
    assert added(submission) == []


def test_a_good_notebook_needs_no_repair(read):
    submission = read(good())
    assert_as_good(submission)
    assert submission.repairs == ()
    nbformat.validate(submission.notebook)
    assert [c.metadata.nbgrader.grade_id for c in submission.notebook.cells if "nbgrader" in c.metadata] == [
        *("double", "check-double", "square", "check-square", "why")
    ]


def test_lost_ids_are_found_again(read):
    submission = read(strip_ids(good()))
    assert_as_good(submission)
    assert any(
        "`double` was lost" in r and "cell 4 was found by the name that it defines" in r for r in submission.repairs
    )
    assert any("`why`" in r and "its place" in r for r in submission.repairs)


def test_an_id_in_colabs_place_is_found(read):
    notebook = good()
    for cell in notebook["cells"]:
        cell["metadata"] = {"id": cell.pop("id")}
    notebook["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    assert_as_good(read(notebook))


def test_a_solution_that_does_not_parse_is_found_by_its_def(read):
    notebook = strip_ids(good())
    notebook["cells"][3]["source"] = "def double(x):\n    return (2 * x"
    assert solutions(read(notebook))["double"].endswith("(2 * x")


def test_a_changed_grade_id_is_found_by_the_cells_id(read):
    notebook = good()
    notebook["cells"][3]["metadata"]["nbgrader"]["grade_id"] = "cell-0815"
    submission = read(notebook)
    assert_as_good(submission)
    assert "own id" in submission.repairs[0]


def test_of_two_cells_with_one_id_the_one_that_defines_it_counts(read):
    notebook = good()
    notebook["cells"].insert(
        3, code("def helper(x):\n    return x", metadata=copy.deepcopy(notebook["cells"][3]["metadata"]))
    )
    submission = read(notebook)
    assert solutions(submission)["double"] == SOLVED["double"]
    assert added(submission) == [("def helper(x):\n    return x", 2)]
    assert "Cells 4, 5 have the id `double`; cell 5 counts" in submission.repairs[0]


def test_a_second_definition_after_the_check_does_not_count(read):
    notebook = good()
    twice = code("def double(x):\n    return 7", metadata=copy.deepcopy(notebook["cells"][3]["metadata"]))
    notebook["cells"].append(twice)
    submission = read(notebook)
    assert solutions(submission)["double"] == SOLVED["double"]
    assert added(submission) == [("def double(x):\n    return 7", 10)]


def test_a_helper_stands_where_the_learner_put_it(read):
    notebook = good()
    notebook["cells"].insert(6, code("def helper(x):\n    return x"))
    assert added(read(notebook)) == [("def helper(x):\n    return x", 5)]


def test_a_moved_solution_is_still_its_exercise_and_moves_no_helper(read):
    notebook = good()
    square = notebook["cells"].pop(6)
    notebook["cells"].insert(2, square)
    notebook["cells"].insert(3, code("def helper(x):\n    return x"))  # for double, below
    submission = read(notebook)
    assert solutions(submission)["square"] == SOLVED["square"]
    assert added(submission) == [("def helper(x):\n    return x", 1)]


def test_a_deleted_solution_is_reported(read):
    notebook = good()
    del notebook["cells"][3]
    submission = read(notebook)
    assert "double" not in solutions(submission)
    assert "There is no cell for `double`." in submission.repairs


def test_check_cells_are_never_taken_from_the_submission(read):
    notebook = good()
    notebook["cells"][4]["source"] = "print('all right')"
    del notebook["cells"][7]
    submission = read(notebook)
    assert added(submission) == [("print('all right')", 3)]  # as in a cell of the learner's own above it
    edited = "Check cell `check-double` is edited; the released one counts, and what else is there runs, too."
    assert edited in submission.repairs
    assert "Check cell `check-square` is missing; the released one counts." in submission.repairs


@pytest.mark.parametrize("copied", [False, True])
def test_what_is_written_into_a_checks_cell_runs_around_the_check(read, copied):
    notebook = good()
    written = "def helper():\n    return 2\ncheck.double(double)\ndouble = None"
    cell = notebook["cells"][4]
    if copied:  # with all that a notebook copies
        notebook["cells"].insert(5, cell := copy.deepcopy(cell))
    cell["source"] = written
    submission = read(notebook)
    around = [("def helper():\n    return 2", 3), ("\n\ncheck.double(double)\ndouble = None", 4)]
    assert added(submission) == ([(written, 4)] if copied else around)
    assert "check-double" not in solutions(submission)


def test_code_that_is_written_over_a_text_runs_and_a_text_that_became_code_is_a_text(read):
    notebook = good()
    text = notebook["cells"][0]
    text |= {"cell_type": "code", "source": "# Helpers\ndef helper():\n    return 2", "outputs": []}
    assert added(read(notebook)) == [(text["source"], -1)]
    for source in (good()["cells"][0]["source"], "What I think: it moves!", "# A heading"):
        text["source"] = source
        assert added(read(notebook)) == []


def test_a_check_cell_is_no_solution_whatever_its_ids_say(read):
    notebook = good()
    del notebook["cells"][3]
    notebook["cells"][3]["metadata"]["nbgrader"]["grade_id"] = "double"
    assert "double" not in solutions(read(notebook))
    notebook["cells"][3]["id"] = "double"
    assert "double" not in solutions(read(notebook))


def test_a_released_cell_that_was_edited_runs_at_its_place(read):
    notebook = good()
    notebook["cells"][1]["source"] += "\nimport math"
    submission = read(notebook)
    assert added(submission) == [("import numpy as np\nfrom cnnlab import check\nimport math", 1)]
    assert "cell 2 was edited" in submission.repairs[0]


def test_two_answers_with_one_id_are_both_shown(read):
    notebook = good()
    notebook["cells"].append({**copy.deepcopy(notebook["cells"][9]), "source": "And also.", "id": "x"})
    assert read(notebook).answers == {"why": "Because.\n\nAnd also."}


def test_nbformat_3_is_brought_up_to_date(read):
    cells = []
    for cell in good()["cells"]:
        cell = {"cell_type": cell["cell_type"], "metadata": cell["metadata"], "source": cell["source"]}
        if cell["cell_type"] == "code":
            cell |= {"input": cell.pop("source"), "language": "python", "outputs": []}
        cells.append(cell)
    submission = read({"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]})
    assert_as_good(submission)
    assert "old format" in submission.repairs[0]


@pytest.mark.parametrize("version", [5, 99, None, "four", True])
def test_a_future_or_absent_version_is_read_as_ours(read, version):
    submission = read(good() | {"nbformat": version})
    assert_as_good(submission)
    assert "nbformat" in submission.repairs[0]


def test_sources_as_lists_of_lines_with_windows_endings_are_read(read):
    notebook = good()
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n").splitlines(keepends=True)
    assert_as_good(read(notebook))


def test_a_byte_order_mark_is_dropped(read):
    submission = read(b"\xef\xbb\xbf" + json.dumps(good()).encode())
    assert_as_good(submission)
    assert "byte-order mark" in submission.repairs[0]


def test_utf_16_and_other_encodings_are_read(read):
    assert_as_good(read(json.dumps(good()).encode("utf-16")))
    latin = json.dumps(good(), ensure_ascii=False).replace("The end.", "Café").encode("latin-1")
    submission = read(latin)
    assert solutions(submission)["double"] == SOLVED["double"]
    assert "not UTF-8" in submission.repairs[0]


def test_nul_and_half_characters_do_no_harm(read):
    notebook = good()
    notebook["cells"][3]["source"] = "def double(x):\0\n    return 2 * x  # \ud800"
    source = solutions(read(notebook))["double"]
    assert source == "def double(x):\n    return 2 * x  # ?"


def test_another_kernel_is_accepted_and_reported(read):
    submission = read(good() | {"metadata": {"kernelspec": {"name": "ir", "language": "R"}}})
    assert_as_good(submission)
    assert "another kernel (R)" in submission.repairs[0]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\0" * 5000, "empty"),
        (json.dumps(good()).encode()[:700], "ends in the middle"),
        (b"print('hello')", "is no JSON"),
        (b"<<<<<<< HEAD\n" + json.dumps(good()).encode(), "is no JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b"[1, 2]", "not a notebook"),
        (b"{}", "no list of cells"),
        (b'{"cells": []}', "no cells"),
        (b'{"cells": "all right"}', "no list of cells"),
        (b'{"cells": [' + b"{}," * 3000 + b"{}]}", "more than 2,000"),
        (b'{"nbformat": ' + b"9" * 5000 + b"}", "too long"),
        (b"[" + b"0," * 4_000_000 + b"0]", "too many pieces"),
        (b" " * (MOST_BYTES + 1), "MB"),
    ],
)
def test_what_is_no_notebook_is_refused_in_a_sentence(read, data, says):
    submission = read(data)
    assert says in submission.refused
    assert "\n" not in submission.refused
    assert submission.cells == ()


def test_a_file_of_50_mb_is_refused_without_being_read(folder):
    with open(folder / NAME, "wb") as file:
        file.truncate(50 << 20)
    started = time.monotonic()
    assert "50 MB" in read_submission(folder / NAME, RELEASE).refused
    assert time.monotonic() - started < 0.1


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_not_followed(folder, tmp_path):
    target = tmp_path / "solution.ipynb"
    target.write_text(json.dumps(good()))
    (folder / NAME).symlink_to(target)
    assert "link" in read_submission(folder / NAME, RELEASE).refused
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / NAME).write_text(json.dumps(good()))
    student = tmp_path / "submitted" / "eve"
    student.mkdir()
    (student / "01_convolution").symlink_to(elsewhere)
    assert "link" in read_submission(student / "01_convolution" / NAME, RELEASE).refused
    (tmp_path / "submitted" / "mal").symlink_to(folder.parent)
    assert "link" in read_submission(tmp_path / "submitted" / "mal" / "01_convolution" / NAME, RELEASE).refused


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_nothing_that_waits_is_opened(folder):
    os.mkfifo(folder / NAME)
    assert "not an ordinary file" in read_submission(folder / NAME, RELEASE).refused
    (folder / NAME).unlink()
    (folder / NAME).mkdir()
    assert "not an ordinary file" in read_submission(folder / NAME, RELEASE).refused


def test_a_lone_notebook_under_another_name_is_taken(folder):
    (folder / "my homework (1).ipynb").write_text(json.dumps(good()))
    submission = read_submission(folder / NAME, RELEASE)
    assert_as_good(submission)
    assert "my homework (1).ipynb" in submission.repairs[0]
    (folder / "other.ipynb").write_text("{}")
    assert "which one is meant" in read_submission(folder / NAME, RELEASE).refused


def test_no_notebook_and_no_folder_are_refused(folder):
    assert "There is no notebook" in read_submission(folder / NAME, RELEASE).refused
    assert "can not be read" in read_submission(folder / "nowhere" / NAME, RELEASE).refused


def test_files_beside_the_notebook_are_not_used_and_reported(folder, read):
    (folder / "numpy.py").write_text("")
    (folder / "a\nb<script>.txt").write_text("")
    (folder / "timestamp.txt").write_text("")
    submission = read(good())
    assert_as_good(submission)
    assert submission.repairs == ("What else lies beside the notebook was not used: a?b<script>.txt, numpy.py.",)


def test_a_giant_cell_is_left_out_and_the_rest_counts(read):
    notebook = good()
    notebook["cells"].insert(2, code("x = '" + "y" * 100_000 + "'"))
    submission = read(notebook)
    assert_as_good(submission)
    assert "100,006 characters" in submission.repairs[0]


def test_strange_cells_are_left_out(read):
    notebook = good()
    notebook["cells"] += [7, None, {"cell_type": "spell"}, {"cell_type": "code", "source": {"a": 1}}, code(3)]
    submission = read(notebook)
    assert_as_good(submission)
    assert len(submission.repairs) == 5


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("%matplotlib inline\nx = 1", "# %matplotlib inline\nx = 1"),
        ("!pip install numpy\nx = 1", "# !pip install numpy\nx = 1"),
        ("if True:\n    %time\n    !ls\nx = 1", "if True:\n    pass  # %time\n    pass  # !ls\nx = 1"),
        ("files = !ls\nx = 1", "files = None  # files = !ls\nx = 1"),
        ("%time x = f(1)", "x = f(1)"),
        ("np.sum?\nx = 1", "# np.sum?\nx = 1"),
        ("%%time\nx = 1", "# %%time\nx = 1"),
        ("%%bash\nrm -rf /", ""),
        ("x = (7\n% 2)", "x = (7\n% 2)"),
        ('s = """\n%d things\n"""\n!ls', 's = """\n%d things\n"""\n# !ls'),
        ("x = (7\n% 2)\n!ls", "x = (7\n% 2)\n# !ls"),
        ("x = 7 \\\n% 2\n!ls", "x = 7 \\\n% 2\n# !ls"),
        (">>> def f(x):\n...     return x\n>>> y = f(1)", "def f(x):\n    return x\ny = f(1)"),
        ("In [3]: def f(x):\n   ...:     return x", "def f(x):\n    return x"),
        ("    def f(x):\n        return x\n    !ls", "def f(x):\n    return x\n# !ls"),
        ("  %%time\n  x = 1", "# %%time\nx = 1"),
        ('s = """\n>>> f\n"""', 's = """\n>>> f\n"""'),
    ],
)
def test_ipythons_lines_are_left_out_and_lines_keep_their_numbers(source, kept):
    assert without_magics(source)[0] == kept


def test_names_are_seen_wherever_a_cell_defines_them():
    blocks = "if 1:\n    def a(): inner = 1\ntry:\n    b = c = 2\nexcept E: pass\n"
    source = blocks + "d, *e = 1, 2\nfrom m import x as f\nclass g: h = 1"
    assert names_defined(source) == set("abcdefg")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["code", "double"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(tree, path=()):
    yield path
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


@st.composite
def mutations(draw):
    """A good notebook with parts replaced, deleted, doubled or moved."""
    document = good() if draw(st.booleans()) else strip_ids(good())
    for _ in range(draw(st.integers(1, 8))):
        path = draw(st.sampled_from([p for p in places(document) if p]))
        holder = document
        for key in path[:-1]:
            holder = holder[key]
        match draw(st.integers(0, 3)):
            case 0:
                holder[path[-1]] = draw(json_values)
            case 1:
                del holder[path[-1]]
            case 2 if isinstance(holder, list):
                holder.insert(draw(st.integers(0, len(holder))), copy.deepcopy(holder[path[-1]]))
            case _ if isinstance(holder, list):
                holder.insert(draw(st.integers(0, len(holder) - 1)), holder.pop(path[-1]))
        if not isinstance(document, dict) or not document:
            break
    return document


def claims_hold(submission):
    assert (submission.refused is None) == (submission.notebook is not None)
    json.dumps([submission.repairs, submission.refused, submission.answers]).encode()
    if submission.refused is None:
        nbformat.validate(submission.notebook)
        ids = [cell.grade_id for cell in submission.cells if cell.grade_id]
        assert len(ids) == len(set(ids))
        assert all(-1 <= cell.after < len(RELEASE.cells) for cell in submission.cells)
        assert not any("check." in cell.source for cell in submission.cells if cell.grade_id)


@pytest.mark.parametrize("examples", [25, pytest.param(800, marks=pytest.mark.slow)])
def test_no_mutation_of_a_notebook_raises_or_hangs(tmp_path_factory, examples):
    path = tmp_path_factory.mktemp("submitted") / "ada" / "01_convolution" / NAME
    path.parent.mkdir(parents=True)
    quick = settings(max_examples=examples, deadline=2000, suppress_health_check=list(HealthCheck), database=None)

    @quick
    @given(mutations())
    def mutated(document):
        path.write_text(json.dumps(document))
        claims_hold(read_submission(path, RELEASE))

    @quick
    @given(st.integers(0, 4000), st.binary(max_size=6), st.integers(0, 40))
    def bitten(at, data, cut):
        whole = json.dumps(good()).encode()
        path.write_bytes(whole[:at] + data + whole[at + cut :])
        claims_hold(read_submission(path, RELEASE))

    mutated()
    bitten()


@pytest.mark.parametrize("examples", [100, pytest.param(2000, marks=pytest.mark.slow)])
def test_no_cell_confuses_the_search_for_magics(examples):
    pieces = st.sampled_from(
        ["%", "!ls", "%%time\n", '"', "'", '"""', "(", ")", "\n", "\\\n", "x = 1", "?", "#", "    ", "\\"]
    )

    @settings(max_examples=examples, deadline=1000, database=None)
    @given(st.lists(pieces, max_size=40).map("".join))
    def searched(source):
        kept, _ = without_magics(source)
        assert kept == "" or kept.count("\n") == source.count("\n")
        names_defined(kept)

    searched()


# a key pressed in command mode, an answer in another cell


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("known_by", ["grade_id", "cell id", "place"])
def test_a_solution_that_became_text_is_code_again(read, kind, known_by):
    notebook = good()
    cell = notebook["cells"][at(notebook, "double")]
    cell["cell_type"] = kind
    cell["metadata"] = cell["metadata"] if known_by == "grade_id" else {}
    if known_by == "place":
        del cell["id"]
    found = read(notebook)
    assert solutions(found)["double"] == SOLVED["double"]
    assert any("cell 4 (`double`) had become a" in told.lower() for told in found.repairs)


def test_a_copy_as_text_does_not_take_the_place_of_the_code(read):
    notebook = good()
    k = at(notebook, "double")
    notebook["cells"].insert(k, {**notebook["cells"][k], "cell_type": "markdown", "source": "def double(x): mine"})
    assert solutions(read(notebook))["double"] == SOLVED["double"]


@pytest.mark.parametrize("kind", ["code", "raw"])
@pytest.mark.parametrize("known_by", ["grade_id", "cell id"])
@pytest.mark.parametrize("text", ["Because.", "!important: it moves", "%%time flies"])
def test_an_answer_that_became_code_keeps_its_text(read, kind, known_by, text):
    notebook = good()
    cell = notebook["cells"][at(notebook, "why")]
    cell.update(cell_type=kind, source=text)
    cell["metadata"] = cell["metadata"] if known_by == "grade_id" else {}
    found = read(notebook)
    assert found.answers == {"why": text}
    assert found.notebook.cells[at(notebook, "why")].cell_type == "markdown"


def test_the_text_of_a_raw_cell_is_shown(read):
    notebook = good()
    notebook["cells"].insert(3, {"cell_type": "raw", "metadata": {}, "source": "a thought"})
    assert read(notebook).notebook.cells[3].source == "a thought"


BESIDE = {
    "a text below": ("why", 1, "markdown", "Because it moves."),
    "raw text below": ("why", 1, "raw", "Because it moves."),
    "prose in a code cell below": ("why", 1, "code", "Because it moves."),
    "a printed answer below": ("why", 1, "code", "print('Because it moves.')"),
    "a text above": ("why", 0, "markdown", "Because it moves."),
    "a text at the end": ("end", 1, "markdown", "Answer: because it moves."),
}


@pytest.mark.parametrize("how", [*BESIDE, "in the question", "its own cell is gone"])
def test_an_answer_beside_its_untouched_cell_waits_for_a_person(read, how):
    notebook = good()
    cells = notebook["cells"]
    cells[at(notebook, "why")]["source"] = "YOUR ANSWER HERE"
    if how in BESIDE:
        name, below, kind, text = BESIDE[how]
        cells.insert(at(notebook, name) + below, {**code(text), "cell_type": kind})
    elif how == "in the question":
        cells[at(notebook, "question")]["source"] = "Why? Because it moves."
    else:
        cells[at(notebook, "why") : at(notebook, "why") + 1] = [code("Because it moves."), code("It is so.")]
    found = read(notebook)
    assert found.beside == ("why",)
    assert any("`why`" in told and "a person will look" in told for told in found.repairs)


def test_nothing_beside_an_untouched_answer_is_nothing(read):
    notebook = good()
    cells = notebook["cells"]
    cells[at(notebook, "why")]["source"] = "YOUR ANSWER HERE"
    cells.insert(at(notebook, "why") + 1, {"cell_type": "markdown", "metadata": {}, "source": "  "})
    cells.insert(at(notebook, "why") + 1, {"cell_type": "markdown", "metadata": {}, "source": "Why?"})  # a copy
    cells.insert(1, {"cell_type": "markdown", "metadata": {}, "source": "Ada Byron, group 3"})
    assert read(notebook).beside == ()


@pytest.mark.parametrize("text", ['{"cells": [1,]}', '{"cells": [],}', '{"cells": [],\n}\n'])
def test_a_comma_too_many_is_called_what_it_is(read, text):
    assert "a comma too many stands before the closing" in read(text.encode()).refused


def test_a_file_that_ends_in_the_middle_has_no_comma_too_many(read):
    assert "ends in the middle" in read(b'{"cells": ["a, ]", ').refused
