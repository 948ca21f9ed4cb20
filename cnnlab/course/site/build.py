"""`cnnlab site`: the whole web site as one static folder. All of it or nothing, and nothing that leaks a solution."""

from __future__ import annotations

import io
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.console import strip_escape_sequences
from sphinx.util.docutils import docutils_namespace, patch_docutils

from cnnlab.course.assemble import text
from cnnlab.course.build import find_leaks
from cnnlab.course.folder import Folder
from cnnlab.course.site.doc_pages import doc_pages
from cnnlab.course.site.gate import site_leaks
from cnnlab.course.site.lesson_page import EDITION, Lesson, lesson_page, lessons_of
from cnnlab.course.site.lite import in_the_browser, write_edition
from cnnlab.files import write_whole
from cnnlab.settings import Trouble

OURS = ".nojekyll"  # GitHub Pages serves the folder as it is; and a folder that has it may be replaced


@dataclass(frozen=True)
class Site:
    """A site that was written: where, how many files, how many bytes; missing: what its browser edition lacks."""

    folder: Path
    files: int
    bytes: int
    missing: list[str]


def write_site(course: Folder, to: Path | None = None, edition: bool = True, pyodide: Path | None = None) -> Site:
    """Write the site to a folder, by default site/ in the course's; an older site there gives way to it.

    edition: with JupyterLab for the browser in try/; pyodide: a folder with Pyodide to serve with it (see lite.py).
    Raises Trouble where a lesson is not built, where something leaks, where Sphinx warns, and where the folder holds
    something else.
    """
    to = to or course.root / "site"
    if to.exists() and (not to.is_dir() or (any(to.iterdir()) and not (to / OURS).exists())):
        raise Trouble(f"{to} holds something that is no site.", "Name a folder that is empty, or not there yet.")
    found = find_leaks(course)
    if found:
        raise Trouble("\n".join(found), "`cnnlab build` makes the notebooks anew.")
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".site-") as folder:
        source, made = Path(folder, "source"), Path(folder, "made", "site")
        lessons = lessons_of(course)
        tried = in_the_browser(course) if edition else []
        _write_source(course, lessons, tried, source)
        _run_sphinx(course, source, made)
        (made / OURS).touch()
        missing = write_edition(course, made / EDITION, pyodide).missing if tried else []
        found = site_leaks(made, lessons)
        if found:
            raise Trouble("\n".join(found), "Say it otherwise where readers read.")
        shutil.rmtree(to, ignore_errors=True)
        made.rename(to)
    files = [path for path in to.rglob("*") if path.is_file()]
    return Site(to, len(files), sum(path.stat().st_size for path in files), missing)


def _write_source(course: Folder, lessons: list[Lesson], tried: list[str], source: Path) -> None:
    """What Sphinx reads, and in extra/ what it copies as it is: the learners' notebooks and the figures."""
    extra = source / "extra" / "lessons"
    for lesson in lessons:
        page, pictures = lesson_page(lesson, course.toml, lesson.name in tried)
        write_whole(source / "lessons" / f"{lesson.name}.ipynb", text(page))
        write_whole(extra / f"{lesson.name}.ipynb", course.release(lesson.name).read_bytes())
        for name, png in pictures.items():
            write_whole(extra / "figures" / name, png)
    for name, page in doc_pages(course, [lesson.name for lesson in lessons]).items():
        write_whole(source / name, page)
    if (course.root / "docs" / "images").is_dir():
        shutil.copytree(course.root / "docs" / "images", source / "docs" / "images")


def _run_sphinx(course: Folder, source: Path, to: Path) -> None:
    font = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSerif.ttf")  # it has a MATH table
    own = {
        "project": course.toml["title"],
        "html_title": course.toml["title"],
        "html_extra_path": [str(source / "extra")],
        "html_static_path": ["static", str(font)],
        "exclude_patterns": ["extra"],
        "html_theme_options": {
            "home_page_in_toc": True,
            "collapse_navbar": True,
            "navbar_persistent": [],  # the side has a search
            "use_download_button": False,
            "use_repository_button": True,
            "repository_url": course.toml["home"],
        },
    }
    said = io.StringIO()
    here = Path(__file__).parent
    try:
        with patch_docutils(here), docutils_namespace():
            Sphinx(source, here, to, source.parent / "doctrees", "html", own, None, said, warningiserror=True).build()
    except SphinxError as error:
        raise Trouble(f"Sphinx: {error}", "Mend the page that it names.") from None
    warnings = strip_escape_sequences(said.getvalue()).strip()
    if warnings:
        raise Trouble(f"Sphinx warns:\n{warnings}", "Mend the pages that it names.")
