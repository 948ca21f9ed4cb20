"""The author's and instructor's commands of `cnnlab`. Each is a plain function first; `register` puts it on the app."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import typer

from cnnlab import settings
from cnnlab.course.folder import Folder
from cnnlab.settings import Trouble

COURSE = typer.Option(None, "--course", help="The course's folder, if it is not the one around you.")
LESSON = typer.Argument(help='"01" or "01_convolution".')
LESSONS = typer.Argument(None, help='"01" or "01_convolution"; all of them if you name none.')
GRADES = typer.Option(None, "--to", help="The file to write; grades.csv, or beside the platform's file.")
ONE_LESSON = typer.Argument(None, help='"01" or "01_convolution"; the whole course if you name none.')
GRADEBOOK = typer.Argument(None, help="The gradebook as you downloaded it from the platform.")
PLATFORM = typer.Option(None, "--for", help="canvas, moodle or blackboard: whose gradebook it is.")
COLUMN = typer.Option("", "--column", help="The title of the column for the points, or its number.")
WHO = typer.Option("", "--who", help="The title of the column that says who somebody is.")
COMMENT = typer.Option("", "--comment", help="The title of the column for words to the learner.")
ZIP = typer.Option(None, "--to", help="The zip file to write; by default in dist/.")
SITE = typer.Argument(None, metavar="[FOLDER]", help="Where to write it; by default site/.")
PYODIDE = typer.Option(None, "--pyodide", help="A folder with Pyodide, to be served with the site.")
STUDENTS = typer.Option([], "--student", help="Grade this student alone; may be given several times.")
WORKERS = typer.Option(None, "--workers", min=1, help="Judging processes; as many as there are cores.")
SCHEDULER = typer.Option(None, "--scheduler", help="Judge on a dask.distributed cluster: tcp://HOST:8786")
NO_SANDBOX = typer.Option(False, "--no-sandbox", help="Run submitted code unlocked. Only for code you trust.")
DOWNLOADS = typer.Argument(help="A folder or zip file of downloads from Moodle, Canvas or another system.")
STUDENT_LIST = typer.Option(None, "--students", help="CSV with the columns student_id and name or email.")
PATTERN = typer.Option(None, "--pattern", help="Regular expression with (?P<student_id>…), as nbgrader zip_collect's.")
STUDENT = typer.Argument(help="The student's name in submitted/.")
SOMEBODY = typer.Argument(help="Names in submitted/; of learners who handed in nothing yet, too.")
SOME_LESSON = typer.Argument(help='"01" or "01_convolution", or "all" of them.')
WHEN = typer.Argument(None, help='"2026-11-10 23:59 +0100", or never; without it nothing is changed.')
EXERCISE = typer.Argument(None, help="The exercise's name; all that failed if you name none.")

UNLOCKED = (
    "WARNING: --no-sandbox. The submitted code runs as you: it can read and change your files, use your network and "
    "write its own points. Use it for code that you trust like your own."
)


def folder(course: Path | None) -> Folder:
    """The course in this folder, by default the one around the current folder. Raises Trouble where there is none."""
    found = (course or settings.root()).resolve()
    if course is None and (line := settings.said_of(found)):
        typer.echo(line, err=True)
    return Folder(found)


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


def matrix(lessons: list[str] = LESSONS, course: Path = COURSE) -> None:
    """Write docs/kill_matrix/: is every known mistake caught?"""
    from cnnlab.course import matrix as pages

    here = folder(course)
    names = [here.lesson(lesson) for lesson in lessons or []]
    for path in pages.write_pages(here.root / "docs" / "kill_matrix", names):
        typer.echo(f"written: {here.shown(path)}")


def release(lesson: str = LESSON, course: Path = COURSE) -> None:
    """Write a lesson's learner's notebook; enter it in the gradebook."""
    from cnnlab.course import rounds

    here = folder(course)
    name = here.lesson(lesson)
    typer.echo(f"released: {here.shown(rounds.release_lesson(here, name, typer.echo))}")


def feedback(lesson: str = LESSON, course: Path = COURSE) -> None:
    """Write a page of points and messages for every learner."""
    from cnnlab.course import rounds

    here = folder(course)
    for path in rounds.feedback(here, here.lesson(lesson)):
        typer.echo(f"written: {here.shown(path)}")


def export(
    lesson: str = ONE_LESSON,
    gradebook: Path = GRADEBOOK,
    platform: str = PLATFORM,
    students: Path = STUDENT_LIST,
    column: str = COLUMN,
    who: str = WHO,
    comment: str = COMMENT,
    comments: bool = typer.Option(True, "--comments/--no-comments", help="Words to the learners, where it takes any."),
    scale: bool = typer.Option(False, "--scale", help="Convert points where the platform has more or fewer."),
    waiting: bool = typer.Option(False, "--waiting", help="Fill in those with answers not graded by hand yet, too."),
    over: bool = typer.Option(False, "--over", help="Write over the platform's file."),
    to: Path = GRADES,
    course: Path = COURSE,
) -> None:
    """All points as CSV; or a lesson's into a platform's gradebook.

    With LESSON, GRADEBOOK and --for: the file that you downloaded from Canvas, Moodle or Blackboard is filled in and
    written beside it, ready to be uploaded. Exit status 1 where somebody's points have no cell.
    """
    from cnnlab.course import rounds

    here = folder(course)
    if lesson is None and platform is None:
        path = to or Path("grades.csv")
        path = path if path.is_absolute() else here.root / path
        typer.echo(f"written: {here.shown(rounds.export(here, path))}")
        return
    if lesson is None or gradebook is None or platform is None:
        raise Trouble(
            "To fill in a platform's gradebook I need the lesson, the file and the platform.",
            "For example: cnnlab export 01 gradebook.csv --for canvas",
        )
    from cnnlab.course.grading import fill_in

    options = fill_in.Options(column, who, comment, scale, waiting, comments)
    to = gradebook if over else to
    path, filled = fill_in.export(here, here.lesson(lesson), platform, gradebook, students, to, options)
    for line in filled.lines():
        typer.echo(line)
    typer.echo(f"written: {here.shown(path)}")
    if filled.left_out:
        raise typer.Exit(1)


def bundle(to: Path = ZIP, course: Path = COURSE) -> None:
    """Write the learner's half, without solutions, as a zip file."""
    from cnnlab.course import bundle as bundling

    here = folder(course)
    path = bundling.write_bundle(here, to.resolve() if to else None)
    typer.echo(f"written: {here.shown(path)} ({path.stat().st_size / 1e6:.1f} MB)")


def site(to: Path = SITE, pyodide: Path = PYODIDE, course: Path = COURSE) -> None:
    """Write the web site: lessons to read and to try, docs, search."""
    from cnnlab.course.site import build as sites

    here = folder(course)
    written = sites.write_site(here, to.resolve() if to else None, pyodide=pyodide.resolve() if pyodide else None)
    if written.missing:
        typer.echo(f"{pyodide} lacks {', '.join(written.missing)}: what needs it does not run in the browser edition.")
    typer.echo(f"written: {here.shown(written.folder)} ({written.files} files, {written.bytes / 1e6:.1f} MB)")


def collect(
    downloads: Path = DOWNLOADS,
    lesson: str = LESSON,
    students: Path = STUDENT_LIST,
    pattern: str = PATTERN,
    course: Path = COURSE,
) -> None:
    """Put downloads from a learning platform into submitted/."""
    from cnnlab.course.grading import collect as collecting

    here = folder(course)
    found = collecting.collect(here, here.lesson(lesson), downloads, students, pattern)
    for line in found.lines():
        typer.echo(line)
    if not found.taken and not found.kept:
        raise typer.Exit(1)


def grade(
    lesson: str = LESSON,
    student: list[str] = STUDENTS,
    again: bool = typer.Option(False, "--again", help="Grade what has been graded before, too."),
    workers: int = WORKERS,
    scheduler: str = SCHEDULER,
    no_sandbox: bool = NO_SANDBOX,
    course: Path = COURSE,
) -> None:
    """Grade what lies in submitted/STUDENT/LESSON, many at once."""
    from cnnlab.course.grading import beforehand

    here = folder(course)
    name = here.lesson(lesson)
    if scheduler is None:
        beforehand.begin(name, here.toml["lessons"].get(name, {}).get("imports") or ())
    from cnnlab.course import rounds

    if no_sandbox:
        typer.secho(UNLOCKED, err=True, fg="red", bold=True)
    try:
        with progress() as watch:
            summary = rounds.grade(
                here,
                name,
                student,
                again,
                tell=typer.echo,
                workers=workers,
                scheduler=scheduler,
                sandbox=not no_sandbox,
                watch=watch,
            )
    except KeyboardInterrupt:
        raise Trouble("Stopped. What was graded is entered.", "The same command again goes on from there.") from None
    for line in summary.lines():
        typer.echo(line)
    if summary.refused or summary.ended or summary.failed:
        raise typer.Exit(1)


@contextmanager
def progress():
    """A bar with the rate and the time left, on a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = None

        def watch(record, done: int, of: int) -> None:
            nonlocal task
            if task is None:
                task = bar.add_task("", total=of, rate="")
            speed = bar.tasks[0].speed
            bar.update(task, completed=done, rate=f"{speed:.1f}/s" if speed else "")

        yield watch


def report(
    lesson: str = ONE_LESSON,
    days: int = typer.Option(None, "--days", min=1, help="Without a lesson: mistakes of the last so many days."),
    course: Path = COURSE,
) -> None:
    """How the class did in a lesson or the course: a page and a table."""
    from cnnlab.course.grading import class_report, course_report

    here = folder(course)
    if lesson is None:
        written = course_report.write_report(here, days)
    else:
        written = class_report.write_report(here, here.lesson(lesson))
    for path in written:
        typer.echo(f"written: {here.shown(path)}")


def replay(
    student: str = STUDENT,
    lesson: str = LESSON,
    exercise: str = EXERCISE,
    no_sandbox: bool = NO_SANDBOX,
    course: Path = COURSE,
) -> None:
    """Judge one exercise again; show the failing case in full."""
    from cnnlab.course.grading import replay as replaying

    here = folder(course)
    if no_sandbox:
        typer.secho(UNLOCKED, err=True, fg="red", bold=True)
    for line in replaying.replay(here, student, here.lesson(lesson), exercise, not no_sandbox):
        typer.echo(line)


def due(lesson: str = ONE_LESSON, when: str = WHEN, course: Path = COURSE) -> None:
    """When a lesson is due, who has extra time, who was late; or set it.

    A time without a zone is UTC. What a late day costs says nbgrader_config.py.
    """
    from cnnlab.course import deadlines

    here = folder(course)
    names = here.lessons if lesson is None else [here.lesson(lesson)]
    for name in names:
        for line in deadlines.set_due(here, name, when) if when else deadlines.said_of(here, name):
            typer.echo(line)


def extra_time(
    lesson: str = SOME_LESSON,
    students: list[str] = SOMEBODY,
    days: float = typer.Option(0, "--days", min=0, help="So many days; 0 takes extra time away."),
    hours: float = typer.Option(0, "--hours", min=0, help="So many hours beside them."),
    course: Path = COURSE,
) -> None:
    """Give learners more time for a lesson, or for all of them.

    The times stand in extra_time.csv, which you may write by hand, too: student_id, lesson, days, hours.
    """
    from datetime import timedelta

    from cnnlab.course import deadlines

    here = folder(course)
    name = lesson if lesson == "all" else here.lesson(lesson)
    for line in deadlines.give_extra_time(here, name, students, timedelta(days=days, hours=hours)):
        typer.echo(line)


COMMANDS = (build, drift, matrix, release, feedback, export, bundle, site, collect, grade, report, replay)
COMMANDS += (due, extra_time)


def register(app: typer.Typer) -> None:
    """Add these commands to the app of cnnlab.cli."""
    for command in COMMANDS:
        app.command()(command)
