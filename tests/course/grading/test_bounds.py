"""Every stage of grading one submission takes time and memory in proportion to what was handed in, and no more than so
much. Inputs are generated and grow fourfold; the processor's seconds are held against each other."""

import gc
import itertools
import json
import time
import tracemalloc

import nbformat
import numpy as np
import pytest

from cnnlab import check
from cnnlab.check.compare import difference
from cnnlab.check.exercise import ROOM, TIMES
from cnnlab.check.plain import Foreign, plain, weight
from cnnlab.check.report import failure_text, picture
from cnnlab.check.subject import NotebookSubject
from cnnlab.course.grading import wire
from cnnlab.course.grading.alike import alike
from cnnlab.course.grading.autograded import autograded
from cnnlab.course.grading.clean import LONGEST, as_text, clean_markdown
from cnnlab.course.grading.effort import MOST_IN_ALL, Allowance, is_too_much, with_known_languages
from cnnlab.course.grading.judge import Judgement, PartVerdict
from cnnlab.course.grading.magics import without_magics
from cnnlab.course.grading.reader import MOST_BYTES, read_submission
from cnnlab.course.grading.recognise import names_defined
from cnnlab.course.grading.records import Record
from cnnlab.course.grading.release import Release, ReleaseCell

pytestmark = pytest.mark.slow

TIMES_LARGER = 4
TIMES_LONGER = 9  # four times, and room for noise; what grows with the square takes sixteen times
UNSEEN = 0.02  # seconds in which nothing is told from noise

RELEASE = Release(
    "01_convolution",
    (
        ReleaseCell("setup", "set-up", "import numpy as np"),
        ReleaseCell("solution", "double", "def double(x):\n    raise NotImplementedError", "double"),
        ReleaseCell("check", "check-double", "check.double(double)", "check-double", 2, "double"),
        ReleaseCell("solution", "square", "def square(x):\n    raise NotImplementedError", "square"),
        ReleaseCell("check", "check-square", "check.square(square)", "check-square", 1, "square"),
        ReleaseCell("answer", "why", "YOUR ANSWER HERE", "why", 2),
    ),
    ("numpy",),
)


def seconds(work, made) -> float:
    """The processor's; without the collector of garbage, which all of pytest's is."""
    gc.disable()
    try:
        begun = time.process_time()
        work(made)
        return time.process_time() - begun
    finally:
        gc.enable()


def grows(work, make, small, large, at_most):
    """Does `work` on what `make` makes of a large size take so many times as long at most? After a moment of standing
    still it is tried again."""
    for tried in (1, 2, 3):
        first, then = (seconds(work, make(n)) for n in (small, large))
        if then < at_most * max(first, UNSEEN):
            return
        assert tried < 3, (first, then)


def grows_in_proportion(work, make, size):
    grows(work, make, size, TIMES_LARGER * size, TIMES_LONGER)


def peak(work, made) -> int:
    """The most bytes that were taken while it worked."""
    gc.collect()
    tracemalloc.start()
    try:
        work(made)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# reading


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "submitted" / "eve" / "01_convolution" / "01_convolution.ipynb"
    path.parent.mkdir(parents=True)
    return path


def cell(source, kind="code", **more):
    outputs = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **outputs, **more}


def graded(name, source, kind="code"):
    return cell(source, kind, metadata={"nbgrader": {"grade_id": name}})


def handed_in(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


PICTURE = {"image/png": "AAAA"}
NOTEBOOKS = {
    "many cells": (lambda n: handed_in(*(cell(f"x = {k}") for k in range(n))), 400),
    "many cells with one id": (lambda n: handed_in(*(graded("double", f"x = {k}") for k in range(n))), 400),
    "many texts with one id": (lambda n: handed_in(*(graded("why", f"a {k}", "markdown") for k in range(n))), 400),
    "many definitions": (lambda n: handed_in(*(cell("def double(x): 0\ndef square(x): 0") for _ in range(n))), 400),
    "many checks": (lambda n: handed_in(*(cell(c.source) for _ in range(n) for c in RELEASE.cells)), 80),
    "many outputs": (lambda n: handed_in(cell("x = 1", outputs=[{"data": {"a": "b"}}] * n)), 50_000),
    "many lines": (lambda n: handed_in(cell("x = 1\n" * n)), 3_000),
    "lines in a list": (lambda n: handed_in(cell(["a\n"] * n, "markdown")), 12_000),
    "empty lines": (lambda n: handed_in(*(cell("\n" * 20_000 + "a", "markdown") for _ in range(n))), 40),
    "words": (lambda n: handed_in(*(cell("word " * 4_000, "markdown") for _ in range(n))), 40),
    "dense code": (lambda n: handed_in(*(cell("x = 1" + "+a" * 9_000) for _ in range(n))), 8),
    "deep brackets": (lambda n: handed_in(*(cell("(" * 150 + "\n") for _ in range(n))), 300),
    "attachments": (
        lambda n: handed_in(cell("a", "markdown", attachments={f"{k}\x07" * 99: PICTURE for k in range(n)})),
        300,
    ),
    "pictures in the text": (lambda n: handed_in(cell("![](data:image/png;base64,AAAA)" * n, "markdown")), 20_000),
}  # fmt: skip


@pytest.mark.parametrize("what", NOTEBOOKS)
def test_reading_grows_in_proportion(place, what):
    make, size = NOTEBOOKS[what]

    def written(n):
        place.write_text(json.dumps(make(n)))

    def read(_):
        assert read_submission(place, RELEASE).refused is None

    grows_in_proportion(read, written, size)


CODE = {
    "spaces": lambda n: "x = = 1\n" + " " * n + "z",
    "spaces, then names": lambda n: "x = = 1\n" + " " * (n // 2) + "a, " * (n // 6),
    "names and no sign": lambda n: "x = = 1\n" + "a, " * (n // 3),
    "question marks": lambda n: "x = = 1\n" + "a." * (n // 2) + "??" + " " * (n // 4) + "b",
    "escaped quotes": lambda n: "x = = 1\n" + '\\"""' * (n // 4),
    "single quotes": lambda n: "x = = 1\n" + "\\'" * (n // 2),
    "three quotes": lambda n: "x = = 1\n" + "'''\"\"\"" * (n // 6),
    "brackets": lambda n: "x = = 1\n" + "([{" * (n // 3),
    "closing brackets": lambda n: "x = = 1\n" + "([{\n}])\n" * (n // 8),
    "comments": lambda n: "x = = 1\n" + "#'\n" * (n // 3),
    "async": lambda n: "x = = 1\nasync" + " " * n + "d",
    "many async": lambda n: "x = = 1\n" + ("async" + " " * 200 + "d\n") * (n // 206),
    "magics": lambda n: "x = = 1\n" + "%a\n" * (n // 3),
    "times": lambda n: "x = = 1\n" + "%time " * (n // 6),
    "backslashes": lambda n: "x = = 1\n" + "\\\n" * (n // 2),
    "unary": lambda n: "x = " + "-" * n + "1",
    "dots": lambda n: "x = y" + ".a" * (n // 2),
}


@pytest.mark.parametrize("what", CODE)
def test_looking_for_magics_and_names_grows_in_proportion(what):
    def work(source):
        found, _ = without_magics(source)
        names_defined(found)

    grows_in_proportion(work, CODE[what], 19_000)


@pytest.mark.parametrize("pieces", ['{"a":1},', "[],", "1,", '"",', '"ab":[],'])
def test_reading_a_full_file_stays_within_the_memory(place, pieces):
    """As many pieces as are read at most, or as many bytes."""
    count = min(2_900_000 // sum(pieces.count(c) for c in "{[,"), (MOST_BYTES - 400) // len(pieces))
    opened, closed = ("{", '"z":1}') if pieces.startswith('"ab"') else ("[", "1]")
    cells = '{"cells":[{"cell_type":"code","source":"x = 1","metadata":{"a":' + opened
    place.write_text(cells + pieces * count + closed + "}}]}")
    assert peak(lambda p: read_submission(p, RELEASE), place) < 700 << 20


def test_letters_that_take_four_bytes_stay_within_the_memory(place):
    text = "a" * (MOST_BYTES - 10_000) + "\U0001f600"
    place.write_text(json.dumps(handed_in(cell(text, "markdown")), ensure_ascii=False))
    assert peak(lambda p: read_submission(p, RELEASE), place) < 700 << 20


# cleaning Markdown

TOKENS = (
    *("[", "](", "]", "*", "**", "_", "`", "``", "<", "<a ", "</", "<!--", "<![CDATA[", "&", "&lt", "$", "$$", "\\\\["),
    *("\\\\(", "\\begin{a}", "\\", "![](", "[a]: ", "> ", "- ", "1. ", "\n", "\n\n", " ", "    ", "|", "|-", "~~", "a"),
    *("http://", "#", "=\n", "```", "\n~~~", "<b>", "<div>", "<p>", '"', "'", ":", "\x1b[", "\x1b[0;"),
)
TEXTS = {
    "ticks in growing rows": lambda n: " ".join("`" * k for k in range(1, int((2 * n) ** 0.5))),
    "stars in growing rows": lambda n: " a".join("*" * k for k in range(1, int((2 * n) ** 0.5))),
    "brackets within brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "links within links": lambda n: "[" * (n // 6) + "](a)" * (n // 6),
    "lists in quotations": lambda n: "\n".join("> - " * (k % 100) + "1. x" for k in range(n // 210)),
    "lists within lists": lambda n: "\n".join("  " * k + "- a" for k in range(int(n**0.5))),
    "a wide table": lambda n: "".join(c * (n // 9) + "|\n" for c in ("|a", "|-", "|b")),
    "a long table": lambda n: "|a|b|\n|-|-|\n" + "|c|d|\n" * (n // 7),
    "one link, often": lambda n: f"[a]: http://x.y/{'z' * (n // 4)}\n\n" + "[a] " * (n // 5),
    "spaces between letters": lambda n: "a" + " " * n + "b",
    "environments": lambda n: "".join(f"\\begin{{{'abcdefghij'[k % 10]}}}" for k in range(n // 9)),
    "other languages": lambda n: "\n\n".join("```json\n" + "[{" * 50 + "\n```" for _ in range(n // 115)),
    "python": lambda n: "```python\n" + "f'{\n " * (n // 5) + "\n```",
    "LaTeX": lambda n: "```latex\n" + "\\a[{$$$" * (n // 7) + "\n```",
    "formulas that begin": lambda n: "\\\\[" * (n // 3),
    "comments that begin": lambda n: "<!--" * (n // 4),
}


@pytest.mark.parametrize("what", TEXTS)
def test_cleaning_a_text_grows_in_proportion(what):
    grows_in_proportion(clean_markdown, TEXTS[what], (LONGEST - 100) // TIMES_LARGER)


def test_no_pair_of_signs_makes_a_text_long_to_clean():
    """Some of all pairs, over and over and one after the other: a full text takes less than a second or two."""
    pairs = list(itertools.product(TOKENS, repeat=2))
    for one, other in (pairs[k] for k in np.random.default_rng(12).permutation(len(pairs))[:90]):
        for text in ((one + other) * LONGEST, one * (LONGEST // 2 // len(one)) + other * LONGEST):
            begun = time.process_time()
            clean_markdown(text[:LONGEST])
            assert time.process_time() - begun < 2.5, (one, other)


def test_a_picture_that_is_shown_often_is_not_rendered_as_often():
    pictures = {"a.png": {"image/png": "A" * (1 << 20)}}
    source = "![](attachment:a.png)"
    assert clean_markdown(source * 5, pictures) == source * 5
    assert clean_markdown(source * 100, pictures) == as_text(source * 100)
    assert peak(lambda text: clean_markdown(text, pictures), source * 50) < 4 << 20


def test_a_notebook_has_an_allowance_and_beyond_it_texts_are_shown_as_text():
    allowance = Allowance()
    text = "**a** " * 4_000
    kept = [clean_markdown(text, None, allowance) == text for _ in range(16)]
    assert kept == [k < MOST_IN_ALL // len(text) for k in range(16)]
    assert not is_too_much("$$a$$ and \\begin{b} c \\end{b} " * 200, None)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("```python\nx\n```", "```python\nx\n```"),
        ("```\nx\n```", "```\nx\n```"),
        ("~~~ perl {a}\nx\n~~~", "~~~ text\nx\n~~~"),
        ("> - ```c++\n>   x\n>   ```", "> - ```text\n>   x\n>   ```"),
        ("so ```a``` is code", "so ```a``` is code"),
        ("```a``` is code", "```a``` is code"),
    ],
)
def test_code_in_a_language_whose_lexer_may_be_slow_is_plain(source, shown):
    assert with_known_languages(source) == shown


# recognising and writing


def test_writing_the_notebook_grows_in_proportion(place):
    part = PartVerdict("check-double", "double", "", 0.0, 2.0, "no\n" * 2_000, "values")
    record = Record("eve", RELEASE.lesson, Judgement(RELEASE.lesson, [part]), tuple("It was so." for _ in range(900)))
    released = nbformat.v4.new_notebook(cells=[_released(c) for c in RELEASE.cells])

    def written(path):
        nbformat.v4.writes(autograded(released, RELEASE, read_submission(path, RELEASE), record))

    def made(n):
        cells = (cell("x = 1" if k % 2 else "*a* " * 90, "code" if k % 2 else "markdown") for k in range(n))
        place.write_text(json.dumps(handed_in(*cells)))
        return place

    grows_in_proportion(written, made, 100)


def _released(released):
    kinds = {"answer": nbformat.v4.new_markdown_cell}
    return kinds.get(released.role, nbformat.v4.new_code_cell)(released.source, id=released.id)


def test_comparing_code_for_the_report_grows_in_proportion():
    def class_of(n):
        return {f"s{k}": ["\n".join(f"x{k} = {k} + y{j} * {j}" for j in range(n))] for k in range(3)}

    grows_in_proportion(lambda codes: alike(codes, []), class_of, 500)
    grows(lambda codes: alike(codes, []), class_of, 4_000, 16_000, 2)  # no more is read of it than that


# decoding answers

MESSAGES = {
    "a list": lambda n: {"value": list(range(n))},
    "lists in lists": lambda n: {"value": [[1.5]] * n},
    "pairs": lambda n: {"value": {f"k{k}": None for k in range(n)}},
    "texts": lambda n: {"value": ["\ud800\u1234" * 4] * n},
    "long numbers": lambda n: {"value": [1 << 200] * n},
    "small arrays": lambda n: {"value": [np.zeros(2)] * n},
}


@pytest.mark.parametrize("what", MESSAGES)
def test_decoding_grows_in_proportion(what):
    def made(n):
        frame = wire.encode(MESSAGES[what](n))
        header, _ = wire.lengths(frame[:12])
        return frame[12 : 12 + header], frame[12 + header :]

    grows_in_proportion(lambda parts: wire.decode(*parts), made, 2_500)


def test_a_frame_is_refused_by_its_length_before_it_is_read():
    frame = wire.encode({"value": np.zeros(1 << 17)})
    assert wire.lengths(frame[:12], 1 << 20)[1] == 1 << 20
    with pytest.raises(wire.WireError, match="too large"):
        wire.lengths(frame[:12], (1 << 20) - 1)


@pytest.mark.parametrize(
    "header", [b"{}" * 500_000, b'{"l":[' + b"[]," * 300_000 + b"0]}", b'"' + b"\\u0041" * 170_000 + b'"']
)
def test_a_header_of_a_megabyte_stays_within_the_memory(header):
    def work(data):
        with pytest.raises(wire.WireError):
            wire.decode(data, b"")

    assert peak(work, header) < 64 << 20


# answers: copied, compared, explained, drawn

ANSWERS = {
    "zeros": lambda n: np.zeros(n),
    "bytes": lambda n: np.zeros((n // 8, 8), np.uint8),
    "truths": lambda n: np.zeros((n // 8, 8), bool),
    "numbers, all different": lambda n: np.arange(float(n)).reshape(-1, 4),
    "many axes": lambda n: np.ones((n // 128, 2, 2, 2, 2, 2, 2, 2)),
    "complex numbers": lambda n: np.zeros((2, n // 2), complex),
    "a list": lambda n: list(range(n)),
    "long ints": lambda n: [(1 << 3_900) + k for k in range(n // 100)],
    "floats": lambda n: [float(k) for k in range(n)],
    "rows": lambda n: [[float(k)] * 8 for k in range(n // 8)],
    "unequal rows": lambda n: [[0.5] * (k % 9) for k in range(n // 8)],
    "text": lambda n: "1" * n,
    "texts": lambda n: ("ab " * 40,) * (n // 40),
    "a dict": lambda n: {f"{k}" * 9: k for k in range(n)},
    "arrays in a tuple": lambda n: tuple(np.ones(3) for _ in range(n // 4)),
    "a deep list": lambda n: [[[[[[0] * (n // 64)] * 2] * 2] * 2] * 2],
}
JUDGED = (
    "diagonal_edge_kernel",
    "dilation_schedule",
    "find_the_slip",
    "layer_shapes",
    "receptive_field",
    "alexnet_answers",
)
COMPARED = ("cross_correlate2d", "count_parameters_dense", "im2col")


def known(names):
    there = {exercise.name: exercise for lesson in check.lessons() for exercise in check.exercises(lesson)}
    return [there[name] for name in names if name in there]


def told(exercise, answer):
    """All that a check does with an answer, from its copy to the picture."""
    for part in exercise.parts:
        subject = NotebookSubject(answer if exercise.value else lambda *args, **kwargs: answer)
        verdict = exercise.run(part, subject, 5)
        assert verdict.failure is not None
        failure_text(verdict, [])
        picture(verdict)


@pytest.mark.parametrize("exercise", known((*JUDGED, *COMPARED)), ids=lambda e: e.name)
@pytest.mark.slow
def test_judging_an_answer_grows_in_proportion_to_it(exercise):
    told(exercise, 0)  # what the class is asked once
    for make in ANSWERS.values():
        grows_in_proportion(lambda answer: told(exercise, answer), make, 400 if exercise.oracle else 2_000)


@pytest.mark.parametrize("exercise", known(("cross_correlate2d", "diagonal_edge_kernel")), ids=lambda e: e.name)
def test_judging_a_large_answer_takes_no_more_than_a_small_one(exercise):
    """From 2 to 46 MB the time does not grow at all: it is not copied."""
    told(exercise, 0)
    small = peak(lambda answer: told(exercise, answer), np.zeros((1 << 10, 100), np.uint8))
    for rows in (2 << 10, 8 << 10, 46 << 10):
        answer = np.zeros((rows, 1 << 10), np.uint8)
        assert peak(lambda answer: told(exercise, answer), answer) < small + (8 << 20)
        assert seconds(lambda answer: told(exercise, answer), answer) < 1


@pytest.mark.parametrize("make", ANSWERS.values(), ids=ANSWERS)
def test_a_copy_weighs_no_more_than_there_is_room_for(make):
    for size in (1 << 8, 1 << 10, 1 << 13, 1 << 16, 1 << 19):
        value = make(size)
        found = plain(value, 1 << 20)
        assert isinstance(found, Foreign) or weight(found) <= 1 << 20
    assert isinstance(found, Foreign) or isinstance(value, str)
    if isinstance(found, Foreign):
        assert "far too large" in found.kind


def test_an_answer_may_be_some_times_as_large_as_the_right_one():
    assert ROOM == 1 << 20
    expected = np.zeros(1 << 18)
    room = ROOM + TIMES * weight(expected)
    assert isinstance(plain(np.zeros(7 << 18), room), np.ndarray)
    assert plain(np.zeros((3, 6 << 18)), room) == Foreign("array of shape 3 × 1572864, far too large")


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ([3, 4], [1 << 4_000] * 10_000),
        ([3, 4], [5] * 10_000),
        (7, (1 << 4_090)),
        ({"a": 1}, {f"{k}" * 50: k for k in range(10_000)}),
        ({f"{k}" * 50: k for k in range(10_000)}, {}),
        ("yes", "no" * 5_000),
    ],
    ids=["long counts", "many counts", "a long count", "unexpected keys", "missing keys", "a long text"],
)
def test_a_sentence_keeps_what_it_needs_of_an_answer(expected, got):
    assert len(difference(expected, got).sentence) < 1_000
