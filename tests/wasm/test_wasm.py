"""Lessons 00 to 05 in a browser's Python, run by node: verdicts and names are the same, and no loop is endless."""

import hashlib
import json
import os
import random

import pytest

from cnnlab.check import exercise
from cnnlab.data import digits, photograph
from tests.check import right
from tests.wasm import pyodide, rows

EACH = 2  # of each exercise's mistakes, drawn anew in every run; bench/browser_matrix.py compares them all
WHOLE_NUMBERS = ("count_parameters_dense", "count_parameters_conv", "conv2d")  # which have 32 bits there
PROGRAM = """\
import hashlib, json
from cnnlab.data import digits, photograph
from tests.check import stubborn
from tests.wasm import rows

asked, answers = json.loads(open("/here/asked.json").read())
rows.write("/here/rows.json", asked)
pictures = digits("test")[0].tobytes() + photograph("china", size=(96, 144), grey=True).tobytes()
told = [rows.refused(answers), stubborn.differing(), stubborn.interrupted(), hashlib.sha256(pictures).hexdigest()]
print(json.dumps(told))
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_checks_say_there_what_they_say_here_and_no_loop_is_endless(tmp_path):
    seed = int(os.environ.get("CNNLAB_SEED", random.randrange(10_000)))
    draw = random.Random(seed)
    asked = {name: draw.sample(range(count), min(EACH, count)) for name, count in rows.numbers().items()}
    asked["sigmoid"] = [*{*asked["sigmoid"], 0, 2}]  # those that NumPy alone does not see there
    ways = {name: len(right.answers(exercise(name))) for name in asked}
    answers = {name: [*range(n)] if name in WHOLE_NUMBERS else [draw.randrange(n)] for name, n in ways.items()}
    (tmp_path / "asked.json").write_text(json.dumps([asked, answers]))
    try:
        told = pyodide.run(PROGRAM, tmp_path)
    except pyodide.NotHere as reason:
        pytest.skip(f"nothing can be run in WebAssembly: {reason}")
    there = json.loads((tmp_path / "rows.json").read_text())
    for name, wanted in asked.items():
        assert there[name] == [rows.row(name, number) for number in wanted], f"CNNLAB_SEED={seed} draws them again"
    refused, differing, interrupted, pictures = json.loads(told.splitlines()[-1])
    assert refused == []
    assert differing == []
    assert interrupted
    here = digits("test")[0].tobytes() + photograph("china", size=(96, 144), grey=True).tobytes()
    assert pictures == hashlib.sha256(here).hexdigest()
