"""Claims of a lesson: words that stand in its prose, beside code that computes them anew."""

import re

import pytest

NUMBER = re.compile(r"(?<![\w.,·×])\d+(?:,\d{3})+(?![\w,])|(?<![\w.,])\d{3,}(?![\w,])|(?<![\w.])\d+\.\d+(?![\w.])")


def claim(words, computed, expected):
    """One claim: `words` stand in the prose, and `computed`, written out, is `expected` (a part of the words)."""
    assert expected in words, (words, expected)
    return pytest.param(words, computed, expected, id=words[:60])


def count(n):
    return f"{n:,}"


def in_code(master, pattern):
    """The number in the group of a pattern, which fits the cells of a lesson in one place, as the prose writes it."""
    found = {group for _, source in master.cells for group in re.findall(pattern, source)}
    assert len(found) == 1, (pattern, found)
    number = found.pop()
    return count(int(number)) if number.replace("_", "").isdigit() else f"{float(number):f}".rstrip("0")


def unclaimed(master, claims, known=()):
    """Numbers of three digits or more, and decimals, that stand in the prose and in no claim."""
    said = {n for param in claims for n in NUMBER.findall(param.values[0])} | set(known)
    text = re.sub(r"(Exercise|Question|lesson|Lessons?|Bug) \d+(\.\d+)?", "", master.prose)
    text = re.sub(r"`[^`]*`|\b(19|20)\d\d\b", "", text)
    return sorted(set(NUMBER.findall(text)) - said)
