"""Two kill matrices beside each other: is every known mistake of the first still in the second, and caught?

    .venv/bin/python bench/kill_matrix.py v0.1.0                  the pages of a commit against those of this folder
    .venv/bin/python bench/kill_matrix.py BEFORE AFTER            two folders of pages
    .venv/bin/python bench/kill_matrix.py v0.1.0 --seeds 1 2 3    and every mistake judged again, with these seeds

Prints, for each exercise, how many mistakes there were, how many are left, which are new, which sentences changed.
Exit status 1 where one is gone, is caught no longer in any part, or survives a seed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from cnnlab import check
from cnnlab.course import matrix

PAGES = "docs/kill_matrix"
ROOT = Path(__file__).parents[1]


def pages(where: str) -> dict[str, str]:
    """The pages of a folder or of a commit, by file name."""
    if Path(where).is_dir():
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(Path(where).glob("*.md"))}
    listed = git("ls-tree", "--name-only", where, f"{PAGES}/")
    return {Path(name).name: git("show", f"{where}:{name}") for name in listed.splitlines()}


def git(*arguments: str) -> str:
    return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=True).stdout


def mistakes(found: dict[str, str]) -> dict[str, dict[str, list[str]]]:
    """{exercise: {mistake: [a cell for each part, named, sentence]}}"""
    exercises: dict[str, dict[str, list[str]]] = {}
    for text in found.values():
        name = ""
        for line in text.splitlines():
            if heading := re.match(r"## `(\w+)`", line):
                name = heading[1]
            elif name and line.startswith("| ") and not line.startswith("| mistake |"):
                first, *rest = (cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
                exercises.setdefault(name, {})[first] = rest
    return exercises


def compared(before: dict, after: dict) -> bool:
    """Print what became of each exercise's mistakes; is all well?"""
    fine = True
    for exercise, old in before.items():
        new = after.get(exercise, {})
        gone = [name for name in old if name not in new]
        passes = [name for name in old if name in new and "caught" not in new[name][:-2]]
        reworded = [name for name in old if name in new and new[name][-1] != old[name][-1]]
        added = [name for name in new if name not in old]
        fine = fine and not gone and not passes
        print(f"{exercise:32s} {len(old):4d} before, {len(gone)} gone, {len(passes)} not caught; {len(added)} new, "
              f"{len(reworded)} with another sentence")  # fmt: skip
        for words, names in {"gone": gone, "not caught": passes, "another sentence": reworded}.items():
            print(*(f"    {words}: {name}" for name in names), sep="\n", end="\n" if names else "")
    totals = [sum(map(len, found.values())) for found in (before, after)]
    print(f"{totals[0]} known mistakes before, {totals[1]} after")
    return fine


def caught_with(seeds: list[int]) -> bool:
    """Judge every known mistake with these seeds; do all fall?"""
    alive = [
        f"{exercise.name}: {mistake.name} (seed {seed})"
        for lesson in check.lessons()
        for exercise in check.exercises(lesson)
        for number, mistake in enumerate(exercise.mistakes)
        for seed in seeds
        if matrix.survives(exercise, number, seed)
    ]
    print(f"seeds {', '.join(map(str, seeds))}: {len(alive)} survive", *alive, sep="\n    ")
    return not alive


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("before")
    options.add_argument("after", nargs="?", default=str(ROOT / PAGES))
    options.add_argument("--seeds", nargs="+", type=int, default=[])
    options = options.parse_args()
    fine = compared(mistakes(pages(options.before)), mistakes(pages(options.after)))
    fine = (not options.seeds or caught_with(options.seeds)) and fine
    sys.exit(not fine)


if __name__ == "__main__":
    main()
