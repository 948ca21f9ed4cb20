"""No table of right answers earns a point: whoever knows them for all public cases is asked others by the secret.

The repository is public, and so are the cases of the notebook and those of any seed that somebody tries. The table here
holds the right answer to all of them, for functions, models and training loops alike; where it is asked something else,
it gives the right answer to the public case that is most like it.
"""

import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check.plain import is_tensor
from cnnlab.check.subject import NotebookSubject
from cnnlab.course.grading.judge import part_seed
from tests.check import right

PUBLIC = 100  # seeds that were tried, besides the notebook's own
SECRETS = ("one secret", "another", "a third")
BY_NATURE = ("alexnet_answers", "diagonal_edge_kernel")  # one answer, whatever is asked; docs/trust.md says so
TRUST = Path(__file__).parents[2] / "docs" / "trust.md"


def holds_arrays(value):
    if isinstance(value, dict):
        return any(map(holds_arrays, value.values()))
    return isinstance(value, np.ndarray) or (isinstance(value, list | tuple) and any(map(holds_arrays, value)))


def at_leisure(exercise, part):
    """Arrays are hardly ever drawn twice; sizes, counts and rates are, and these are tried in `make check` as well."""
    return right.needs_torch(exercise) or any(holds_arrays(case.args) for case in part.cases(np.random.default_rng(0)))


def each_part():
    return [
        pytest.param(
            exercise,
            part,
            id=f"{exercise.name}-{part.name}",
            marks=[pytest.mark.slow] if at_leisure(exercise, part) else [],
        )
        for lesson in check.lessons()
        for exercise in check.exercises(lesson)
        if exercise.name not in BY_NATURE
        for part in exercise.parts
    ]


def key(value, numbers=True):
    """What tells one piece of data from another; of arrays, without `numbers`, the shape and kind alone."""
    if is_tensor(value):
        return "tensor", key(value.numpy(), numbers)
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, hashlib.sha256(value.tobytes()).digest() if numbers else ""
    if isinstance(value, dict):
        return tuple((name, key(one, numbers)) for name, one in value.items())
    if isinstance(value, list | tuple):
        return type(value).__name__, tuple(key(one, numbers) for one in value)
    return getattr(value, "__qualname__", "") or repr(value)  # a function that is differentiated, or a plain value


def asked(case, numbers=True):
    return key(case.args, numbers), key(dict(case.kwargs), numbers), case.results


class Table:
    """An exercise's right answers for public cases, put in the place of what a learner's object would do."""

    def __init__(self, exercise, part, answer):
        self.exercise, self.answer = exercise, answer
        self.known, self.alike, self.all = set(), {}, []
        for seed in (exercise.seed(part), *range(PUBLIC)):
            for case in part.cases(np.random.default_rng(seed)):
                self.known.add(asked(case))
                if case.raises is None:
                    self.alike.setdefault(asked(case, numbers=False), case)
                    self.all.append(case)
        self.hits = Counter()

    def observe(self, subject, case):
        known = asked(case) in self.known
        self.hits[known] += 1
        if not known:
            case = self.alike.get(asked(case, numbers=False), self.all[-1])
        answer = self.exercise.observe(NotebookSubject(self.answer, seconds=None), case.fresh())
        return answer if known else replace(answer, args=())

    def passes(self, part, seed):
        return not replace(self.exercise, observe=self.observe).fails(part, NotebookSubject(self.answer), seed)


@pytest.mark.parametrize(("exercise", "part"), each_part())
def test_a_table_of_public_cases_earns_nothing(exercise, part):
    table = Table(exercise, part, right.answers(exercise)[0])
    assert table.passes(part, exercise.seed(part)), "the table is no table"
    assert table.hits[False] == 0
    assert not any(table.passes(part, part_seed(secret, exercise.name, part.name)) for secret in SECRETS)


@pytest.mark.parametrize("name", BY_NATURE)
def test_what_has_one_answer_by_nature_is_said(name):
    assert f"`{name}`" in TRUST.read_text(encoding="utf-8").partition("## What is not defended")[2]
