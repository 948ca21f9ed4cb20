"""What the course writes for people to read, reports and the feedback page, has nothing that axe-core calls a
barrier: language, contrast, landmarks, headers of tables, sizes of targets; light and dark, on a screen and a phone."""

import pytest

from cnnlab.course import rounds
from cnnlab.course.grading import course_report
from cnnlab.course.grading.class_report import write_report
from cnnlab.settings import Trouble
from tests.course.grading.courses import FLIPPED, LESSON, RIGHT, hand_in, make_course

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The reports of a class of four, and the feedback of whoever made a known mistake."""
    course = make_course(tmp_path_factory.mktemp("class"))
    hand_in(course, "ada", **RIGHT, why="Because it moves.")
    hand_in(course, "bob", cross_correlate2d=FLIPPED, why="<details><summary>why</summary>It moves.</details>")
    hand_in(course, "cy", cross_correlate2d=FLIPPED + "\n# again")
    hand_in(course, "eve", text="{")
    try:
        rounds.grade(course, LESSON)
    except Trouble as trouble:
        pytest.skip(str(trouble))
    report, _ = write_report(course, LESSON)
    feedback = course.root / "feedback" / "bob" / LESSON / f"{LESSON}.html"
    assert feedback in rounds.feedback(course, LESSON)
    return {"report": report, "feedback": feedback, "course report": course_report.write_report(course)[0]}


@pytest.mark.parametrize("width", [1100, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["report", "course report", "feedback"])
def test_a_page_has_no_barriers(chromium, pages, without_barriers, name, scheme, width):
    page = chromium.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    page.goto(pages[name].as_uri(), wait_until="domcontentloaded")
    without_barriers(page)
    page.close()
