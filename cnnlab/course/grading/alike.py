"""Submissions whose code is nearly the same: a hint for a person, who looks and decides; never a verdict.

Code is compared as tokens without comments and docstrings, names numbered in order of appearance, so that renaming
hides nothing; what the release gave is left out. Overlapping runs of tokens (shingles) are hashed; two submissions are
alike when they share most of them and some that few others have.
"""

from __future__ import annotations

import hashlib
import io
import keyword
import token
import tokenize
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

RUN = 7  # tokens in a shingle
ENOUGH = 25  # shingles, below which short answers to short questions are the same by nature
RARE = 30  # submissions that may share a shingle which still counts as rare
NEAR = 0.85
MOST_WORDS = 20_000  # of a submission's code; more is nobody's solution
LAYOUT = {token.NEWLINE, token.NL, token.INDENT, token.DEDENT, token.COMMENT, token.ENDMARKER, token.ENCODING}


@dataclass(frozen=True)
class Alike:
    """Students whose code is the same (share = 1) or nearly so, and the share of runs of tokens in common."""

    students: tuple[str, ...]
    share: float


def alike(codes: Mapping[str, list[str]], stubs: list[str]) -> list[Alike]:
    """Groups of the same code, then pairs of nearly the same, the largest first. `codes`: solution cells by student."""
    given = set().union(*(shingles(stub) for stub in stubs)) if stubs else set()
    runs = {student: _runs(cells) - given for student, cells in codes.items()}
    runs = {student: found for student, found in runs.items() if len(found) >= ENOUGH}
    same: dict[frozenset, list[str]] = defaultdict(list)
    for student, found in runs.items():
        same[frozenset(found)].append(student)
    groups = [Alike(tuple(sorted(group)), 1.0) for group in same.values() if len(group) > 1]
    return sorted(groups, key=lambda g: (-len(g.students), g.students)) + _pairs(same)


def _pairs(same: Mapping[frozenset, list[str]]) -> list[Alike]:
    """Pairs of groups, one of each named, that share much and something rare."""
    first = {min(group): found for found, group in same.items()}
    where: dict[int, list[str]] = defaultdict(list)
    for student, found in first.items():
        for run in found:
            where[run].append(student)
    together: Counter = Counter()
    for students in where.values():
        if 1 < len(students) <= RARE:
            together.update(combinations(sorted(students), 2))
    pairs = []
    for (one, other), rare in together.items():
        share = len(first[one] & first[other]) / len(first[one] | first[other])
        if share >= NEAR and rare >= RUN:
            pairs.append(Alike((one, other), share))
    return sorted(pairs, key=lambda pair: (-pair.share, pair.students))


def _runs(cells: list[str]) -> set[int]:
    found: set[int] = set()
    for cell in cells:
        if len(found) < MOST_WORDS:
            found |= shingles(cell)
    return found


def shingles(source: str) -> set[int]:
    """Hashes of all runs of RUN tokens."""
    words = words_of(source)
    runs = (" ".join(words[k : k + RUN]) for k in range(max(0, len(words) - RUN + 1)))
    return {int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest()) for run in runs}


def words_of(source: str) -> list[str]:
    """The tokens of a cell, as far as they can be read; names become n0, n1, … in order of appearance."""
    names: dict[str, str] = {}
    words: list[str] = []
    last = token.NEWLINE
    try:
        for kind, text, *_ in tokenize.generate_tokens(io.StringIO(source).readline):
            if kind == token.STRING and last in (token.NEWLINE, token.INDENT, token.NL, token.COMMENT, token.DEDENT):
                continue  # a docstring
            last = kind
            if kind in LAYOUT:
                continue
            if kind == token.NAME and not keyword.iskeyword(text):
                text = names.setdefault(text, f"n{len(names)}")
            words.append("s" if kind == token.STRING else text)
            if len(words) >= MOST_WORDS:
                break
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass  # what came before the trouble counts
    return words
