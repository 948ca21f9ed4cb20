"""Links of the repository's Markdown, in pages that stand elsewhere: on the site, in the learner's half."""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath

from cnnlab.course.folder import Folder

LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s]+)\)")
FENCE = re.compile(r"^(`{3,}).*?^\1`*\s*?$", re.M | re.S)


def with_links(text: str, source: str, page: str, targets: dict[str, str], course: Folder) -> str:
    """A page's text with links from `page` on: to other pages, to pictures as they are, and home for all else.

    source, page: the file in the repository and the page that it becomes; targets: the same for all others.
    """
    home = f"{course.toml['home']}/blob/{course.toml['branch']}"

    def led(match: re.Match) -> str:
        label, (path, _, anchor) = match[1], match[2].partition("#")
        if not path or re.match(r"[a-z]+:", path):
            return match[0]
        at = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if at in targets or PurePosixPath(at).suffix == ".png":
            to = posixpath.relpath(targets.get(at, at), posixpath.dirname(page) or ".")
        else:
            to = f"{home}/{at}"
        return f"{label}({to}{'#' + anchor if anchor else ''})"

    kept, last = [], 0
    for fence in FENCE.finditer(text):
        kept += [LINK.sub(led, text[last : fence.start()]), fence[0]]
        last = fence.end()
    return "".join([*kept, LINK.sub(led, text[last:])])
