"""`cnnlab site`: the whole web site as one static folder. All of it or nothing, and nothing that leaks a solution."""

from __future__ import annotations

import io
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import SphinxError

from cnnlab.course import leaks
from cnnlab.course.assemble import text
from cnnlab.course.build import find_leaks, notebook_at, with_masters
from cnnlab.course.folder import Folder
from cnnlab.course.site.doc_pages import doc_pages
from cnnlab.course.site.lesson_page import lesson_page
from cnnlab.files import write_whole
from cnnlab.settings import Trouble

OURS = ".nojekyll"  # GitHub Pages serves the folder as it is; and a folder that has it may be replaced


@dataclass(frozen=True)
class Site:
    """A site that was written: where, how many files, how many bytes."""

    folder: Path
    files: int
    bytes: int


def write_site(course: Folder, to: Path | None = None) -> Site:
    """Write the site to a folder, by default site/ in the course's; an older site there gives way to it.

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
        _write_source(course, source)
        _run_sphinx(course, source, made)
        (made / OURS).touch()
        found = find_site_leaks(course, made)
        if found:
            raise Trouble("\n".join(found), "Say it otherwise where readers read.")
        shutil.rmtree(to, ignore_errors=True)
        made.rename(to)
    files = [path for path in to.rglob("*") if path.is_file()]
    return Site(to, len(files), sum(path.stat().st_size for path in files))


def find_site_leaks(course: Folder, site: Path) -> list[str]:
    """The leaks in a site, a sentence each: lines of any solution or model answer, in any page.

    What stands in some learner's notebook is known to all readers, and so is what checks say (docs/kill_matrix).
    """
    lessons = with_masters(course)
    known = leaks.squeezed("\n".join(cell.source for name in lessons for cell in notebook_at(course.release(name)).cells))
    known = known + known.replace("`", "")  # a page shows code in prose without its marks
    kept = {lesson: leaks.secrets(notebook_at(course.solution(lesson))) for lesson in lessons}
    kept = {lesson: {line: where for line, where in lines.items() if line not in known} for lesson, lines in kept.items()}
    found = []
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.suffix in (".html", ".js") and not name.startswith(("_static/", "docs/kill_matrix/")):
            page = leaks.squeezed(leaks.told(path.read_text(encoding="utf-8")))
            for lesson, lines in kept.items():
                found += [f"{name}: {lesson}, a line of {where}: {line}" for line, where in lines.items() if line in page]
    return found


def _write_source(course: Folder, source: Path) -> None:
    """What Sphinx reads, and in extra/ what it copies as it is: the learners' notebooks and the figures."""
    lessons = with_masters(course)
    for lesson in lessons:
        solution, release = (notebook_at(path) for path in (course.solution(lesson), course.release(lesson)))
        page, pictures = lesson_page(solution, release, lesson, course.toml)
        write_whole(source / "lessons" / f"{lesson}.ipynb", text(page))
        for name, png in pictures.items():
            write_whole(source / "extra" / "lessons" / "figures" / name, png)
        write_whole(source / "extra" / "lessons" / f"{lesson}.ipynb", course.release(lesson).read_bytes())
    for name, page in doc_pages(course, lessons).items():
        write_whole(source / name, page)
    shutil.copytree(course.root / "docs" / "images", source / "docs" / "images")


def _run_sphinx(course: Folder, source: Path, to: Path) -> None:
    own = {
        "project": course.toml["title"],
        "html_title": course.toml["title"],
        "html_extra_path": [str(source / "extra")],
        "exclude_patterns": ["extra"],
        "html_theme_options": {
            "home_page_in_toc": True,
            "navbar_persistent": [],  # the side has a search
            "use_download_button": False,
            "use_repository_button": True,
            "repository_url": course.toml["home"],
        },
    }
    said = io.StringIO()
    here = Path(__file__).parent
    try:
        app = Sphinx(source, here, to, source.parent / "doctrees", "html", own, None, said, warningiserror=True)
        app.build()
    except SphinxError as error:
        raise Trouble(f"Sphinx: {error}", "Mend the page that it names.") from None
    if said.getvalue().strip():
        raise Trouble(f"Sphinx warns:\n{said.getvalue().strip()}", "Mend the pages that it names.")
