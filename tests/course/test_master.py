"""Every authoring mistake is refused with file, line, what is wrong and what to do."""

from types import SimpleNamespace

import pytest

from cnnlab.course import master
from cnnlab.course.problems import Refused
from tests.course.conftest import EXERCISES, LESSON, MASTER

CHECK_SQUARE = '```python check="square" points=3\ncheck.square(square)\n```'
FIGURE = '```python figure="stripes" alt="Three stripes, dark to bright."'
ANSWER = '<!-- #region answer="never-negative" points=2 -->'
FOLD = "<details><summary>A nudge</summary>"
HEADING = "### Exercise 1.2 · `square` · 3 points · difficulty 1/5 · about 2 minutes"

# name: (replace this, by that, the line that is named begins with, words of the message)
MISTAKES = {
    "unknown tag": ('output="exact"', 'outputs="exact"', "```python outputs", "did you mean output?"),
    "unquoted tag": ('check="square"', "check=square", "```python check=square", 'write check="square"'),
    "single quotes": ('check="square"', "check='square'", "```python check='square'", 'write check="square"'),
    "unreadable tag": ('check="square"', 'check="square', '```python check="square p', "can not be read"),
    "lone word as tag": ('output="exact"', "exact", "```python exact", "can not be read"),
    "tag twice": ('check="square"', 'check="square" check="square"', '```python check="square"', "twice"),
    "empty tag": ('figure="stripes"', 'figure=""', "```python figure", "figure is empty"),
    "two kinds": ('output="exact"', 'output="exact" widget="w"', "```python output", "output and widget at once"),
    "tag of another kind": ('output="exact"', 'output="exact" points=2', "```python output", "points does not belong"),
    "alt without figure": ('output="exact"', 'alt="words"', "```python alt", "without a kind"),
    "unknown output": ('output="exact"', 'output="same"', "```python output", 'output="exact" or output="none"'),
    "points missing": ('check="square" points=3', 'check="square"', '```python check="square"', "has no points"),
    "points in quotes": ("points=3", 'points="3"', '```python check="square"', "without quotes"),
    "points no number": ("points=3", "points=many", '```python check="square"', "not a number"),
    "points below 0": ("points=3", "points=-3", '```python check="square"', "below 0"),
    "points disagree": (
        'square" points=3',
        'square" points=4',
        '```python check="square"',
        "cnnlab.check gives 'value' 3",
    ),
    "heading's points disagree": ("`square` · 3 points", "`square` · 4 points", "### Exercise 1.2", "add up to 3"),
    "answer without points": (" points=2 -->", " -->", "<!-- #region", "has no points"),
    "answer as code": (FIGURE, '```python answer="why" points=1', "```python answer", "prose, not code"),
    "region without answer": (ANSWER, "<!-- #region -->", "<!-- #region", "region that is no answer"),
    "duplicate id": ('answer="never-negative"', 'answer="stripes"', "<!-- #region", "'stripes' is taken"),
    "duplicate solution": ('solution="square"', 'solution="double"', '```python solution="double"', "is taken"),
    "id with blanks": ('figure="stripes"', 'figure="the stripes"', "```python figure", "is not plain"),
    "check without exercise": ('check="square"', 'check="cube"', '```python check="cube"', "no solution cell 'cube'"),
    "exercise not declared": (
        'solution="square"',
        'solution="cube"',
        '```python solution="cube"',
        "declares no exercise",
    ),
    "check before its exercise": (
        "## 1. Doubling\n",
        f"## 1. Doubling\n\n{CHECK_SQUARE}\n",
        '```python check="square"',
        "stands before it",
    ),
    "judge on a check": (
        'part="value" points',
        'part="value" judge="skip" points',
        '```python check="double"',
        "only show",
    ),
    "judge of another kind": ('output="exact"', 'judge="never"', "```python judge", "only show"),
    "unknown part": ('part="value" points', 'part="values" points', '```python check="double"', "has no part 'values'"),
    "part of the call differs": (
        'double, part="value")',
        'double, part="x")',
        '```python check="double"',
        "the call 'x'",
    ),
    "part without check": (CHECK_SQUARE, "", '```python solution="square"', "no check cell for its part 'value'"),
    "check cell with more in it": (
        "check.square(square)",
        "print(1)\ncheck.square(square)",
        '```python check="square"',
        "not one call",
    ),
    "check of another thing": (
        "check.square(square)",
        "check.double(square)",
        '```python check="square"',
        "not one call",
    ),
    "exercise without heading": (HEADING, "### Squares", '```python solution="square"', "has no heading"),
    "heading of no exercise": ("`square` · 3", "`cube` · 3", "### Exercise 1.2", "no solution cell is named 'cube'"),
    "heading out of form": (HEADING, "### Exercise 1.2 · `square` · 3 points", "### Exercise 1.2", "not in its form"),
    "exercise number twice": ("Exercise 1.2", "Exercise 1.1", HEADING.replace("1.2", "1.1"), "two exercises 1.1"),
    "BEGIN missing": (
        "    ### BEGIN SOLUTION\n    return",
        "    return",
        "    ### END SOLUTION",
        "END SOLUTION without",
    ),
    "END missing": ("* 1\n    ### END SOLUTION", "* 1", "    ### BEGIN SOLUTION", "BEGIN SOLUTION without"),
    "marks missing": (
        "    ### BEGIN SOLUTION\n    return x * x * 1\n    ### END SOLUTION",
        "    return 1",
        '```python solution="square"',
        "has no marks",
    ),
    "BEGIN twice": ("twofold = x + x", "### BEGIN SOLUTION", "    ### BEGIN SOLUTION", "comes twice"),
    "nothing hidden": ("    return x * x * 1\n", "", "    ### END SOLUTION", "nothing stands between"),
    "marks elsewhere": (
        'print("three stripes")',
        "### BEGIN SOLUTION\n1\n### END SOLUTION",
        "### BEGIN SOLUTION",
        "outside a solution cell",
    ),
    "mark out of form": ("### END SOLUTION", "# END SOLUTION", "    # END SOLUTION", "is not a mark"),
    "name hidden too": (
        "def square(x):\n    ### BEGIN SOLUTION\n    return",
        "### BEGIN SOLUTION\ndef square(x):\n    return",
        '```python solution="square"',
        "would not define square",
    ),
    "no Python": ('print("three stripes")', 'print("three stripes"', "print(", "not Python"),
    "magic in a check": (
        "check.square(square)",
        "%time check.square(square)",
        '```python check="square"',
        "IPython magic",
    ),
    "hint that became a cell": (
        "~~~python\n1 + 1\n~~~",
        "```python\n1 + 1\n```",
        "```python",
        "inside <details> would become a cell",
    ),
    "magic language": ("~~~python\n1 + 1\n~~~", "```bash\nls\n```", "```bash", "would become a %%bash cell"),
    "indented cell": (
        '```python output="exact"\nprint("three stripes")\n```',
        "  ```python\n  1\n  ```",
        "  ```python",
        "indented",
    ),
    "tags without python": ('```python output="exact"', '```output="exact"', "```output", "is no python cell"),
    "details open": ("</details>", "", "<details>", "is not closed"),
    "details closed twice": ("</details>", "</details>\n</details>", "</details>", "closes nothing"),
    "two blank lines in details": (FOLD, FOLD + "\n\n", "", "two cells"),
    "heading in details": (FOLD, FOLD + "\n\n## Help\n", "## Help", "heading inside <details>"),
    "second title": ("## 2. A picture", "# A picture", "# A picture", "second # heading"),
    "no title heading": ("# Tiny things\n", "", "## 1.", "no title heading"),
    "heading without blank": ("## 2. A", "##2. A", "##2", "no blank after"),
    "front matter missing": ("---\ntitle: Tiny things\n---\n", "", "", "front matter is missing"),
    "title missing": ("title: Tiny things", "name: Tiny things", "---", "has no title"),
    "front matter without end": ("title: Tiny things\n---\n", "title: Tiny things\n", "---", "no end"),
    "front matter no YAML": ("title: Tiny things", "title: [", "title", "not YAML"),
    "alt missing": (FIGURE, '```python figure="stripes"', "```python figure", "no alt text"),
    "alt empty": ("Three stripes, dark to bright.", " ", "```python figure", "alt is empty"),
    "image without alt": ("Why is", "![](https://example.org/x.png) Why is", "![]", "no alt text"),
    "image in a file": ("Why is", "![a dog](dog.png) Why is", "![a dog]", "a file beside the master"),
    "img without alt": ("Why is", '<img src="https://example.org/x.png"> Why is', "<img", "no alt text"),
    "region open": ("<!-- #endregion -->\n", "", "<!-- #region", "is not closed"),
    "region closed twice": (
        "<!-- #endregion -->",
        "<!-- #endregion -->\n\n<!-- #endregion -->",
        "<!-- #endregion",
        "closes nothing",
    ),
    "region in a region": (
        "- 2 points",
        '<!-- #region answer="b" points=1 -->\n- 2 points',
        '<!-- #region answer="b"',
        "inside a region",
    ),
    "comment": ("Why is", "<!-- for us --> Why is", "<!-- for us", "would reach the learners"),
    "fence open": (
        '```python output="exact"\nprint("three stripes")\n```',
        '```python output="exact"\nprint("three stripes")',
        "",
        "not closed",
    ),
    "tab": ("twofold = x + x", "twofold =\tx + x", "    twofold", "tab"),
    "empty cell": ('print("three stripes")', "", '```python output="exact"', "is empty"),
}


def refused(path):
    with pytest.raises(Refused) as caught:
        master.read(path, EXERCISES)
    return caught.value


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused_with_its_line(name, tiny):
    old, new, begins, words = MISTAKES[name]
    tiny.edit(old, new)
    error = refused(tiny.master)
    problem = next((p for p in error.problems if words in f"{p.what}; {p.remedy}"), None)
    assert problem, f"{words!r} is not in\n{error}"
    lines = tiny.master.read_text(encoding="utf-8").split("\n")
    assert lines[problem.line - 1].startswith(begins)
    assert problem.remedy
    assert f"{LESSON}.md:{problem.line}: " in str(error)


def test_the_tiny_master_itself_is_accepted(tiny):
    read = master.read(tiny.master, EXERCISES)
    assert read.title == "Tiny things"
    assert [cell.kind for cell in read.cells if cell.kind != "markdown"] == [
        "code", "solution", "check", "solution", "check", "figure", "code", "answer",
    ]  # fmt: skip


def test_each_cell_knows_its_line(tiny):
    lines = tiny.master.read_text(encoding="utf-8").split("\n")
    for cell in master.read(tiny.master, EXERCISES).cells:
        if cell.kind not in ("markdown", "code"):
            assert cell.name in lines[cell.line - 1]


def test_all_mistakes_are_told_at_once(tiny):
    tiny.edit("points=3", "points=4")
    tiny.edit(' alt="Three stripes, dark to bright."', "")
    tiny.edit("## 2. A picture", "# A picture")
    assert len(refused(tiny.master).problems) >= 3


def test_a_heading_that_skips_a_level_is_refused(tiny):
    tiny.edit("## 2. A picture\n", "## 2. A picture\n\n#### Below\n")
    assert any("skips from ## to ####" in p.what for p in refused(tiny.master).problems)


def test_a_name_that_is_not_its_folders_is_refused(tiny):
    other = tiny.master.with_name("01_other.md")
    tiny.master.rename(other)
    assert "call it 01_tiny.md" in str(refused(other))


def test_a_folder_that_is_no_lessons_is_refused(tiny):
    folder = tiny.master.parent.rename(tiny.root / "solutions" / "tiny")
    assert "not named like a lesson" in str(refused(folder / "01_tiny.md"))


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tiny):
    tiny.master.write_bytes(MASTER.replace("Two functions", "Zwölf").encode("latin-1"))
    assert [p.line for p in refused(tiny.master).problems] == [7]


def test_a_master_that_is_not_there_is_refused(tiny):
    tiny.master.unlink()
    assert "can not be read" in str(refused(tiny.master))


def test_an_exercise_that_is_declared_but_not_in_the_lesson_is_refused(tiny):
    cube = SimpleNamespace(name="cube", parts=[SimpleNamespace(name="value", points=1)])
    with pytest.raises(Refused, match="'cube' is declared"):
        master.read(tiny.master, [*EXERCISES, cube])


def test_windows_line_ends_and_a_byte_order_mark_are_taken_as_they_are(tiny):
    before = master.read(tiny.master, EXERCISES)
    tiny.master.write_bytes(b"\xef\xbb\xbf" + MASTER.replace("\n", "\r\n").encode())
    assert master.read(tiny.master, EXERCISES).cells == before.cells


def test_a_comment_in_shown_code_is_no_heading():
    source = "text\n\n~~~python\n\n# not a heading\nx = 1\n~~~\n\n## A heading"
    assert master.split_at_headings(source) == [source.split("\n\n## ")[0], "## A heading"]


def test_a_question_in_a_solution_is_no_magic(tiny):
    tiny.edit("twofold = x + x", "twofold = x + x  # why not 2 * x?")
    assert master.read(tiny.master, EXERCISES)


def test_a_magic_in_a_plain_cell_is_left_to_the_author(tiny):
    tiny.edit('print("three stripes")', "%timeit 1 + 1")
    assert master.read(tiny.master, EXERCISES)
