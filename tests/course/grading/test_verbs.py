"""Every verb of the Subject, through the pipe: small exercises such as later lessons declare, judged in the sandbox."""

import dataclasses
import textwrap

import numpy as np
import pytest

from cnnlab.check.cases import Case, Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.subject import NotebookSubject
from cnnlab.course.grading.sandbox import GIB, Limits, NoSandbox, WorkerPool
from cnnlab.course.grading.sandbox_subject import SandboxSubject, read_answer


def subject_of(pool, name, source):
    """A worker in which `source` has run, and the Subject of one of its names."""
    worker = pool.take()
    said = read_answer(worker.ask({"do": "run", "code": textwrap.dedent(source), "seconds": 10.0}, 20), "it")
    assert said.problem is None, said.problem
    return worker, SandboxSubject(worker, name, pool.limits)


def verdict(exercise, pool, source):
    """The judge's verdict on a source, which must be the notebook's, too."""
    worker, subject = subject_of(pool, exercise.name, source)
    try:
        judged = exercise.run(exercise.parts[0], subject, 7)
    finally:
        worker.end()
    names = {}
    exec(textwrap.dedent(source), names)
    in_notebook = exercise.run(exercise.parts[0], NotebookSubject(names[exercise.name]), 7)
    assert judged.passed == in_notebook.passed, (judged.failure, in_notebook.failure)
    if not judged.passed:
        assert judged.failure.kind == in_notebook.failure.kind
        assert judged.failure.mistake == in_notebook.failure.mistake
    return judged


asked = []


def _cubes(x):
    asked.append(np.array(x))
    return float(np.sum(x**3))


def one_sided(f, x, h=1e-5):
    gradient, here = np.zeros_like(x), f(x)
    for k in range(x.size):
        moved = x.copy()
        moved.flat[k] += h
        gradient.flat[k] = (f(moved) - here) / h
    return gradient


def central(f, x):
    return 3 * x**2


GRADIENT = Exercise(
    name="numerical_gradient",
    lesson="05_backprop",
    oracle=lambda f, x: 3 * x**2 + 1e-10,
    parts=[Part("values", 2, lambda rng: [Case((_cubes, rng.standard_normal((2, 3))))], tests="sums of cubes")],
    wrong=[("one side only", "Take the difference of both sides.", lambda a: one_sided(a.f, a.x))],
)
CENTRAL = """
    import numpy as np

    def numerical_gradient(f, x, h=1e-5):
        gradient = np.zeros_like(x)
        for k in range(x.size):
            right, left = x.copy(), x.copy()
            right.flat[k] += h
            left.flat[k] -= h
            gradient.flat[k] = (f(right) - f(left)) / (2 * h)
        return gradient
"""


def test_a_callback_is_evaluated_outside_and_sees_which_points_were_asked(pool):
    asked.clear()
    loose = dataclasses.replace(GRADIENT, judge=_close_to_the_gradient)
    assert verdict(loose, pool, CENTRAL).passed
    assert len(asked) >= 12
    assert asked[0].shape == (2, 3)


def _close_to_the_gradient(value, case, expected):
    from cnnlab.check.compare import Difference

    right = 3 * case.args[1] ** 2
    if isinstance(value, np.ndarray) and value.shape == right.shape and np.allclose(value, right, atol=1e-7):
        return None
    return Difference("values", "The gradient is another.", right, value, np.abs(right - value) > 1e-7)


def test_a_mistake_with_a_callback_is_named(pool):
    source = CENTRAL.replace("f(left)", "f(x)").replace("(2 * h)", "h")
    judged = verdict(dataclasses.replace(GRADIENT, judge=_close_to_the_gradient), pool, source)
    assert judged.failure.mistake.name == "one side only"


@pytest.fixture(scope="module")
def torch_pool():
    pytest.importorskip("torch")
    try:
        with WorkerPool(("numpy", "torch"), Limits(memory=8 * GIB, call_seconds=20.0), waiting=1) as made:
            yield made
    except NoSandbox as error:
        pytest.skip(str(error))


def _block_observed(subject, case):
    built = subject.build(*case.args)
    if built.trouble:
        return built
    rng = np.random.default_rng(1)
    x, dout = (rng.standard_normal(shape).astype(np.float32) for shape in ((2, 3, 4, 5), (2, case.args[0], 4, 5)))
    for verb, args in {"fill": (5, x), "mode": (True,), "slopes": (x, dout)}.items():
        step = subject.model(verb, built.value, *args)
        if step.trouble:
            return step
    gradients = np.float32([step.value["x"], *step.value["parameters"]])
    subject.model("mode", built.value, False)
    output = subject.model("forward", built.value, x)
    shapes = subject.model("shapes", built.value).value
    return dataclasses.replace(output, value=(output.value, gradients, [list(shape) for shape in sorted(shapes)]))


def conv_block(channels):
    from torch import nn

    return nn.Sequential(nn.Conv2d(3, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU())


def no_relu(channels):
    return conv_block(channels)[:2]


BLOCK = Exercise(
    name="conv_block",
    bound=False,
    lesson="07_blocks",
    parts=[Part("all", 2, lambda rng: [Case((4,))], tests="one width")],
    wrong=[("no ReLU", "The block ends with a ReLU.", no_relu)],
    observe=_block_observed,
    oracle=lambda channels: _block_observed(NotebookSubject(conv_block), Case((channels,))).value,
)
CLASS = """
    import torch
    from torch import nn

    class conv_block(nn.Module):
        def __init__(self, channels):
            super().__init__()
            self.second = nn.BatchNorm2d(channels)
            self.first = nn.Conv2d(3, channels, 3, padding=1, bias=False)

        def forward(self, x):
            return torch.relu(self.second(self.first(x)))
"""


@pytest.mark.slow
def test_a_model_is_judged_by_what_it_computes(torch_pool):
    assert verdict(BLOCK, torch_pool, CLASS).passed
    judged = verdict(
        BLOCK, torch_pool, CLASS.replace("torch.relu(self.second(self.first(x)))", "self.second(self.first(x))")
    )
    assert judged.failure.mistake.name == "no ReLU"


def train_epoch(model, batches, optimiser, loss_fn):
    model.train()
    total, count = 0.0, 0
    for images, labels in batches:
        optimiser.zero_grad()
        loss = loss_fn(model(images), labels)
        loss.backward()
        optimiser.step()
        total, count = total + loss.item() * len(labels), count + len(labels)
    return total / count


def without_zero_grad(model, batches, optimiser, loss_fn):
    optimiser.zero_grad = lambda: None
    return train_epoch(model, batches, optimiser, loss_fn)


def _recipe(rng):
    batches = [(rng.standard_normal((n, 1, 6, 6)).astype(np.float32), rng.integers(0, 3, n)) for n in (8, 8, 5)]
    net = [("conv", 1, 4, 3), ("norm", 4), ("relu",), ("flatten",), ("dense", 64, 3)]
    give = ("model", "batches", "optimiser", "loss")
    return {
        "net": net,
        "seed": 3,
        "batches": batches,
        "optimiser": ("SGD", {"lr": 0.05, "momentum": 0.9}),
        "give": give,
    }


def _trained(function, recipe):
    from cnnlab.check import verbs

    return verbs.train(function, recipe)


TRAIN = Exercise(
    name="train_epoch",
    bound=False,
    lesson="08_mnist",
    parts=[Part("one epoch", 4, lambda rng: [Case((_recipe(rng),))], tests="three uneven batches")],
    wrong=[("no zero_grad", "Gradients of earlier batches are still there.", without_zero_grad)],
    observe=lambda subject, case: subject.train(*case.args),
    oracle=lambda recipe: _trained(train_epoch, recipe),
)
LOOP = """
    def train_epoch(model, batches, optimiser, loss_fn):
        model.train()
        losses = []
        for images, labels in batches:
            loss = loss_fn(model(images), labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses += [float(loss)] * len(labels)
        return sum(losses) / len(losses)
"""


@pytest.mark.slow
def test_a_training_loop_is_judged_by_losses_weights_and_statistics(torch_pool):
    assert verdict(TRAIN, torch_pool, LOOP).passed
    assert (
        verdict(TRAIN, torch_pool, LOOP.replace("optimiser.zero_grad()", "pass")).failure.mistake.name == "no zero_grad"
    )
    for wrong in (
        LOOP.replace("model.train()", "pass"),
        LOOP.replace("optimiser.step()", "pass"),
        LOOP.replace("[float(loss)] * len(labels)", "[float(loss)]"),
        LOOP.replace("float(loss)", "float(loss_fn(model(images), labels))"),
    ):
        assert not verdict(TRAIN, torch_pool, wrong).passed
