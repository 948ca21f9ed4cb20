"""The README, the docs and the known mistakes as pages: the same Markdown, with links that lead to the site's pages."""

from __future__ import annotations

from cnnlab.course.folder import Folder
from cnnlab.course.links import with_links

GUIDES = ("learner", "instructor", "author")  # the README's order; other pages follow by name
MATRIX = "docs/kill_matrix"


def doc_pages(course: Folder, lessons: list[str]) -> dict[str, str]:
    """The site's Markdown pages, "docs/learner.md" → text: the README is "index.md"; the known mistakes get a list."""
    docs = sorted(path.stem for path in (course.root / "docs").glob("*.md"))
    docs = [name for name in GUIDES if name in docs] + [name for name in docs if name not in GUIDES]
    matrices = sorted(path.name for path in (course.root / MATRIX).glob("*.md"))
    sources = {f"docs/{name}.md": f"docs/{name}.md" for name in docs}
    sources |= {f"{MATRIX}/{name}": f"{MATRIX}/{name}" for name in matrices}
    sources["README.md"] = "index.md"
    targets = sources | {MATRIX: f"{MATRIX}/index.md"}
    targets |= {f"notebooks/{name}/{name}.ipynb": f"lessons/{name}.ipynb" for name in lessons}
    pages = {
        page: with_links((course.root / source).read_text(encoding="utf-8"), source, page, targets, course)
        for source, page in sources.items()
    }
    if matrices:
        pages[f"{MATRIX}/index.md"] = _matrix_list(course, matrices)
        docs.append("kill_matrix/index")
    pages["index.md"] += _contents("Lessons", [_entry(course, name, f"lessons/{name}") for name in lessons])
    pages["index.md"] += _contents("Docs", [f"docs/{name}" for name in docs])
    return pages


def _matrix_list(course: Folder, names: list[str]) -> str:
    lines = ["# Known mistakes", "", "What learners get wrong, lesson by lesson, and whether the checks see it.", ""]
    lines += ["| lesson | what was tried |", "|---|---|"]
    for name in names:
        text = (course.root / MATRIX / name).read_text(encoding="utf-8")
        count = next(line for line in text.splitlines()[1:] if line).partition(". ")[0]
        lines.append(f"| [{_title(course, name.removesuffix('.md'))}]({name}) | {count} |")
    lessons = [name.removesuffix(".md") for name in names]
    return "\n".join(lines) + "\n" + _contents("", [_entry(course, name, name) for name in lessons])


def _title(course: Folder, lesson: str) -> str:
    return f"{lesson[:2]} {course.toml['lessons'][lesson]['title']}"


def _entry(course: Folder, lesson: str, page: str) -> str:
    return f"{_title(course, lesson)} <{page}>"


def _contents(caption: str, pages: list[str]) -> str:
    """A list for the site's navigation, not shown on the page itself."""
    said = f":caption: {caption}\n" if caption else ""
    return f"\n```{{toctree}}\n:hidden:\n{said}\n" + "\n".join(pages) + "\n```\n"
