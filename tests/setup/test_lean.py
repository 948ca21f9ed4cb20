"""Lessons 00 to 05 where torch, SciPy, scikit-learn and all that JupyterLab and grading need are not installed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

RUNNER = Path(__file__).with_name("without_the_heavy.py")
ABSENT = ["torch", "torchvision", "scipy", "sklearn", "nbgrader", "nbformat", "nbclient", "jupyterlab"]
ABSENT += ["jupyter_server", "typer", "filelock", "platformdirs", "nh3", "markdown_it", "rich", "distributed", "yaml"]
EXPLORERS = """\
import sys
sys.modules |= dict.fromkeys({absent})
from cnnlab import check, data, widgets
for lesson in ("00", "01", "02", "03", "04", "05"):
    check.exercises(lesson)
data.digits("train"), data.photograph("china", size=(96, 144), grey=True)
for explorer in ("convolution", "usage", "rates", "pooling", "blame"):
    assert len(getattr(widgets, "explore_" + explorer)().view.value) > 1000, explorer
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_lessons_run_without_the_heavy_packages(repository):
    lessons = sorted(repository.glob("solutions/0[0-5]_*/*.ipynb"))
    assert len(lessons) == 6
    call = [sys.executable, RUNNER, ",".join(ABSENT), *lessons]
    run = subprocess.run(call, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.count("passed: ") > 50
    (told,) = re.findall(r"it would print ([\d.]+) and ([\d.]+)\.", run.stdout)
    assert told == _torchs_losses(lessons[4])


def _torchs_losses(notebook):
    """What the one torch cell of lesson 04 printed where torch was."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    text = json.dumps([cell.get("outputs") for cell in cells])
    return re.search(r"logits in: +([\d.]+).*?probabilities in: ([\d.]+)", text).groups()


def test_checks_explorers_and_pictures_need_no_matplotlib_either():
    code = EXPLORERS.format(absent=[*ABSENT, "matplotlib", "PIL"])
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
