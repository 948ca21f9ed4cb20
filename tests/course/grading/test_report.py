"""The class report says what happened; the replay shows the case; neither says more than it knows."""

import csv
import io
from html.parser import HTMLParser

import pytest

from cnnlab import check
from cnnlab.course.folder import Folder
from cnnlab.course.grading.alike import alike, words_of
from cnnlab.course.grading.class_report import page_of, table_of, write_report
from cnnlab.course.grading.judge import Judgement, PartVerdict
from cnnlab.course.grading.records import Record
from cnnlab.course.grading.replay import replay
from cnnlab.settings import Trouble
from tests.course.grading.conftest import make_release
from tests.course.grading.courses import FLIPPED, LESSON, RIGHT, hand_in, make_course

HOSTILE = "<script>alert(1)</script>"


def record(student, passed=(), mistakes=(), **fields):
    parts = []
    for exercise in check.exercises("01"):
        for part in exercise.parts:
            grade_id = f"check-{exercise.name}-{part.name.replace(' ', '-')}"
            right = exercise.name in passed
            mistake = dict(mistakes).get(exercise.name)
            kind = "passed" if right else "values" if mistake else "unsolved"
            points = part.points if right else 0.0
            told = PartVerdict(grade_id, exercise.name, part.name, points, part.points, "…", kind, mistake)
            parts.append(told)
    return Record(student, LESSON, Judgement(LESSON, parts), **fields)


@pytest.fixture(scope="module")
def release():
    return make_release()


CLASS = [
    record("ada", [e.name for e in check.exercises("01")]),
    record("bob", ["convolve2d"], {"cross_correlate2d": "the kernel is flipped"}.items()),
    record("cy", [], {"cross_correlate2d": "the kernel is flipped"}.items(), repairs=("An id was lost.",)),
    Record("=eve" + HOSTILE, LESSON, refused=f"No notebook {HOSTILE}."),
]


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.links = [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        self.text += data


def test_the_page_needs_nothing_else_and_runs_nothing(release):
    page = Page(page_of(release, CLASS, [], HOSTILE))
    assert page.links == []
    assert "script" not in page.tags
    assert HOSTILE in page.text  # escaped, and so readable


def test_the_page_names_the_mistakes_with_their_sentence(release):
    text = Page(page_of(release, CLASS, [], "Convolution")).text
    (mistake,) = [m for m in check.cross_correlate2d.exercise.mistakes if m.name == "the kernel is flipped"]
    assert mistake.says in text
    assert "bob, cy" in text
    assert "1 put right when read" in text
    assert "1 could not be read, 0 points" in text


def test_the_table_has_every_part_and_no_formula(release):
    rows = list(csv.DictReader(io.StringIO(table_of(release, CLASS))))
    assert [row["points"] for row in rows] == ["16.0", "1.0", "0.0", ""]
    assert rows[1]["convolve2d: values"] == "1.0"
    assert rows[3]["student"].startswith("'=eve")


LONG = """def f(image, kernel):
    # by {who}
    rows, columns = kernel.shape
    out = np.zeros((image.shape[0] - rows + 1, image.shape[1] - columns + 1))
    for {i} in range(out.shape[0]):
        for {j} in range(out.shape[1]):
            out[{i}, {j}] = (image[{i}:{i} + rows, {j}:{j} + columns] * kernel).sum()
    return out
"""
OTHER = """def f(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    flat = windows.reshape(*windows.shape[:2], -1)
    answer = flat @ kernel.reshape(-1)
    print("a shape", answer.shape, answer.dtype, flat.sum(), windows.ndim, kernel.mean())
    return answer.reshape(windows.shape[0], windows.shape[1])
"""


def test_renamed_and_commented_copies_are_the_same():
    codes = {
        "ada": [LONG.format(who="ada", i="i", j="j")],
        "bob": [LONG.format(who="bob, alone", i="row", j="column")],
        "cy": [OTHER],
    }
    assert [(group.students, group.share) for group in alike(codes, [])] == [(("ada", "bob"), 1.0)]


def test_nearly_the_same_is_a_pair_with_its_share():
    near = LONG.format(who="x", i="i", j="j").replace("return out", "out = out * 1\n    return out")
    (pair,) = alike({"ada": [LONG.format(who="a", i="i", j="j")], "bob": [near]}, [])
    assert pair.students == ("ada", "bob")
    assert 0.85 <= pair.share < 1


def test_what_was_released_and_what_is_short_does_not_count():
    stub = LONG.format(who="us", i="i", j="j")
    assert alike({"ada": [stub], "bob": [stub]}, [stub]) == []
    assert alike({"ada": ["def f():\n    return 1"], "bob": ["def f():\n    return 1"]}, []) == []


def test_code_that_is_no_python_is_read_as_far_as_it_goes():
    assert words_of("def f(:\n  '''never closed")[:2] == ["def", "n0"]


def test_a_thousand_are_compared_in_seconds():
    codes = {f"s{k}": [OTHER.replace("answer", f"a{k}").replace("-1)", f"-1 + {k} - {k})")] for k in range(1000)}
    assert alike(codes, []) is not None


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.mark.slow
def test_a_replay_shows_the_case_in_full(course):
    hand_in(course, "bob", cross_correlate2d=FLIPPED, **{"count_parameters_dense": RIGHT["count_parameters_dense"]})
    told = "\n".join(replay(course, "bob", LESSON, "cross_correlate2d"))
    assert "cross_correlate2d, values: 0 of 2 (not graded before)" in told
    for part in ("image", "kernel", "expected", "theirs", "Looks like: the kernel is flipped"):
        assert part in told
    assert "count_parameters_dense" not in told
    assert told == "\n".join(replay(course, "bob", LESSON, "cross_correlate2d"))  # the very same case


@pytest.mark.slow
def test_a_replay_of_nobody_or_nothing_is_named(course):
    with pytest.raises(Trouble, match="nobody has handed in nothing"):
        list(replay(course, "nobody", LESSON, None))
    hand_in(course, "ada", **RIGHT)
    with pytest.raises(Trouble, match=r"has no exercise 'conv3d'.\nThere are: cross_correlate2d"):
        list(replay(course, "ada", LESSON, "conv3d"))


def test_a_report_without_grades_is_refused(tmp_path):
    (tmp_path / "course.toml").write_text("[lessons.01_convolution]\n")
    with pytest.raises(Trouble, match="Nothing is graded for 01_convolution"):
        write_report(Folder(tmp_path), LESSON)
