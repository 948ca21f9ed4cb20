"""Every authoring mistake is refused with file, line, what is wrong and what to do."""

from types import SimpleNamespace

import pytest

from cnnlab.course import master
from cnnlab.course.problems import Refused
from tests.course.conftest import EXERCISES, LESSON, MASTER

CHECK_SQUARE = '```python check="square"\n```'
FIGURE = '```python figure="stripes" alt="Three stripes, dark to bright."'
ANSWER = '<!-- #region answer="never-negative" points=2 -->'
FOLD = "<details><summary>A nudge</summary>"
HEADING = "### `square` · difficulty 1/5 · about 2 minutes"
QUESTION = "### Question · about 5 minutes\n\n"

# name: (replace this, by that, the line that is named begins with, words of the message)
MISTAKES = {
    "unknown tag": ('output="exact"', 'outputs="exact"', "```python outputs", "did you mean output?"),
    "unquoted tag": ('check="square"', "check=square", "```python check=square", 'write check="square"'),
    "single quotes": ('check="square"', "check='square'", "```python check='square'", 'write check="square"'),
    "lone word as tag": ('output="exact"', "exact", "```python exact", "can not be read"),
    "braces as tags": ('python output="exact"', 'python{output="exact"}', "```python{", "can not be read"),
    "tag twice": ('check="square"', 'check="square" check="square"', '```python check="square"', "twice"),
    "empty tag": ('figure="stripes"', 'figure=""', "```python figure", "figure is empty"),
    "two kinds": ('output="exact"', 'output="exact" widget="w"', "```python output", "output and widget at once"),
    "tag of another kind": ('output="exact"', 'output="exact" points=2', "```python output", "points does not belong"),
    "alt without figure": ('output="exact"', 'alt="words"', "```python alt", "without a kind"),
    "unknown output": ('output="exact"', 'output="same"', "```python output", 'output="exact" or output="none"'),
    "unreadable tag": ('check="square"', 'check="square', '```python check="square', "can not be read"),
    "points in quotes": ("points=2", 'points="2"', "<!-- #region", "without quotes"),
    "points no number": ("points=2", "points=many", "<!-- #region", "not a number"),
    "points below 0": ("points=2", "points=-2", "<!-- #region", "below 0"),
    "points of a check": ('check="square"', 'check="square" points=3', '```python check="square"', "does not belong"),
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
        'double" part="value"',
        'double" part="value" judge="skip"',
        '```python check="double"',
        "only show",
    ),
    "judge of another kind": ('output="exact"', 'judge="never"', "```python judge", "only show"),
    "unknown part": ('part="value"', 'part="values"', '```python check="double"', "has no part 'values'"),
    "part twice": (
        CHECK_SQUARE,
        CHECK_SQUARE + '\n\n```python check="square" part="value"\n```',
        '```python check="square" part',
        "'check-square-value' is taken",
    ),
    "check cell with something in it": (
        CHECK_SQUARE,
        '```python check="square"\ncheck.square(square)\n```',
        "check.square",
        "leave it empty",
    ),
    "part without check": (CHECK_SQUARE, "", '```python solution="square"', "no check cell for its part 'value'"),
    "exercise without heading": (HEADING, "### Squares", '```python solution="square"', "has no heading"),
    "heading of no exercise": ("`square` · diff", "`cube` · diff", "### `cube`", "no solution cell is named 'cube'"),
    "heading out of form": (HEADING, "### `square` · difficulty 1/5", "### `square`", "not in its form"),
    "heading with its points": (
        HEADING,
        HEADING.replace("square` ·", "square` · 3 points ·"),
        "###",
        "not in its form",
    ),
    "heading with its number": (HEADING, HEADING.replace("###", "### Exercise 1.2 ·"), "### Exer", "not in its form"),
    "heading of another level": (HEADING, f"#{HEADING}", "####", "not in its form"),
    "exercise in no numbered section": ("## 1. Doubling", "## Doubling", "### `double`", "no numbered section"),
    "question out of form": (
        "Why is",
        "### Question 2.1 · about 5 minutes\n\nWhy is",
        "### Question",
        "not in its form",
    ),
    "question without answer": ("## 2. A", f"{QUESTION}Why?\n\n## 2. A", "### Question", "has no answer below it"),
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
    "magic in a solution": (
        "return x * x * 1",
        "%time 1",
        '```python solution="square"',
        "IPython magic",
    ),
    "indented cell": (
        '```python output="exact"\nprint("three stripes")\n```',
        "  ```python\n  1\n  ```",
        "  ```python",
        "indented",
    ),
    "tags without python": ('```python output="exact"', '```output="exact"', "```output", "is no python cell"),
    "details open": ("</details>", "", "<details>", "is not closed"),
    "details closed twice": ("</details>", "</details>\n</details>", "</details>", "closes nothing"),
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
    tiny.edit("· difficulty", "· hard")
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


def texts(tiny):
    return [cell.source for cell in master.read(tiny.master, EXERCISES).cells if cell.kind == "markdown"]


def test_a_comment_in_shown_code_is_no_heading(tiny):
    shown = "~~~python\n\n\n# not a heading\nx = 1\n~~~"
    tiny.edit("Why is", f"{shown}\n\nWhy is")
    assert f"{shown}\n\nWhy is a square never negative?" in texts(tiny)


HINTS = {
    "python": "```python\n1 + 1\n```",
    "another language": "```bash\nls\n```",
    "two blank lines": "~~~python\n1\n\n\n1\n~~~\n\n\nOr so.",
    "more than one paragraph": "One.\n\nTwo.",
}


@pytest.mark.parametrize("name", HINTS)
def test_whatever_stands_in_a_hint_is_shown_in_one_cell(name, tiny):
    tiny.edit("~~~python\n1 + 1\n~~~", HINTS[name])
    kinds = [cell.kind for cell in master.read(tiny.master, EXERCISES).cells]
    assert f"{FOLD}\n\n{HINTS[name]}\n</details>" in texts(tiny)
    assert kinds.count("code") == 2


def test_quoted_code_is_shown_and_does_not_run(tiny):
    tiny.edit("Why is", "> ~~~python\n> 1\n> ~~~\n\nWhy is")
    assert "> ~~~python\n> 1\n> ~~~\n\nWhy is a square never negative?" in texts(tiny)


def test_code_in_a_model_answer_is_shown_and_does_not_run(tiny):
    tiny.edit("- 2 points", "```python\n1 / 0\n```\n\n- 2 points")
    *_, answer = master.read(tiny.master, EXERCISES).cells
    assert answer.kind == "answer"
    assert "```python\n1 / 0\n```" in answer.source


def exercise(name, **points):
    parts = [SimpleNamespace(name=part.replace("_", " "), points=worth) for part, worth in points.items()]
    return SimpleNamespace(name=name, parts=parts)


def headings(tiny, exercises=EXERCISES):
    return [cell.heading for cell in master.read(tiny.master, exercises).cells if cell.heading]


def test_the_build_writes_numbers_and_points(tiny):
    tiny.edit("Why is", f"{QUESTION}Why is")
    assert headings(tiny) == [
        "Tiny things",
        "1. Doubling",
        "Exercise 1.1 · `double` · 2 points · difficulty 1/5 · about 2 minutes",
        "Exercise 1.2 · `square` · 3 points · difficulty 1/5 · about 2 minutes",
        "2. A picture",
        "Question 2.1 · 2 points, graded by hand · about 5 minutes",
    ]
    for heading in headings(tiny)[1:]:
        assert any(text.startswith(("## " + heading, "### " + heading)) for text in texts(tiny))


@pytest.mark.parametrize(("points", "words"), [(0, "not graded"), (1, "1 point"), (1.5, "1.5 points")])
def test_points_are_said_in_words(points, words, tiny):
    assert headings(tiny, [exercise("double", value=points), EXERCISES[1]])[2].split(" · ")[2] == words


def test_a_heading_of_two_exercises_has_the_points_of_both(tiny):
    tiny.edit("### `double` · diff", "### `double` and `square` · diff")
    tiny.edit(HEADING, "And the other one.")
    assert headings(tiny)[2] == "Exercise 1.1 · `double` and `square` · 5 points · difficulty 1/5 · about 2 minutes"


def test_the_build_writes_the_call_of_each_check(tiny):
    odd, even = ('```python check="square" part="' + part + '"\n```' for part in ("odd ones", "even"))
    tiny.edit(CHECK_SQUARE, f"{odd}\n\n{even}")
    read = master.read(tiny.master, [EXERCISES[0], exercise("square", odd_ones=1, even=2)])
    told = [(cell.grade_id, cell.source, cell.tags["points"]) for cell in read.cells if cell.kind == "check"]
    assert told == [
        ("check-double-value", 'check.double(double, part="value")', 2),
        ("check-square-odd-ones", 'check.square(square, part="odd ones")', 1),
        ("check-square-even", 'check.square(square, part="even")', 2),
    ]


def test_a_check_of_several_parts_has_to_name_one(tiny):
    with pytest.raises(
        Refused, match="square has 2 parts and the check names none; make one check cell for each: a, b"
    ):
        master.read(tiny.master, [EXERCISES[0], exercise("square", a=1, b=2)])


def test_a_question_in_a_solution_is_no_magic(tiny):
    tiny.edit("twofold = x + x", "twofold = x + x  # why not 2 * x?")
    assert master.read(tiny.master, EXERCISES)


def test_a_magic_in_a_plain_cell_is_left_to_the_author(tiny):
    tiny.edit('print("three stripes")', "%timeit 1 + 1")
    assert master.read(tiny.master, EXERCISES)
