"""An exercise that is no function but a table filled in by hand: every row has a verdict of its own."""

import pytest

from cnnlab.check.lesson_06.alexnet_answers import EXERCISE as alexnet_answers
from cnnlab.check.lesson_06.table import PARAMETERS, RIGHT, ROWS, VARIANTS
from cnnlab.check.notebook import NotebookCheck
from cnnlab.check.report import CheckFailed
from cnnlab.check.subject import NotebookSubject

check = NotebookCheck(alexnet_answers)


def said(table, part):
    with pytest.raises(CheckFailed) as caught:
        check(table, part=part)
    return str(caught.value)


def row(text, name):
    """What is said of a row: long ones go on in the next line."""
    lines = [line.strip() for line in text.splitlines()]
    (start,) = [k for k, line in enumerate(lines) if line.startswith(name + "  ")]
    end = next(k for k in range(start + 1, len(lines)) if not lines[k] or lines[k].startswith(tuple(ROWS)))
    return " ".join(lines[start:end]).split(name)[1].strip()


def test_a_full_table_passes_part_by_part(capsys):
    check(RIGHT)
    assert "shapes · 1 of 1 point (tried 9 shapes)" in capsys.readouterr().out
    check({name: RIGHT[name] for name in VARIANTS}, part="variants")  # the other rows do not matter here


def test_an_empty_table_is_not_solved_yet():
    text = said(dict.fromkeys(RIGHT), "shapes")
    assert "not solved yet (1 point)" in text
    assert "Fill in the table in the cell above" in text
    verdict = alexnet_answers.run(alexnet_answers.part("shapes"), NotebookSubject(dict.fromkeys(RIGHT)))
    assert verdict.failure.kind == "unsolved"


def test_each_row_says_whether_it_is_right_and_if_not_what_it_looks_like():
    table = RIGHT | {"shape after conv1": (96, 54, 54), "shape after pool1": None, "shape after conv3": (13, 13, 384)}
    del table["shape after pool3"]
    text = said(table, "shapes")
    assert "5 of 9 rows are right." in text
    assert row(text, "shape after conv1").startswith("(96, 54, 54): one too few")
    assert row(text, "shape after pool1") == "not filled in yet"
    assert row(text, "shape after conv2") == "right"
    assert "in another order: (channels, height, width)" in row(text, "shape after conv3")
    assert row(text, "shape after pool3").startswith("this row is missing")


def test_a_count_is_told_its_idea():
    wrong = {
        "parameters of conv2": (614_400, "the biases are missing"),
        "parameters of pool1": (864, "a pooling layer learns nothing"),
        "parameters of conv4": (663_936, "two-GPU version"),
        "parameters of dense1": (1_052_672, "6 × 6 × 256"),
        "parameters of dense3": (4_097_000.0, "a count is an int"),
        "parameters in all": (61_100_840, "torchvision's"),
        "percent of them in dense layers": (0.94, "a hundred times as much"),
        "parameters of conv5": ("884992", "leave out the quotes"),
        "parameters of conv1": (35_000, "too many"),
    }
    text = said(RIGHT | {name: value for name, (value, _) in wrong.items()}, "parameters")
    for name, (_, idea) in wrong.items():
        assert idea in row(text, name), name
    text = said(RIGHT | {"224 unpadded: side after conv1": 55, "two GPUs: parameters in all": 62_378_344}, "variants")
    assert "Count: (224 − 11) // 4 + 1" in row(text, "224 unpadded: side after conv1")
    assert "see half of the maps" in row(text, "two GPUs: parameters in all")


def test_rows_that_follow_from_a_wrong_one_say_so():
    chain = {"shape after conv1": (96, 54, 54), "shape after pool1": (96, 26, 26), "shape after conv2": (256, 26, 26)}
    text = said(RIGHT | chain, "shapes")
    assert "one too few" in row(text, "shape after conv1")
    assert "right for your own rows before it" in row(text, "shape after pool1")
    assert "right for your own rows before it" in row(text, "shape after conv2")
    assert "Begin with shape after conv1." in text
    bias = {"parameters of conv1": 34_848, "parameters in all": RIGHT["parameters in all"] - 96}
    assert "right for your own rows before it" in row(said(RIGHT | bias, "parameters"), "parameters in all")


@pytest.mark.parametrize(("value", "words"), [(34_943, "one too few"), (2 * 34_944, "2 times too many")])
def test_a_count_is_told_one_off_and_a_factor(value, words):
    assert words in row(said(RIGHT | {"parameters of conv1": value}, "parameters"), "parameters of conv1")


@pytest.mark.parametrize("name", ROWS)
def test_no_message_tells_the_right_answer(name):
    right = ROWS[name].right
    assert right not in ROWS[name].ideas
    told = str(right) if isinstance(right, tuple) else f"{right:,}"
    for wrong in [*ROWS[name].ideas, (1, 2, 3), (7,), 7, -1, "text", [], 3.5, float("nan")]:
        words = ROWS[name].verdict(wrong)
        assert words
        assert right == 0 or name.startswith("224") or told not in words or told == "(9216,)"


def test_percent_may_be_exact_or_rounded():
    share = PARAMETERS["percent of them in dense layers"]
    assert [share.verdict(value) for value in (94, 94.0, 93.99, 93.9927)] == [""] * 4
    assert share.verdict(95)
    assert share.verdict(93)


class Liar(dict):
    """Its keys, length and texts are traps; what it holds is what a dict holds."""

    def __len__(self):
        raise RuntimeError("no length")

    def __getitem__(self, key):
        return RIGHT[key]

    def get(self, key, default=None):
        return RIGHT.get(key, default)

    def items(self):
        return RIGHT.items()

    def __str__(self):
        raise RuntimeError("not to be printed")

    __repr__ = __iter__ = keys = __str__


class Number(int):
    def __eq__(self, other):
        return True

    def __index__(self):
        return 34_944

    __hash__ = int.__hash__
    __int__ = __index__


class Text(str):
    def __eq__(self, other):
        return True

    def __getitem__(self, index):
        raise RuntimeError

    __hash__ = str.__hash__


def test_a_table_that_lies_is_taken_at_what_it_holds():
    assert "not solved yet" in said(Liar(dict.fromkeys(RIGHT)), "shapes")
    check(Liar(RIGHT), part="shapes")
    text = said(RIGHT | {"parameters of conv1": Number(5), "parameters of conv2": Text("9")}, "parameters")
    assert row(text, "parameters of conv1") == "5: too few"
    assert "that is text" in row(text, "parameters of conv2")


class Trap:
    def __getattribute__(self, name):
        raise SystemExit


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: None, "Expected the dict with your answers, and got None"),
        (lambda: [1, 2], "got a list"),
        (lambda: check.__init__, "got a method"),
        (lambda: 42, "got the number 42"),
        (Trap, "SystemExit"),
    ],
)
def test_what_is_no_table_is_said_calmly(make, words):
    assert words in said(make(), "shapes")


def test_how_to_hand_it_over():
    with pytest.raises(CheckFailed, match="Hand over the table itself, without quotes: check"):
        check()
