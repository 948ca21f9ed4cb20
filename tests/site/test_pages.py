"""Pages before Sphinx sees them: what stands in a solution's place, pictures, links."""

import base64

import nbformat
import pytest

from cnnlab.course.folder import Folder
from cnnlab.course.links import with_links
from cnnlab.course.site.gate import site_leaks
from cnnlab.course.site.lesson_page import ANSWER, lesson_page, lessons_of
from cnnlab.settings import Trouble
from tests.conftest import ROOT

PNG = base64.b64encode(b"a picture").decode()


@pytest.fixture
def lesson(built):
    return lessons_of(built.course)[0]


def sources(page):
    return {cell.id: cell.source for cell in page.cells}


def test_a_solution_gives_way_to_the_learners_stub_and_a_model_answer_to_a_line(built, lesson):
    page, _ = lesson_page(lesson, built.course.toml)
    assert "# YOUR CODE HERE" in sources(page)["double"]
    assert "twofold" not in sources(page)["double"]
    assert sources(page)["never-negative"] == ANSWER
    assert "Two functions, and why." in page.cells[0].source


def test_what_a_solution_cell_shows_is_left_out(built, lesson):
    cell = next(cell for cell in lesson.solution.cells if cell.id == "double")
    cell.outputs = [nbformat.v4.new_output("stream", text="4")]
    page, _ = lesson_page(lesson, built.course.toml)
    assert not next(cell for cell in page.cells if cell.id == "double").outputs


def test_a_picture_becomes_a_file_and_keeps_its_text(built, lesson):
    cell = lesson.solution.cells[-1]
    shown = f'<img alt="two bars" width="20" src="data:image/png;base64,{PNG}">'
    cell = nbformat.v4.new_code_cell("show()", id=cell.id, outputs=[nbformat.v4.new_output("display_data")])
    cell.outputs[0].data["text/html"] = shown
    lesson.solution.cells[-1] = cell
    page, pictures = lesson_page(lesson, built.course.toml)
    [(name, content)] = pictures.items()
    assert content == b"a picture"
    html = page.cells[-1].outputs[0].data["text/html"]
    assert html == f'<img alt="two bars" width="20" src="figures/{name}" loading="lazy">'


def test_notebooks_of_two_builds_are_refused(built, lesson):
    del lesson.release.cells[3]
    with pytest.raises(Trouble, match="has no cell"):
        lesson_page(lesson, built.course.toml)


def test_a_lesson_outside_github_has_no_link_to_colab(built, lesson):
    course = built.course.toml | {"home": "https://git.example.edu/cnn"}
    page, _ = lesson_page(lesson, course)
    assert "Download the notebook" in page.cells[0].source
    assert "colab" not in page.cells[0].source.lower()


def test_links_lead_to_pages_to_pictures_and_home():
    targets = {"docs/a.md": "docs/a.md", "README.md": "index.md", "docs/kill_matrix": "docs/kill_matrix/index.md"}
    text = (
        "[a](docs/a.md#part) [b](docs/kill_matrix) ![c](docs/images/c.png) [d](LICENSE) [e](https://x.org/y.md) [f](#g)"
    )
    fenced = "\n```bash\n[d](LICENSE)\n```\n[d](bench/d.py)"
    home = "https://github.com/cnnlab/cnnlab/blob/main"
    assert with_links(text + fenced, "README.md", "index.md", targets, Folder(ROOT)) == (
        "[a](docs/a.md#part) [b](docs/kill_matrix/index.md) ![c](docs/images/c.png) "
        f"[d]({home}/LICENSE) [e](https://x.org/y.md) [f](#g)\n```bash\n[d](LICENSE)\n```\n[d]({home}/bench/d.py)"
    )
    assert with_links("[r](../README.md)", "docs/a.md", "docs/a.md", targets, Folder(ROOT)) == "[r](../index.md)"


def test_the_gate_sees_a_solution_through_colours_and_an_answer_in_a_script(lesson, tmp_path):
    page, script = tmp_path / "page.html", tmp_path / "search.js"
    page.write_text("<p>The sum of x and x, folded.</p>", encoding="utf-8")
    script.write_text('"Two factors of the same sign"', encoding="utf-8")
    assert site_leaks(tmp_path, [lesson]) == []
    page.write_text("<span>twofold</span> <span>=</span> <i>x</i> <i>+</i> x", encoding="utf-8")
    script.write_text('"two. Two factors of the same sign are multiplied, so the product can not fall below zero."')
    assert [leak.partition(":")[0] for leak in site_leaks(tmp_path, [lesson])] == ["page.html", "search.js"]
