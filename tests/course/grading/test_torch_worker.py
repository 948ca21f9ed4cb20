"""The judge's torch starts without its compiler; what honest code uses is there all the same."""

import time

import pytest

from cnnlab.course.grading.sandbox import GIB, Limits, NoSandbox, WorkerPool
from cnnlab.course.grading.sandbox_subject import read_answer

pytestmark = pytest.mark.slow
MODEL = """
import torch
from torch import nn
model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5))
x, labels = torch.randn(4, 1, 8, 8), torch.tensor([0, 1, 2, 3])
"""


@pytest.fixture(scope="module")
def worker():
    pytest.importorskip("torch")
    try:
        with WorkerPool(("numpy", "torch"), Limits(memory=8 * GIB), waiting=1) as pool:
            made = pool.take()
            yield made
            made.end()
    except NoSandbox as error:
        pytest.skip(str(error))


def ran(worker, source):
    answer = read_answer(worker.ask({"do": "run", "code": MODEL + source, "seconds": 20.0}, 30), "it")
    assert answer.problem is None, answer.problem
    return answer.printed


@pytest.mark.parametrize("kind", ["SGD(model.parameters(), 0.1, momentum=0.9)", "Adam(model.parameters(), 0.01)"])
def test_an_optimiser_trains_and_does_not_bring_in_the_compiler(worker, kind):
    source = f"""
import sys
before = nn.functional.cross_entropy(model(x), labels)
optimiser = torch.optim.{kind}
plan = torch.optim.lr_scheduler.StepLR(optimiser, 1)
for _ in range(5):
    optimiser.zero_grad()
    nn.functional.cross_entropy(model(x), labels).backward()
    optimiser.step()
plan.step()
print(bool(nn.functional.cross_entropy(model(x), labels) < before), "torch._dynamo.eval_frame" in sys.modules)
"""
    started = time.monotonic()
    assert ran(worker, source).split() == ["True", "False"]
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "source",
    [
        "print(torch.randperm(3, generator=torch.Generator().manual_seed(0)).shape)",
        "from torch.utils.data import DataLoader, TensorDataset\n"
        "for images, _ in DataLoader(TensorDataset(x, labels), batch_size=3, shuffle=True): print(images.shape)",
        "from torch.distributions import Normal\nprint(Normal(0.0, 1.0).sample().shape)",
        "copy = __import__('copy').deepcopy(model)\ncopy.load_state_dict(model.state_dict())",
        "torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)",
        "print(torch.func.functional_call(model, dict(model.named_parameters()), (x,)).shape)",
        "print(torch.func.grad(lambda x: model.eval()(x).sum())(x).shape)",
        "print(torch.func.jacrev(lambda x: x**2)(torch.ones(3)), torch.func.hessian(torch.sum)(torch.ones(3)))",
        "from cnnlab.device import best_device\nassert x.to(best_device()) is x",
        "@torch.compile\ndef double(x):\n    return 2 * x\nassert double(3) == 6",
        "model.compile()\nassert torch.compile(model, mode='reduce-overhead')(x).shape == (4, 5)",
        "torch.use_deterministic_algorithms(True)",
        "with torch.profiler.profile():\n    model(x)",
        "from torch.utils.checkpoint import checkpoint\ncheckpoint(model, x, use_reentrant=False).sum().backward()",
    ],
)
def test_what_a_lesson_may_use_is_there(worker, source):
    ran(worker, source)


def test_tensors_without_data_come_when_a_cell_speaks_of_them(worker):
    source = "\nwith torch.device('meta'):\n    print(nn.Conv2d(3, 96, 11, 4)(torch.empty(1, 3, 227, 227)).shape)"
    assert "[1, 96, 55, 55]" in ran(worker, source)
