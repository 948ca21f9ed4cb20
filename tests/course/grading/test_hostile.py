"""Every attack of the corpus gets what it honestly earns, in its time, leaves nothing behind, and harms nobody."""

import html
import json
import os
import re
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter

from cnnlab.check.exercise import PART_SECONDS
from cnnlab.course.grading.autograded import autograded, released_notebook
from cnnlab.course.grading.judge import Judgement, judge
from cnnlab.course.grading.reader import MOST_BYTES, Submission, read_submission
from cnnlab.course.grading.records import Record
from cnnlab.course.grading.release import Release, load_release
from cnnlab.course.grading.sandbox import Limits, NoSandbox, WorkerPool, innermost
from tests.course.grading.hostile import CANARY, FILE, LEFT_BEHIND, LESSON, MOST, RIGHT, Handed, load, released

LIMITS = Limits(cell_seconds=2, call_seconds=1, cpu_seconds=30, total_seconds=9)
MOST_SECONDS = LIMITS.total_seconds + PART_SECONDS + 5  # a part that has begun is brought to an end
FILLS_THE_JUDGE = 400 << 20  # bytes that grading one attack may add to the judge's process
JUDGES_SECONDS = 10  # of the processor, and of the judge's alone

# In `make check`: one or two attacks of each class; the rest in `make test`.
QUICKLY = """
    skip execution tags, truncated file, a pipe in place of the file, checks replaced, oracle from the stack,
    answers ahead of time, every number for one question, something for the next one, secrets in the environment,
    fork bomb, thread bomb, cases sent away, a giant kernel, an array that equals everything, another byte order,
    a message that raises, control characters, the last answer again, names swapped between calls,
    slots of asynchronous input, locks on what all read, a table of many seeds,
    spaces and no sign, formulas that never end, a picture shown a thousand times, forty six megabytes of bytes,
    forty six megabytes past the copy, a link in place of the folder, a pipe beside,
    what lies under the covers, pages of the image
"""
QUICK = {name.strip() for name in QUICKLY.split(",")}
ATTACKS = [pytest.param(a, id=f"{a.kind}: {a.name}", marks=() if a.name in QUICK else pytest.mark.slow) for a in load()]


class WatchedWorkers(WorkerPool):
    """A pool that remembers its workers' process namespaces, to see whether anybody is left in them. It keeps them
    open: the number of one that has ended goes to the next."""

    seen: list[int]

    def take(self, bare=False):
        worker = super().take(bare)
        self.seen.append(os.open(f"/proc/{innermost(worker.pid)}/ns/pid", os.O_RDONLY))
        return worker

    def forget(self):
        while self.seen:
            os.close(self.seen.pop())

    def namespaces(self):
        return {f"pid:[{os.fstat(fd).st_ino}]" for fd in self.seen}


@dataclass
class Course:
    """A course on disk with what attacks look for: a solution, a gradebook, a secret in the environment."""

    root: Path
    release: Release
    pool: WatchedWorkers

    def grade(self, make, student) -> tuple[Submission, Judgement | None]:
        path = self.root / "submitted" / student / LESSON / FILE
        path.parent.mkdir(parents=True)
        handed = Handed(released())
        make(handed)
        handed.place(path)
        submission = read_submission(path, self.release)
        if submission.refused:
            return submission, None
        return submission, judge(self.release, list(submission.cells), self.pool, CANARY)

    def files(self) -> dict:
        kept = [self.root / "gradebook.db", self.root / "solutions" / LESSON / FILE]
        return {file: file.read_bytes() for file in kept}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    (root / "gradebook.db").write_text(CANARY)
    for folder, make in (("solutions", Handed.right), ("notebooks", lambda nb: None)):
        path = root / folder / LESSON / FILE
        path.parent.mkdir(parents=True)
        handed = Handed(released())
        make(handed)
        handed.cell("count_parameters_dense")["source"] += f"\n# {CANARY}" if folder == "solutions" else ""
        handed.place(path)
    before = os.environ.get("CNNLAB_SECRET")
    os.environ["CNNLAB_SECRET"] = CANARY
    try:
        with WatchedWorkers(("numpy",), LIMITS, waiting=1) as pool:
            pool.seen = []
            yield Course(root, load_release(root / "notebooks" / LESSON / FILE), pool)
    except NoSandbox as error:
        pytest.skip(str(error))
    finally:
        os.environ.pop("CNNLAB_SECRET")
        if before is not None:
            os.environ["CNNLAB_SECRET"] = before


@pytest.fixture(scope="module", autouse=True)
def honest_work_is_graded_exactly_before_and_after(course):
    def exact(student):
        submission, judgement = course.grade(Handed.right, student)
        assert (submission.refused, submission.repairs, judgement.trouble) == (None, (), [])
        assert [part.points for part in judgement.parts] == [1, 1, 2, 2]

    exact("honest-before")
    yield
    exact("honest-after")


def everything_said(submission, judgement):
    said = {"repairs": submission.repairs, "refused": submission.refused}
    return json.dumps(said | ({} if judgement is None else judgement.as_dict()), ensure_ascii=False)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def left_in(namespaces: set[str]) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text()
            if command and os.readlink(process / "ns/pid") in namespaces:  # what has ended has none
                found.append(command)
        except OSError:
            continue
    return found


def left_on_disk(root: Path) -> list[Path]:
    places = [Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/dev"), Path("/"), Path.home(), Path.cwd()]
    beside = [p for place in places for p in place.glob(f"*{LEFT_BEHIND}*")]
    return beside + list(root.rglob(f"*{LEFT_BEHIND}*"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_gets_what_it_honestly_earns(course, attack):
    before = course.files(), threading.active_count(), resident()
    course.pool.forget()
    started = time.monotonic()
    own = time.process_time()
    submission, judgement = course.grade(attack.make, attack.name.replace(" ", "-"))
    record = Record("mallory", LESSON, judgement, submission.repairs, submission.refused)
    released = released_notebook(course.root / "notebooks" / LESSON / FILE)
    written = nbformat.writes(autograded(released, course.release, submission, record))
    own, took = time.process_time() - own, time.monotonic() - started

    assert (judgement.points if judgement else 0) == attack.earns, everything_said(submission, judgement)
    assert took < MOST_SECONDS
    assert own < JUDGES_SECONDS
    assert len(written) < MOST_BYTES
    said = everything_said(submission, judgement)
    assert CANARY not in said
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", said)
    assert not any("<script" in (part.html or "") for part in (judgement.parts if judgement else ()))
    assert not any("failed itself" in sentence for sentence in (judgement.trouble if judgement else ()))
    assert (course.files(), threading.active_count()) == before[:2]
    assert resident() - before[2] < FILLS_THE_JUDGE
    assert left_on_disk(course.root) == []
    end = time.monotonic() + 3
    while (left := left_in(course.pool.namespaces())) and time.monotonic() < end:
        time.sleep(0.05)
    assert left == []


@pytest.mark.slow
@pytest.mark.parametrize("attack", [a for a in load() if a.kind == "markup"], ids=lambda a: a.name)
def test_markup_does_not_reach_the_page_of_whoever_reads(course, attack):
    submission, judgement = course.grade(attack.make, f"page-{attack.name.replace(' ', '-')}")
    record = Record("mallory", LESSON, judgement, submission.repairs)
    notebook = released_notebook(course.root / "notebooks" / LESSON / FILE)
    page, _ = HTMLExporter().from_notebook_node(autograded(notebook, course.release, submission, record))
    body = page[page.index("<body") :]
    for harm in ("<script>fetch", "<img src=x", "<iframe", "<svg xmlns='http", 'href="javascript:', "<x onerror"):
        assert harm not in body
    drawn = html.unescape(re.sub(r"<(pre|code)\b.*?</\1>", "", body, flags=re.DOTALL))
    formulas = re.findall(r"\$[^$]+\$|\\[(\[].+?\\[)\]]|\\begin.+?\\end", drawn, re.DOTALL)
    acts = r"\\(?:href|url|style|class|cssId|require|unicode|bbox|mmlToken|def|let|newcommand|kern|rule|a|b|c)\b"
    assert not any(re.search(acts, formula) for formula in formulas)
    assert "count_parameters_dense" in body


def test_the_corpus_has_attacks_of_every_class():
    kinds = {attack.kind for attack in load()}
    assert len(load()) >= 220
    assert len({attack.name for attack in load()}) == len(load())
    assert kinds >= {"notebook format", "patched libraries", "inspection", "forged frames", "files", "environment"}
    assert kinds >= {
        "processes",
        "network",
        "exhaustion",
        "lying values",
        "exceptions",
        "markup",
        "timing",
        "shared kernel",
        "the judges own time",
        "links and pipes",
        "the image",
    }
    assert {attack.name for attack in load()} >= QUICK


def test_the_right_answers_are_right(course):
    nbformat.validate(nbformat.from_dict(released()))
    assert sum(cell.points for cell in course.release.with_role("check")) == MOST
    assert set(RIGHT) == {cell.grade_id for cell in course.release.with_role("solution")}
