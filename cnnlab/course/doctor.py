"""What the doctor looks at for whoever grades: is what is theirs alone closed, and can submitted code be locked in?"""

from __future__ import annotations

import sys

from cnnlab.course.grading.sandbox import NoSandbox, require_bubblewrap
from cnnlab.course.private import open_to_others
from cnnlab.doctor import Finding
from cnnlab.settings import Trouble, root

NOT_HERE = "grading can not lock submitted code in"


def private() -> list[Finding]:
    """What of a course with solutions others on this machine may look into."""
    try:
        here = root()
    except Trouble:
        return []
    if not (here / "solutions").is_dir():
        return []
    found = [
        Finding("private", f"others on this machine may look into {one.says}", one.remedy)
        for one in open_to_others(here)
    ]
    return found or [Finding("private", "solutions, gradebook and secrets are yours alone")]


def sandbox() -> list[Finding]:
    """Whether this machine has what locks submitted code in; a hint, since learners need none of it."""
    if sys.platform != "linux":
        return [
            Finding("sandbox", f"{NOT_HERE}: it needs Linux", "To grade, take a Linux container. Learners need none.")
        ]
    from cnnlab.course.grading.lockdown import missing

    try:
        require_bubblewrap()
    except NoSandbox as error:
        return [Finding("sandbox", f"{NOT_HERE} (learners need it not)", str(error))]
    if lack := missing():
        return [Finding("sandbox", f"{NOT_HERE}: {lack}", "Grade on another machine. Learners need none of it.")]
    return [Finding("sandbox", "submitted code can be locked in (bubblewrap, seccomp)")]
