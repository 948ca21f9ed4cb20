"""What was decided, on disk: one record for each student and lesson, and verdicts kept by content.

Everything lies in the instructor's ignored folder `.cnnlab/`: the secret, `records/LESSON/STUDENT.json` and
`cache/DIGEST.json`.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cnnlab.course.grading.judge import Judgement, PartVerdict, SubmittedCell
from cnnlab.course.grading.release import Release
from cnnlab.course.grading.sandbox import Limits
from cnnlab.files import write_whole
from cnnlab.settings import Trouble

RAN_OUT = ("endless", "lost")  # verdicts that another hour, on a calmer machine, may not repeat


@dataclass(frozen=True)
class Record:
    """What became of one submission. Exactly one of `judgement`, `refused` and `failed` is set.

    refused: the sentence for a file that can not be read; ended: that could be, but grading it took too much.
    failed: the grader's own trouble, to be tried again.
    file_digest and key say what was judged and by what; code: the solution cells' digest.
    answered: the short answers that were written, by grade_id. timestamp: when it was handed in, as nbgrader writes it;
    no_time: why that is not known although a file should say it.
    """

    student: str
    lesson: str
    judgement: Judgement | None = None
    repairs: tuple[str, ...] = ()
    refused: str | None = None
    failed: str | None = None
    file_digest: str = ""
    cells_digest: str = ""
    key: str = ""
    answered: tuple[str, ...] = ()
    timestamp: str | None = None
    no_time: str | None = None
    from_cache: bool = False
    seconds: float = 0.0
    ended: bool = False

    @property
    def points(self) -> float:
        """Those of the checks; 0 where nothing was judged."""
        return self.judgement.points if self.judgement else 0.0

    @property
    def parts(self) -> list[PartVerdict]:
        """The verdict on each check cell; none where nothing was judged."""
        return self.judgement.parts if self.judgement else []

    @property
    def ran_out(self) -> bool:
        """Did the time run out somewhere?"""
        unfinished = self.judgement is not None and not self.judgement.final
        return not self.unjudged and (unfinished or any(part.kind in RAN_OUT for part in self.parts))

    @property
    def unjudged(self) -> bool:
        """Did a check fail by itself? Then the next run tries again."""
        return any(part.kind == "unjudged" for part in self.parts)

    def as_json(self) -> str:
        """The text of the record's file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Raises ValueError, KeyError or TypeError for anything that `as_json` would not have written."""
        fields = json.loads(text)
        judged = fields.pop("judgement")
        repairs, answered = (tuple(fields.pop(name)) for name in ("repairs", "answered"))
        judgement = judged and Judgement.from_dict(judged)
        return cls(judgement=judgement, repairs=repairs, answered=answered, **fields)


def instructors_folder(root: Path) -> Path:
    """Where all that is the instructor's own lies: `.cnnlab/` in the course's folder, which git ignores."""
    return root / ".cnnlab"


def record_path(root: Path, lesson: str, student: str) -> Path:
    """Where a student's record lies, or would; `root` is the course's folder, here and below."""
    return instructors_folder(root) / "records" / lesson / f"{student}.json"


def load_record(root: Path, lesson: str, student: str) -> Record | None:
    """The record of one student; None where there is none that can be read."""
    try:
        return Record.from_json(record_path(root, lesson, student).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def load_records(root: Path, lesson: str) -> list[Record]:
    """All records of a lesson, by student."""
    students = sorted(path.stem for path in (instructors_folder(root) / "records" / lesson).glob("*.json"))
    return [found for student in students if (found := load_record(root, lesson, student))]


def save_record(root: Path, record: Record) -> None:
    """Write a record in its place. Raises OSError."""
    write_whole(record_path(root, record.lesson, record.student), record.as_json())


def the_secret(root: Path) -> str:
    """The instructor's secret, from which the seeds are drawn: CNNLAB_SECRET, else `.cnnlab/secret`, made once.

    Raises Trouble where that file is empty, and OSError.
    """
    if os.environ.get("CNNLAB_SECRET"):
        return os.environ["CNNLAB_SECRET"]
    path = instructors_folder(root) / "secret"
    if not path.exists():
        write_whole(path, secrets.token_hex(16) + "\n", mode=0o600, keep_first=True)
    text = path.read_text(encoding="ascii").strip()
    if not text:
        raise Trouble(f"{path} is empty.", "Restore it, or delete it: a new one draws other cases.")
    return text


def judge_key(release: Release, secret: str, limits: Limits) -> str:
    """Names the judge: the same for two runs that decide alike about the same cells."""
    return _digest(repr((release.digest, ingredients(release.imports), secret, repr(limits))))


def ingredients(imports: Sequence[str]) -> dict[str, str]:
    """What decides on a machine, by name: Python, the packages that a lesson uses, and the course's own code.

    Raises Trouble where that code is another on disk than in this process."""
    if (code := _code()) != CODE:
        why = "cnnlab itself was changed since this program was started."
        raise Trouble(why, "Start it again (formgrader: JupyterLab).")
    packages = [package for package in ("numpy", "torch") if package in (*imports, "numpy")]
    found = {"Python": "{}.{}".format(*sys.version_info), **{p: importlib.metadata.version(p) for p in packages}}
    return {**found, "cnnlab": code}


def deciding_files() -> list[Path]:
    """The code that may decide: all of the package, since a check can load any of it, and its templates."""
    package = Path(__file__).parents[2]
    return sorted(path for kind in ("*.py", "*.html", "*.toml") for path in package.rglob(kind))


def cells_digest(cells: Sequence[SubmittedCell]) -> str:
    """Names what is judged: the same for submissions with the same cells."""
    return _digest(repr([(cell.source, cell.grade_id, cell.after) for cell in cells]))


def _digest(data: str | bytes) -> str:
    return hashlib.sha256(data.encode("utf-8", "replace") if isinstance(data, str) else data).hexdigest()


class Verdicts:
    """Judgements kept by what was judged and by whom; never one in which time ran out."""

    def __init__(self, root: Path, key: str):
        self.folder, self.key = instructors_folder(root) / "cache", key

    def _path(self, cells: Sequence[SubmittedCell]) -> Path:
        return self.folder / f"{_digest(self.key + cells_digest(cells))}.json"

    def find(self, cells: Sequence[SubmittedCell]) -> Judgement | None:
        """The judgement that was kept for these cells; None where there is none that can be read."""
        try:
            return Judgement.from_dict(json.loads(self._path(cells).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, cells: Sequence[SubmittedCell], judgement: Judgement) -> None:
        """Keep a judgement for these cells, unless another run might judge otherwise. Raises OSError."""
        if judgement.final and not any(part.kind in RAN_OUT for part in judgement.parts):
            write_whole(self._path(cells), json.dumps(judgement.as_dict(), ensure_ascii=False))


def _code() -> str:
    return _digest("".join(_digest(path.read_bytes()) for path in deciding_files()))[:12]


CODE = _code()  # as this process, and those that are forked from it, have it in memory
