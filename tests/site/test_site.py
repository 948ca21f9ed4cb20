"""The built site: whole, without a solution, with links that lead somewhere, readable on a telephone."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from cnnlab.course.folder import Folder
from cnnlab.course.site.gate import site_leaks
from cnnlab.course.site.lesson_page import lessons_of
from cnnlab.course.site.lite import in_the_browser
from cnnlab.settings import Trouble
from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*Check CHANGES for Sphinx API modifications")]

LESSONS = Folder(ROOT).lessons
LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "srcset", "video": "src"}
STYLE_URL = re.compile(r"""(?:@import\s+(?:url\()?|url\()\s*["']?([^"')\s;]+)""")


class Page(HTMLParser):
    """Of one page: its anchors, the links to follow, what a browser loads by itself, pictures without words."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links, self.loaded, self.silent = {""}, [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if LOADED.get(tag) in found:
            self.loaded.append(found[LOADED[tag]])
        if tag == "img" and not found.get("alt"):
            self.silent.append(found.get("src"))


@pytest.fixture(scope="module")
def pages(site):
    """{path: Page} of every page; in _static/ lie templates of the theme, in try/ JupyterLab."""
    paths = [path for path in site.rglob("*.html") if not {"_static", "try"} & set(path.parts)]
    return {path: Page(path.read_text(encoding="utf-8")) for path in paths}


def test_every_lesson_page_of_the_docs_and_list_of_mistakes_is_there(site):
    wanted = {f"lessons/{lesson}.{kind}" for lesson in LESSONS for kind in ("html", "ipynb")}
    wanted |= {f"{path.relative_to(ROOT).with_suffix('.html').as_posix()}" for path in (ROOT / "docs").rglob("*.md")}
    wanted |= {"index.html", "search.html", "searchindex.js", "docs/kill_matrix/index.html"}
    assert wanted <= {path.relative_to(site).as_posix() for path in site.rglob("*")}


def test_no_solution_no_model_answer_and_no_rubric_is_in_the_site(site):
    assert site_leaks(site, lessons_of(Folder(ROOT))) == []
    for lesson in LESSONS:
        page = (site / "lessons" / f"{lesson}.html").read_text(encoding="utf-8")
        assert not re.search(r"BEGIN SOLUTION|END SOLUTION|Model answer|Rubric\.", page), lesson
        assert "NotImplementedError" in page, lesson


def test_the_notebook_to_download_is_the_learners(site):
    for lesson in LESSONS:
        ours = Folder(ROOT).release(lesson).read_bytes()
        assert (site / "lessons" / f"{lesson}.ipynb").read_bytes() == ours
        page = (site / "lessons" / f"{lesson}.html").read_text(encoding="utf-8")
        assert f'href="{lesson}.ipynb" download' in page
        assert f"blob/main/notebooks/{lesson}/{lesson}.ipynb" in page


def test_the_edition_has_the_lessons_in_numpy_as_learners_get_them(site):
    for lesson in LESSONS:
        page = (site / "lessons" / f"{lesson}.html").read_text(encoding="utf-8")
        there = lesson in in_the_browser(Folder(ROOT))
        assert (f"../try/lab/index.html?path={lesson}/{lesson}.ipynb&amp;reset" in page) == there == (lesson < "06")
        if there:
            ours = nbformat.read(site / "try" / "files" / lesson / f"{lesson}.ipynb", as_version=4)
            release = nbformat.read(Folder(ROOT).release(lesson), as_version=4)
            assert ours.cells[1:] == release.cells[1:]
            assert ours.metadata == release.metadata
            assert "colab.research" not in ours.cells[0].source


def test_figures_and_explorers_are_shown_with_words(site, pages):
    page = pages[site / "lessons" / "01_convolution.html"]
    assert sum(address.startswith("figures/") for address in page.loaded) > 10
    assert 'aria-label="Convolution explorer' in (site / "lessons" / "01_convolution.html").read_text(encoding="utf-8")
    assert {path.name: page.silent for path, page in pages.items() if page.silent} == {}


def test_every_link_inside_the_site_leads_somewhere(site, pages):
    dead = []
    for path, page in pages.items():
        for address in page.links + page.loaded:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not (to.is_file() and to.is_relative_to(site)) or (
                to in pages and unquote(parts.fragment) not in pages[to].anchors
            ):
                dead.append(f"{path.relative_to(site)}: {address}")
    assert dead == [], "\n".join(dead)


def test_nothing_is_loaded_from_elsewhere(site, pages):
    loaded = {(path.name, address) for path, page in pages.items() for address in page.loaded}
    for path in site.rglob("*.css"):
        loaded |= {(path.name, address) for address in STYLE_URL.findall(path.read_text(encoding="utf-8"))}
    assert [(name, address) for name, address in loaded if re.match(r"(?:https?:)?//", address)] == []


COLOURS = (
    "[getComputedStyle(document.querySelector('article p')).color, getComputedStyle(document.body).backgroundColor]"
)


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "dark")])
def test_pages_load_nothing_from_elsewhere_and_fit_the_window(address, chromium, width, scheme):
    window = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked, errors = [], []
    window.on("request", lambda request: asked.append(request.url))
    window.on("response", lambda response: response.status >= 400 and errors.append(response.url))
    window.on("pageerror", lambda error: errors.append(str(error)))
    for page in ("index.html", "lessons/01_convolution.html", "lessons/10_inside.html", "docs/kill_matrix/index.html"):
        window.goto(address + page)
        assert window.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page
        text, behind = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in window.evaluate(COLOURS))
        assert (text > behind) == (scheme == "dark"), page
    window.close()
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert errors == []


@pytest.mark.browser
def test_the_search_finds_a_lesson(address, chromium):
    window = chromium.new_page()
    window.goto(address + "search.html?q=dilation")
    window.locator("#search-results a", has_text="Padding, stride, dilation").first.wait_for()
    window.close()


def test_a_warning_ends_the_build_and_the_old_site_stays(sphinx, built, tmp_path):
    from cnnlab.course.site.build import write_site

    readme, folder = built.root / "README.md", tmp_path / "site"
    readme.write_text("# Tiny\n\n[the lesson](notebooks/01_tiny/01_tiny.ipynb)\n", encoding="utf-8")
    write_site(built.course, folder, edition=False)
    assert "twofold" not in (folder / "lessons" / "01_tiny.html").read_text(encoding="utf-8")
    readme.write_text("# Tiny\n\n[nowhere](#nowhere)\n", encoding="utf-8")
    with pytest.raises(Trouble, match="nowhere"):
        write_site(built.course, folder, edition=False)
    assert (folder / "lessons" / "01_tiny.html").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".site-")]


def test_a_folder_that_holds_something_else_is_left_alone(sphinx, built, tmp_path):
    from cnnlab.course.site.build import write_site

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("three years", encoding="utf-8")
    with pytest.raises(Trouble, match="no site"):
        write_site(built.course, tmp_path / "mine", edition=False)
    assert (tmp_path / "mine" / "thesis.txt").read_text(encoding="utf-8") == "three years"
