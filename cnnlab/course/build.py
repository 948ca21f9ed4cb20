"""`cnnlab build`: masters become solution notebooks, and these the learner's; only what changed, all or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from cnnlab.course import leaks, master
from cnnlab.course.assemble import assemble, content_key, lines, text
from cnnlab.course.execute import SECONDS, Timing, cell_name, execute
from cnnlab.course.folder import Folder
from cnnlab.course.problems import Problems, Refused
from cnnlab.course.via_nbgrader import released_text
from cnnlab.files import write_whole
from cnnlab.settings import Trouble

LARGEST = 5_000_000  # bytes of a committed notebook, above which the build says so


@dataclass
class BuildReport:
    """What a build did: lessons that were built and those that were as they should be, times, notes to read."""

    built: list[str] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    timings: dict[str, Timing] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """What a person reads: a line for each lesson, slow cells below it, notes last."""
        told = []
        for lesson in self.built:
            timing = self.timings[lesson]
            told.append(f"{lesson}: built, runs in {timing.total:.1f} s")
            told += [f"  {name} takes {took:.1f} s" for name, took in timing.slow().items()]
        told += [f"{lesson}: nothing to do" for lesson in self.current]
        return told + [f"note: {note}" for note in self.notes]


def build(
    course: Folder,
    lessons: Sequence[str] = (),
    force: bool = False,
    declared: Callable[[str], Sequence] | None = None,
) -> BuildReport:
    """Build these lessons (by default all that have a master) where their masters changed, or all with `force`.

    lessons: names as a person says them ("01"). `declared` gives a lesson's exercises, by default those of
    cnnlab.check. Every master is read before the first is run. Raises Trouble for an unknown lesson and for a leak,
    Refused for a master that can not be built or run; what was built before that stays, whole.
    """
    report = BuildReport(notes=leftovers(course))
    chosen = [course.lesson(name) for name in lessons] or with_masters(course)
    masters = {lesson: read(course, lesson, declared) for lesson in chosen}
    for lesson, read_master in masters.items():
        if not force and is_current(course, lesson, read_master):
            report.current.append(lesson)
        else:
            _build_one(course, read_master, report)
    return report


def with_masters(course: Folder) -> list[str]:
    """The lessons of course.toml whose masters are there, in order."""
    return [lesson for lesson in course.lessons if course.master(lesson).exists()]


def read(course: Folder, lesson: str, declared: Callable[[str], Sequence] | None = None) -> master.Master:
    """The master of a lesson. Raises Trouble where there is none, Refused where it can not be built."""
    if not course.master(lesson).exists():
        raise Trouble(f"{lesson} has no master.", f"Write {course.shown(course.master(lesson))}.")
    return master.read(course.master(lesson), (declared or master.declared)(lesson), course.root)


def is_current(course: Folder, lesson: str, read_master: master.Master) -> bool:
    """Whether both notebooks are what this master builds, as far as sources and metadata say."""
    key = content_key(read_master.text, lesson, course.toml)
    committed = notebook_at(course.solution(lesson))
    if committed is None or committed.metadata.get("cnnlab", {}).get("built_from") != key:
        return False
    return not differences(course, read_master)


def _build_one(course: Folder, read_master: master.Master, report: BuildReport) -> None:
    lesson, at = read_master.lesson, lines(read_master)
    notebook, problems = assemble(read_master, course.toml), Problems()
    limits = course.toml["lessons"][lesson]
    timing = execute(notebook, at, problems, limits)
    if problems:
        raise Refused(read_master.path, problems, course.root)
    solution = text(notebook)
    release = released_text(solution, lesson, course.root)
    _refuse_leaks(course, read_master, leaks.in_release(nbformat.reads(release, as_version=4), notebook))
    write_whole(course.solution(lesson), solution, mode=0o600)
    write_whole(course.release(lesson), release)
    report.built.append(lesson)
    report.timings[lesson] = timing
    report.notes += _remarks(lesson, notebook, solution, timing, limits)


def _remarks(lesson: str, notebook: NotebookNode, solution: str, timing: Timing, limits: dict) -> list[str]:
    seconds = limits.get("seconds", SECONDS)
    notes = []
    if timing.total > seconds:
        notes.append(f"{lesson} takes {timing.total:.0f} s to run; {seconds:g} s is its limit")
    if len(solution) > LARGEST:
        notes.append(f"{lesson}'s solution notebook is {len(solution) / 1e6:.1f} MB; show less, or smaller pictures")
    for cell in notebook.cells:
        if any(o.output_type == "stream" and o.name == "stderr" for o in cell.get("outputs", [])):
            notes.append(f"{lesson}: {cell_name(cell)} writes to stderr")
    return notes


def _refuse_leaks(course: Folder, read_master: master.Master, found: list[str]) -> None:
    if found:
        name = course.shown(read_master.path)
        raise Trouble(
            "\n".join(f"{name}: would leak {leak}" for leak in found), "Say it otherwise where learners read."
        )


def notebook_at(path: Path) -> NotebookNode | None:
    """The notebook in a file; None where there is none that can be read."""
    try:
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, nbformat.reader.NotJSONError, nbformat.ValidationError):
        return None


def bare(notebook: NotebookNode) -> dict:
    """Sources and metadata alone: what a rebuild must give again. Outputs are for nbval."""
    cells = [
        {"id": c.get("id"), "type": c.cell_type, "source": c.source, "metadata": c.metadata} for c in notebook.cells
    ]
    return {"metadata": notebook.metadata, "cells": cells}


def differences(course: Folder, read_master: master.Master) -> list[str]:
    """What a rebuild of this lesson would change in solutions/ and notebooks/, without running it.

    Raises Trouble where nbgrader can not make the release.
    """
    lesson = read_master.lesson
    fresh = assemble(read_master, course.toml)
    found = _compare(course.shown(course.solution(lesson)), bare(fresh), notebook_at(course.solution(lesson)))
    release = released_text(text(fresh), lesson, course.root)
    path = course.release(lesson)
    committed = notebook_at(path)
    found += _compare(course.shown(path), bare(nbformat.reads(release, as_version=4)), committed)
    if not found and path.read_bytes().replace(b"\r\n", b"\n") != release.encode(
        "utf-8"
    ):  # an editor's line ends may be
        found.append(f"{course.shown(path)}: its file differs from what nbgrader writes (outputs, or its layout)")
    return found


def _compare(name: str, fresh: dict, committed: NotebookNode | None) -> list[str]:
    if committed is None:
        return [f"{name}: missing, or not a notebook"]
    there = bare(committed)
    found = []
    if there["metadata"] != fresh["metadata"]:
        keys = sorted(
            k for k in {*there["metadata"], *fresh["metadata"]} if there["metadata"].get(k) != fresh["metadata"].get(k)
        )
        found.append(f"{name}: the notebook's metadata differ ({', '.join(keys)})")
    ours, theirs = [c["id"] for c in fresh["cells"]], [c["id"] for c in there["cells"]]
    found += [f"{name}: the cell {id} is not there" for id in ours if id not in theirs]
    found += [f"{name}: the cell {id} comes from no master" for id in theirs if id not in ours]
    if not found and ours != theirs:
        found.append(f"{name}: the cells stand in another order")
    known = {cell["id"]: cell for cell in there["cells"]}
    for cell in fresh["cells"]:
        other = known.get(cell["id"], cell)
        parts = [part for part in ("type", "source", "metadata") if cell[part] != other[part]]
        if parts:
            found.append(f"{name}: the cell {cell['id']} differs in its {' and '.join(parts)}")
    return found


def drift(course: Folder, lessons: Sequence[str] = (), declared: Callable | None = None) -> list[str]:
    """What `build` would change, a sentence each; empty on a clean tree. Raises as `build` does."""
    chosen = [course.lesson(name) for name in lessons] or with_masters(course)
    found = [line for lesson in chosen for line in differences(course, read(course, lesson, declared))]
    return found + ([] if lessons else leftovers(course))


def leftovers(course: Folder) -> list[str]:
    """Lessons that are no more, and files beside the notebooks that do not belong there."""
    found = []
    for room in ("solutions", "notebooks"):
        folder = course.root / room
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            if path.name.startswith("."):
                continue
            if path.name not in course.lessons:
                found.append(f"{course.shown(path)} belongs to no lesson of course.toml: remove it, or enter it there")
                continue
            if room == "notebooks" and not course.master(path.name).exists():
                found.append(f"{course.shown(path)} has no master in solutions/: remove it")
            ours = {f"{path.name}.ipynb"} | ({f"{path.name}.md"} if room == "solutions" else set())
            for one in sorted(path.iterdir()):
                if one.name not in ours and not one.name.startswith("."):
                    found.append(f"{course.shown(one)} is no part of the lesson: remove it, or it would be released")
    return found


def find_leaks(course: Folder, lessons: Sequence[str] = ()) -> list[str]:
    """The leaks in the notebooks/ of these lessons (by default all that have a master), a sentence each."""
    found = []
    for lesson in [course.lesson(name) for name in lessons] or with_masters(course):
        solution, folder = notebook_at(course.solution(lesson)), course.release(lesson).parent
        if solution is None or not folder.is_dir():
            found.append(f"{lesson}: not built yet")
        else:
            found += [f"{lesson}: {leak}" for leak in leaks.in_folder(folder, lesson, solution)]
    return found
