"""The command `cnnlab`. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cnnlab import __version__
from cnnlab.settings import Trouble, root, said_of

if TYPE_CHECKING:
    from cnnlab.check.riddles import Riddle

ABOUT = "A course on convolutional networks, in JupyterLab."
app = typer.Typer(help=ABOUT, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def _course() -> Path:
    """The course's folder; where cnnlab itself lies in another course, that is said."""
    found = root()
    if line := said_of(found):
        typer.echo(line, err=True)
    return found


@app.command()
def lab(
    port: int = typer.Option(8888, help="The port to try first."),
    browser: bool = typer.Option(True, "--browser/--no-browser", help="Open the browser by itself."),
) -> None:
    """Put the lessons into work/; open JupyterLab where you left off."""
    from cnnlab import lab, progress, workspace

    course = _course()
    for line in workspace.fill(course).lines():
        typer.echo(line)
    free = lab.free_port(port)
    if free != port:
        typer.echo(f"Port {port} is taken; using {free}.")
    standing = progress.standing(course)
    if standing.passed:
        typer.echo(standing.says_next())
    upcoming = standing.next()
    typer.echo("JupyterLab is starting; Ctrl-C here stops it.")
    raise typer.Exit(lab.start(course, free, browser, upcoming.lesson if upcoming else ""))


@app.command()
def progress(
    delete: bool = typer.Option(False, "--delete", help="Delete the log of what you did; your notebooks stay."),
) -> None:
    """How far you are, from a log that stays on this machine."""
    from cnnlab import logbook, progress

    course = _course()
    path = progress.place_of(course) / logbook.NAME
    shown = path.relative_to(course) if path.is_relative_to(course) else path
    if delete:
        try:
            path.unlink()
            typer.echo(f"Deleted: {shown}")
        except FileNotFoundError:
            typer.echo(f"There is no log: {shown}")
        except OSError as error:
            raise Trouble(
                f"I cannot delete {shown}: {error.strerror}.", f"See whose it is with `ls -l {shown}`."
            ) from None
        return
    found = progress.standing(course)
    for line in [*found.lines(), "", found.says_next()]:
        typer.echo(line)
    if found.mistakes:
        typer.echo(f"Mistakes met so far: {len(found.mistakes)}. `cnnlab review` asks about them.")
    if said := logbook.said_of(path.parent):
        typer.echo(said)
    if not path.is_file():
        typer.echo(f"There is no log yet: {shown} comes with the first check that runs in work/.")
        typer.echo("Was that folder moved? CNNLAB_PROGRESS=FOLDER names the one that your log is in now.")
        return
    size = path.stat().st_size
    typer.echo(f"The log: {shown}, {size:,} bytes, on this machine alone; `cnnlab progress --delete` deletes it.")


@app.command()
def review(
    now: bool = typer.Option(False, "--now", help="Ask about mistakes that are not due yet, too."),
    album: bool = typer.Option(False, "--album", help="Show all that you met instead, with the case of each."),
    most: int = typer.Option(5, "--most", min=1, help="So many questions at most."),
) -> None:
    """Questions about mistakes that you met: which one is it, and which line mends it?"""
    import datetime

    import numpy as np

    from cnnlab import logbook, progress
    from cnnlab import review as reviewing

    place = progress.place_of(_course())
    cards = reviewing.album(logbook.entries(place))
    if said := logbook.said_of(place):
        typer.echo(said)
    if not cards:
        typer.echo("Your album is empty: it keeps each mistake that a check in work/ calls by its name.")
        return
    if album:
        for card in cards:
            times = "once" if card.times == 1 else f"{card.times} times"
            typer.echo(f"--- {card.mistake} ({card.exercise}; met {times}, last {card.last:%Y-%m-%d})\n{card.text}\n")
        return
    time = datetime.datetime.now(datetime.UTC)
    asked = right = 0
    for one in reviewing.session(cards, time, most, np.random.default_rng(), early=now):
        name = one.verdict.exercise.name
        typer.echo(f"\n{one.told('1234')}")
        said = _answer(f"1 to {len(one.names)}, or q to stop", "q")
        if said not in map(str, range(1, len(one.names) + 1)):
            break
        asked += 1
        answer = one.names.index(one.mistake.name) + 1
        known = int(said) == answer
        right += known
        typer.echo(f"Right.\n{one.mistake.says}" if known else f"It is {answer}: {one.answer}")
        entry = {"time": time.isoformat(timespec="seconds"), "exercise": name, "mistake": one.mistake.name}
        try:
            logbook.append(place / logbook.NAME, {**entry, "review": "right" if known else "wrong"})
        except OSError as error:
            typer.echo(f"(Your answer could not be written into the log, so it will come again: {error.strerror}.)")
        _mend(one)
    if asked:
        typer.echo(f"\n{right} of {asked} recognised.")
    cards = reviewing.album(logbook.entries(place))
    told = f"{len(cards)} in your album (`cnnlab review --album` shows them)"
    if coming := reviewing.askable(cards):
        due = any(card.is_due(time) for card in coming)
        ready = "now" if due else f"on {coming[0].due.astimezone():%Y-%m-%d, %H:%M}"
        told += f"; the next question is due {ready} (`cnnlab review --now` asks at once)"
    typer.echo(f"{told}.")


def _answer(question: str, nothing: str) -> str:
    """What is typed; `nothing` for an empty line, and where there is nobody."""
    try:
        return typer.prompt(question, default=nothing, show_default=False).strip()
    except typer.Abort:
        return nothing


def _mend(riddle: Riddle) -> None:
    """Ask for the line that mends a mistake, run it, and say what came of it, until it does or nothing is typed."""
    from cnnlab.check.mending import mending
    from cnnlab.check.report import in_letters

    found = mending(riddle)
    if found is None:
        return
    typer.echo(f"\n{found.asks}")
    while line := _answer("The line, or nothing to go on", ""):
        try:
            verdict = found.judge(line)
        except SyntaxError as error:
            typer.echo(f"That is not an expression: {error.msg}.")
            continue
        if verdict.passed:
            count = "the case" if verdict.cases == 1 else f"all {verdict.cases} cases"
            typer.echo(f"Mended: right in {count} in which the mistake shows.")
            return
        above = verdict.cases == 1 or verdict.failed.case is riddle.verdict.failed.case
        first = "Not yet" if above else "Right in the case above, and not in another one"
        typer.echo("\n".join([f"{first}:", *in_letters(verdict)]))


@app.command()
def reset(lesson: str = typer.Argument(help='"01" or "01_convolution".')) -> None:
    """A fresh copy of one lesson in work/; yours is kept beside it under a dated name."""
    from cnnlab import progress, workspace

    course = _course()
    fresh, kept = workspace.reset(course, lesson)
    for name in kept:
        typer.echo(f"Kept yours as {name}")
    typer.echo(f"Fresh: {', '.join(fresh)}")
    typer.echo("If it is open in JupyterLab: File, Reload Notebook from Disk.")
    if progress.standing(course).count(Path(fresh[0]).parts[1]).done:
        typer.echo("The log stays: what passed counts until its check runs again.")


@app.command()
def compare(lesson: str = typer.Argument(help='"01" or "01_convolution".')) -> None:
    """Your answers of a lesson beside the course's own, those that have passed, as a page in work/."""
    from cnnlab import compared

    page, found = compared.compare(_course(), lesson)
    for pair in found:
        typer.echo(f"{pair.name}: {pair.waits or 'yours beside ours'}")
    typer.echo(f"Open {page} in a browser, or in JupyterLab.")


@app.command()
def doctor() -> None:
    """Look at all that the course needs, and grading; say what to do about what is missing."""
    from cnnlab import doctor

    more = []
    if importlib.util.find_spec("cnnlab.course") and importlib.util.find_spec("cnnlab.course.doctor"):
        from cnnlab.course import doctor as instructors

        more = [instructors.private, instructors.sandbox]
    findings = doctor.findings(start_kernel=True, more=more)
    typer.echo(doctor.table(findings))
    raise typer.Exit(any(found.problem for found in findings))


def _add_development_commands() -> None:
    """In a clone of the repository: test, check, clean (a bundle or a wheel has no tests)."""
    try:
        home = root()
    except Trouble:
        return
    if not (home / "tests").is_dir():
        return

    def python(*arguments: str) -> None:
        # The tests start hundreds of Pythons; each would compile the course anew where compiled files are not kept. And
        # several run at once: torch's threads would only wait for each other.
        ours = {"OMP_NUM_THREADS": "1", **os.environ}
        ours.pop("PYTHONDONTWRITEBYTECODE", None)
        code = subprocess.call([sys.executable, "-m", *arguments], cwd=home, env=ours)
        if code:
            raise typer.Exit(code)

    def style_and_types() -> None:
        python("ruff", "check", ".")
        python("ruff", "format", "--check", ".")
        python("ty", "check", "--python", sys.executable)

    passed_on = typer.Argument(None, help="Passed on to pytest, for example tests/check or -k bias.")

    @app.command(context_settings={"ignore_unknown_options": True})
    def test(arguments: list[str] = passed_on) -> None:
        """Style, types and every test (minutes)."""
        style_and_types()
        python("pytest", "-n", "3", "--dist", "worksteal", *(arguments or []))

    @app.command(context_settings={"ignore_unknown_options": True})
    def check(arguments: list[str] = passed_on) -> None:
        """Style, types and the quick tests (about a minute)."""
        style_and_types()
        python("pytest", "-q", "-n", "2", "--dist", "worksteal", "-m", "not slow and not browser", *(arguments or []))

    @app.command()
    def clean() -> None:
        """Remove what tools left behind; work/, .venv and an instructor's files stay."""
        leftovers = ["dist", "artifacts", "site", ".pytest_cache", ".ruff_cache", ".hypothesis"]
        nested = [p for room in ("cnnlab", "tests", "notebooks", "solutions") for p in (home / room).rglob("*")]
        paths = [home / name for name in leftovers]
        paths += [p for p in nested if p.name in ("__pycache__", ".ipynb_checkpoints")]
        for path in paths:
            shutil.rmtree(path, ignore_errors=True)


def _add_course_commands() -> None:
    """build, release, grade, feedback, bundle, where the instructor's half is installed."""
    if importlib.util.find_spec("cnnlab.course") and importlib.util.find_spec("cnnlab.course.commands"):
        from cnnlab.course import commands

        commands.register(app)


def main() -> None:
    """The console script: troubles are told in two lines, without a traceback; exit code 1."""
    _add_development_commands()
    _add_course_commands()
    try:
        app()
    except Trouble as trouble:
        typer.echo(f"cnnlab: {trouble}", err=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        if (error.name or "cnnlab").startswith("cnnlab"):
            raise
        typer.echo(f"cnnlab: this command needs {error.name}, which is not installed.", err=True)
        typer.echo("`make lab` repairs a clone's environment; elsewhere: pip install 'cnnlab[all]'", err=True)
        sys.exit(1)
