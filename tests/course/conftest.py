"""A tiny course in a temporary folder: one lesson, two exercises, one short answer."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from cnnlab import check
from cnnlab.check.cases import Case, Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.notebook import NotebookCheck
from cnnlab.course import build
from cnnlab.course.assemble import assemble, text
from cnnlab.course.folder import Folder
from cnnlab.course.grading import apart
from cnnlab.course.via_nbgrader import released_text
from cnnlab.files import write_whole

REPOSITORY = Path(__file__).parents[2]
LESSON = "01_tiny"

TOML = """\
title = "Tiny"
home = "https://github.com/someone/tiny"
branch = "main"

[lessons.01_tiny]
title = "Tiny things"
imports = ["numpy"]
"""

MASTER = '''\
---
title: Tiny things
---

# Tiny things

Two functions, and why.

```python
from types import SimpleNamespace


def judge(name, pairs):
    def run(function, part=None):
        for given, wanted in pairs:
            try:
                got = function(given)
            except NotImplementedError:
                raise AssertionError(f"{name} is not solved yet") from None
            assert got == wanted, f"{name}({given}) gives {got}; {wanted} was expected"
        print(f"passed: {name}")

    return run


check = SimpleNamespace(double=judge("double", [(2, 4)]), square=judge("square", [(3, 9)]))
```

## 1. Doubling

### `double` · difficulty 1/5 · about 2 minutes

```python solution="double"
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    twofold = x + x
    return twofold
    ### END SOLUTION
```

<details><summary>A nudge</summary>

~~~python
1 + 1
~~~
</details>

```python check="double" part="value"
```

### `square` · difficulty 1/5 · about 2 minutes

```python solution="square"
def square(x):
    ### BEGIN SOLUTION
    return x * x * 1
    ### END SOLUTION
```

```python check="square"
```

## 2. A picture

```python figure="stripes" alt="Three stripes, dark to bright."
from IPython.display import HTML, display

display(HTML('<img alt="stripes" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'))
```

```python output="exact"
print("three stripes")
```

Why is a square never negative?

<!-- #region answer="never-negative" points=2 -->
Two factors of the same sign are multiplied, so the product can not fall below zero.

- 2 points: names the equal signs; 1 point: an example only.
<!-- #endregion -->
'''


def part(name: str, points: float) -> SimpleNamespace:
    return SimpleNamespace(name=name, points=points)


EXERCISES = [
    SimpleNamespace(name="double", parts=[part("value", 2)]),
    SimpleNamespace(name="square", parts=[part("value", 3)]),
]


@dataclass
class Tiny:
    """The course, with short ways to its files."""

    course: Folder

    @property
    def root(self) -> Path:
        return self.course.root

    @property
    def master(self) -> Path:
        return self.course.master(LESSON)

    def edit(self, old: str, new: str) -> None:
        text = self.master.read_text(encoding="utf-8")
        assert old in text
        self.master.write_text(text.replace(old, new, 1), encoding="utf-8")

    def declared(self, lesson: str) -> list:
        return EXERCISES


def make_tiny(root: Path) -> Tiny:
    (root / "course.toml").write_text(TOML, encoding="utf-8")
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    tiny = Tiny(Folder(root))
    tiny.master.parent.mkdir(parents=True)
    tiny.master.write_text(MASTER, encoding="utf-8")
    return tiny


def _numbers(*numbers: int) -> object:
    return lambda rng: [Case((number,)) for number in numbers]


JUDGED = [
    Exercise("double", LESSON, [Part("value", 2, _numbers(2, -3), "2 numbers")], [], lambda x: 2 * x),
    Exercise("square", LESSON, [Part("value", 3, _numbers(3, -2), "2 numbers")], [], lambda x: x * x),
]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny course's exercises as the judge knows them, in this process and in those that are forked from it."""
    monkeypatch.setattr(apart, "METHOD", "fork")
    for exercise in JUDGED:
        monkeypatch.setitem(vars(check), exercise.name, NotebookCheck(exercise))


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return make_tiny(tmp_path)


def write_notebooks(tiny: Tiny) -> None:
    """Both notebooks as `build` writes them, but for the outputs: no kernel is started."""
    fresh = text(assemble(build.read(tiny.course, LESSON, tiny.declared), tiny.course.toml))
    write_whole(tiny.course.solution(LESSON), fresh)
    write_whole(tiny.course.release(LESSON), released_text(fresh, LESSON, tiny.root))


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The tiny course with its notebooks (not run); tests only read it."""
    tiny = make_tiny(tmp_path_factory.mktemp("tiny").resolve())
    write_notebooks(tiny)
    return tiny


@pytest.fixture
def built(built_once: Tiny, tmp_path: Path) -> Tiny:
    """A copy of the tiny course with its notebooks, to change."""
    shutil.copytree(built_once.root, tmp_path / "course")
    return Tiny(Folder((tmp_path / "course").resolve()))
