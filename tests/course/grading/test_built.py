"""In the sandbox, of what the lessons built, those alone are there that the lesson's list names."""

import pytest

from cnnlab.course.grading.sandbox import NoSandbox, WorkerPool

USES = """
import numpy as np
from cnnlab.built.{module} import {name}
result = {name}(np.ones((1, 1, 4, 4)), {rest})
assert isinstance(result, np.ndarray), type(result)
"""


@pytest.fixture(scope="module")
def worker():
    try:
        with WorkerPool(("numpy", "cnnlab.built.lesson_02"), waiting=1) as pool:
            taken = pool.take()
            yield taken
            taken.end()
    except NoSandbox as error:
        pytest.skip(str(error))


def trouble(worker, source):
    return worker.ask({"do": "run", "code": source, "seconds": 5.0}, 10).get("trouble")


def test_what_the_list_names_is_there(worker):
    assert trouble(worker, USES.format(module="lesson_02", name="conv2d", rest="np.ones((1, 1, 2, 2))")) is None


@pytest.mark.parametrize("module", ["lesson_03", "lesson_04"])
def test_what_it_does_not_name_does_nothing(worker, module):
    found = trouble(worker, USES.format(module=module, name="max_pool2d", rest="2"))
    assert found["error"] == "AssertionError"


def test_no_check_lies_beside_it(worker):
    found = trouble(worker, "import os, cnnlab\nraise ValueError(sorted(os.listdir(cnnlab.__path__[0])))")
    assert set(eval(found["message"])) <= {"__init__.py", "built", "check", "data", "device.py", "layers.py"}
