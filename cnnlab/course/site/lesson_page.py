"""A lesson to read: the prose and figures of the solution's notebook, and the learner's stubs in place of solutions."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import nbformat
from nbformat.notebooknode import NotebookNode

from cnnlab.course.build import notebook_at, with_masters
from cnnlab.course.folder import Folder
from cnnlab.settings import Trouble

EDITION = "try"  # the site's folder with JupyterLab for the browser
BADGE = re.compile(r"^\[!\[Open in Colab\].*$\n*", re.M)
PICTURE = re.compile(r'src="data:image/png;base64,([^"]+)"')
ANSWER = "*Here you write your answer, in your own words; a person reads it.*"
SET_UP = """<details><summary>The set-up cell, the same in every lesson</summary>

```python
{source}
```

</details>"""


@dataclass(frozen=True)
class Lesson:
    """A lesson ("01_convolution") with the instructor's and the learner's notebook."""

    name: str
    solution: NotebookNode
    release: NotebookNode


def lessons_of(course: Folder) -> list[Lesson]:
    """The lessons that have a master, in order. Raises Trouble where a notebook is missing."""
    found = []
    for name in with_masters(course):
        solution, release = notebook_at(course.solution(name)), notebook_at(course.release(name))
        if solution is None or release is None:
            raise Trouble(f"{name} is not built.", "Run `cnnlab build` first.")
        found.append(Lesson(name, solution, release))
    return found


def lesson_page(lesson: Lesson, course: dict, tried: bool = False) -> tuple[NotebookNode, dict[str, bytes]]:
    """The notebook that the site shows, and its pictures by name: they lie in figures/ beside the page.

    course: what course.toml says; tried: whether the browser edition has this lesson. Raises Trouble where a
    cell of one notebook is not in the other.
    """
    page = nbformat.from_dict(lesson.solution)
    stubs = {cell.id: cell.source for cell in lesson.release.cells}
    pictures: dict[str, bytes] = {}
    for place, cell in enumerate(page.cells):
        if cell.id not in stubs:
            raise Trouble(f"{lesson.name}: the learner's notebook has no cell {cell.id}.", "Run `cnnlab build` first.")
        if cell.metadata.get("cnnlab", {}).get("setup"):
            page.cells[place] = nbformat.v4.new_markdown_cell(SET_UP.format(source=cell.source), id=cell.id)
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = ANSWER if cell.cell_type == "markdown" else stubs[cell.id]
            if cell.cell_type == "code":
                cell.outputs = []
        cell.metadata = NotebookNode()
        for output in cell.get("outputs", []):
            _take_pictures_out(output, pictures)
    page.metadata = NotebookNode({key: page.metadata[key] for key in ("kernelspec", "language_info")})
    opening = page.cells[0]
    title, _, text = BADGE.sub("", opening.source).partition("\n")
    opening.source = f"{title}\n\n{_links(lesson.name, course, tried)}\n\n{text.lstrip()}"
    return page, pictures


def _take_pictures_out(output: NotebookNode, pictures: dict[str, bytes]) -> None:
    """A picture becomes a file of its own, which a browser loads when a reader comes near it."""
    shown = output.get("data", {}).get("text/html")
    if shown is None:
        return

    def named(match: re.Match) -> str:
        png = base64.b64decode(match[1])
        name = f"{hashlib.sha256(png).hexdigest()[:16]}.png"
        pictures[name] = png
        return f'src="figures/{name}" loading="lazy"'

    output["data"]["text/html"] = PICTURE.sub(named, "".join(shown))


def _links(lesson: str, course: dict, tried: bool) -> str:
    """Where a reader becomes a learner: here, Colab (where the course lives on GitHub), the notebook; what runs it."""
    home = urlsplit(course["home"])
    entries = [f'<a href="{lesson}.ipynb" download>Download the notebook</a>']
    if home.hostname == "github.com":
        place = f"{home.path.rstrip('/')}/blob/{course['branch']}/notebooks/{lesson}/{lesson}.ipynb"
        address = html.escape(f"https://colab.research.google.com/github{place}")
        entries.insert(0, f'<a href="{address}">Open in Colab</a>')
    if tried:
        # reset: alone, for each open lesson starts a Python of its own
        address = f"../{EDITION}/lab/index.html?path={lesson}/{lesson}.ipynb&amp;reset"
        entries.insert(0, f'<a href="{address}">Try it here</a>')
    row = "".join(f"<li>{entry}</li>" for entry in entries)
    needs = "NumPy and PyTorch" if "torch" in course["lessons"][lesson]["imports"] else "NumPy alone"
    where = "here in your browser, with nothing to install; " if tried else ""
    where += "in Colab, or " if home.hostname == "github.com" else ""
    kept = (
        "\n\n**Trying it here** fetches Python into your browser, once. What you write stays in this browser; its "
        "toolbar has *Download*, for the notebook that you keep or hand in."
    )
    return (
        f'<ul class="lesson-links">{row}</ul>\n\n'
        f"**Where it runs:** {where}in JupyterLab on your machine ([two commands](../index.md)). What you write "
        f"needs {needs}, and no GPU.{kept if tried else ''}\n\n"
        "This page is for reading: the figures were made by the solutions, which it does not show."
    )
