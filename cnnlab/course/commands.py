"""The author's and instructor's commands of `cnnlab`. Each is a plain function first; `register` puts it on the app."""

from __future__ import annotations

from pathlib import Path

import typer

from cnnlab import settings
from cnnlab.course.folder import Folder
from cnnlab.settings import Trouble

COURSE = typer.Option(None, "--course", help="The course's folder, if it is not the one around you.")
LESSON = typer.Argument(help='"01" or "01_convolution".')
LESSONS = typer.Argument(None, help='"01" or "01_convolution"; all of them if you name none.')
GRADES = typer.Option(Path("grades.csv"), "--to", help="The file to write.")
ZIP = typer.Option(None, "--to", help="The zip file to write; by default in dist/.")


def folder(course: Path | None) -> Folder:
    return Folder((course or settings.root()).resolve())


def build(
    lessons: list[str] = LESSONS,
    force: bool = typer.Option(False, "--force", help="Build what has not changed, too."),
    course: Path = COURSE,
) -> None:
    """Make the notebooks from the masters, where these changed."""
    from cnnlab.course import build as building

    report = building.build(folder(course), lessons or (), force)
    for line in report.lines():
        typer.echo(line)


def drift(course: Path = COURSE) -> None:
    """Say what `build` would change, and what leaks; change nothing."""
    from cnnlab.course import build as building

    here = folder(course)
    found = building.drift(here) + [f"leak: {line}" for line in building.find_leaks(here)]
    for line in found:
        typer.echo(line)
    if found:
        raise Trouble(f"{len(found)} found.", "`cnnlab build` makes the notebooks anew.")
    typer.echo("The notebooks are what the masters say, and nothing leaks.")


def matrix(course: Path = COURSE) -> None:
    """Write docs/kill_matrix/: is every known mistake caught?"""
    from cnnlab.course import matrix as pages

    here = folder(course)
    for path in pages.write_pages(here.root / "docs" / "kill_matrix"):
        typer.echo(f"written: {here.shown(path)}")


def release(lesson: str = LESSON, course: Path = COURSE) -> None:
    """Write a lesson's learner's notebook; enter it in the gradebook."""
    from cnnlab.course import rounds

    here = folder(course)
    name = here.lesson(lesson)
    typer.echo(f"released: {here.shown(rounds.release(here, name))}")


def feedback(lesson: str = LESSON, course: Path = COURSE) -> None:
    """Write a page of points and messages for every learner."""
    from cnnlab.course import rounds

    here = folder(course)
    for path in rounds.feedback(here, here.lesson(lesson)):
        typer.echo(f"written: {here.shown(path)}")


def export(
    to: Path = GRADES,
    course: Path = COURSE,
) -> None:
    """Write all points of the gradebook as a CSV table."""
    from cnnlab.course import rounds

    here = folder(course)
    path = to if to.is_absolute() else here.root / to
    typer.echo(f"written: {here.shown(rounds.export(here, path))}")


def bundle(
    to: Path = ZIP,
    course: Path = COURSE,
) -> None:
    """Write the learner's half, without solutions, as a zip file."""
    from cnnlab.course import bundle as bundling

    here = folder(course)
    path = bundling.write_bundle(here, to.resolve() if to else None)
    typer.echo(f"written: {here.shown(path)} ({path.stat().st_size / 1e6:.1f} MB)")


COMMANDS = (build, drift, matrix, release, feedback, export, bundle)


def register(app: typer.Typer) -> None:
    """Add these commands to the app of cnnlab.cli."""
    from cnnlab.course.grading import commands as grading

    for command in COMMANDS:
        app.command()(command)
    grading.register(app)
