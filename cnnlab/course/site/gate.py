"""The gate of the site: no line of a solution, of a model answer or of a rubric is in its pages or in its search."""

from __future__ import annotations

from pathlib import Path

from cnnlab.course import leaks
from cnnlab.course.site.lesson_page import EDITION, Lesson

NOT_PAGES = ("_static/", f"{EDITION}/", "docs/kill_matrix/")  # the edition has JupyterLab and the learners' notebooks


def site_leaks(site: Path, lessons: list[Lesson]) -> list[str]:
    """The leaks of a folder of pages, a sentence each: any lesson's solution, in any page.

    What stands in a learner's notebook is known to every reader, and so is what checks say (docs/kill_matrix).
    """
    sources = [cell.source for lesson in lessons for cell in lesson.release.cells]
    known = leaks.squeezed("\n".join([*sources, *(source.replace("`", "") for source in sources)]))
    secrets = {
        (lesson.name, line): where
        for lesson in lessons
        for line, where in leaks.secrets(lesson.solution).items()
        if line not in known
    }
    found = []
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.suffix not in (".html", ".js") or name.startswith(NOT_PAGES):
            continue
        page = leaks.squeezed(leaks.told(path.read_text(encoding="utf-8")))
        found += [f"{name}: {at}, a line of {where}: {s}" for (at, s), where in secrets.items() if s in page]
    return found
