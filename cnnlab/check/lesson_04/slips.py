"""find_the_slip: a worked example as printed, with one wrong step; which is it, and what is right?"""

from __future__ import annotations

import numpy as np

from cnnlab.check.compare import Difference, difference
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_04.slips_mistakes import FIND_THE_SLIP
from cnnlab.check.plain import describe

STEPS = ("convolution", "relu", "pool", "logits", "probabilities", "loss", "dlogits", "dfc_weight", "dpool")
PRINTED = 4  # decimals of what is printed
CLOSE = 2e-3


def worked(inputs: dict) -> dict:
    """The right value of every step, from the inputs alone."""
    x, kernel = np.asarray(inputs["x"], float), np.asarray(inputs["kernel"], float)
    (kh, kw), size, stride = kernel.shape, inputs["pool_size"], inputs["pool_stride"]
    rows, columns = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    maps = np.full((rows, columns), float(inputs["bias"]))
    for u in range(kh):
        for v in range(kw):
            maps += kernel[u, v] * x[u : u + rows, v : v + columns]
    relu = np.where(maps > 0, maps, 0.0)
    tops, lefts = range(0, rows - size + 1, stride), range(0, columns - size + 1, stride)
    pool = np.array([[relu[i : i + size, j : j + size].max() for j in lefts] for i in tops])
    weight = np.asarray(inputs["fc_weight"], float)
    logits = pool.ravel() @ weight + np.asarray(inputs["fc_bias"], float)
    log = logits - np.logaddexp.reduce(logits)
    dlogits = np.exp(log) - np.eye(len(logits))[inputs["label"]]
    return {
        "convolution": maps,
        "relu": relu,
        "pool": pool,
        "logits": logits,
        "probabilities": np.exp(log),
        "loss": float(-log[inputs["label"]]),
        "dlogits": dlogits,
        "dfc_weight": np.outer(pool.ravel(), dlogits),
        "dpool": (weight @ dlogits).reshape(pool.shape),
    }


def _printed(value: object) -> object:
    return round(value, PRINTED) if isinstance(value, float) else np.round(value, PRINTED)


def _example(inputs: dict, slip: str, wrong: object, upto: str = "dpool") -> dict:
    """The example as printed: inputs, then the steps, `slip` with its wrong value."""
    steps = {name: _printed(value) for name, value in worked(inputs).items()}
    last = STEPS.index(upto)
    return {**inputs, **{name: steps[name] for name in STEPS[: last + 1]}, slip: wrong}


def printed_example() -> dict:
    """The inputs of the 4 × 4 example that is often printed."""
    return {
        "x": np.array([[1, 2, 1, 0], [0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1]]),
        "kernel": np.array([[1, 0], [0, -1]]),
        "bias": 0,
        "pool_size": 2,
        "pool_stride": 1,
        "fc_weight": np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]]),
        "fc_bias": np.array([0.1, 0.2]),
        "label": 0,
    }


def _drawn(rng: np.random.Generator) -> dict:
    """Inputs of another example: oblong, with numbers that keep every step away from 0."""
    height, width = int(rng.integers(4, 6)), int(rng.integers(4, 7))
    kh, kw = int(rng.integers(1, 3)), int(rng.integers(2, 4))
    stride = int(rng.integers(1, 3))
    rows, columns = (height - kh - 1) // stride + 1, (width - kw - 1) // stride + 1
    classes = int(rng.integers(2, 4))
    return {
        "x": rng.integers(0, 4, (height, width)),
        "kernel": rng.integers(1, 3, (kh, kw)) * rng.choice([-1, 1, 1], (kh, kw)),
        "bias": int(rng.integers(1, 3)),
        "pool_size": 2,
        "pool_stride": stride,
        "fc_weight": rng.integers(-5, 6, (rows * columns, classes)) / 10,
        "fc_bias": rng.integers(-5, 6, classes) / 10,
        "label": int(rng.integers(0, classes)),
    }


def _wrong(rng: np.random.Generator, inputs: dict, slip: str) -> object:
    """A wrong value for that step: a slip that people make where there is one to make, else one number another."""
    right = worked(inputs)[slip]
    if slip == "loss":
        made = _printed(float(-right if rng.random() < 0.5 else right / np.log(10)))
        return made if not _agrees(right, made) else _printed(right + 0.5)
    value = np.array(_printed(right))
    often = {
        "convolution": value[:-1, :-1] if value.ndim == 2 else value,
        "relu": value[:-1, :-1] if value.ndim == 2 else value,
        "dlogits": -value,
        "dfc_weight": value[: len(value) // 2],
    }
    made = often.get(slip, value)
    if made.size and not _agrees(right, made) and rng.random() < 0.5:
        return made
    value.flat[int(rng.integers(value.size))] += rng.choice([-1, 1]) * (0.25 if slip == "probabilities" else 1.5)
    return value


def _printed_ones(rng: np.random.Generator) -> list[Case]:
    inputs = printed_example()
    strided = {**inputs, "pool_stride": 2, "fc_weight": np.array([[0.1, 0.2]])}
    return [
        Case((_example(inputs, "convolution", np.zeros((2, 2)), "pool"),), note="as it is often printed"),
        Case((_example(strided, "pool", np.zeros((2, 2)), "logits"),), note="pooled with stride 2"),
        Case((_example(inputs, "loss", 0.6444),), note="another number for the loss"),
        Case((_example(inputs, "dfc_weight", np.zeros((2, 2))),), note="as it is often printed"),
        Case((_example(inputs, "dpool", np.zeros((2, 2))),), note="as it is often explained"),
    ]


def _others(rng: np.random.Generator) -> list[Case]:
    cases = []
    for slip in [*STEPS, *STEPS]:
        inputs = _drawn(rng)
        cases.append(Case((_example(inputs, slip, _wrong(rng, inputs, slip)),), note=f"a slip in {slip}"))
    short = _drawn(rng)
    return [*cases, Case((_example(short, "relu", _wrong(rng, short, "relu"), "logits"),), note="no gradients printed")]


def _found(example: dict) -> tuple[str, object]:
    for name, value in worked(example).items():
        if name in example and not _agrees(value, example[name]):
            return name, value
    raise AssertionError("a case without a slip")


def _agrees(right: object, printed: object) -> bool:
    right, printed = np.asarray(right, float), np.asarray(printed, float)
    return right.shape == printed.shape and bool(np.all(np.abs(right - printed) < CLOSE))


def _judge(answer: object, case: Case) -> Difference | None:
    step, right = _found(case.args[0])
    if not isinstance(answer, list | tuple) or len(answer) != 2:
        return Difference("type", f"Expected a step's name and its right value; yours is {describe(answer)}.")
    named, value = answer
    if not isinstance(named, str):
        return Difference("type", f"The step is a name, as {step!r}; yours is {describe(named)}.")
    if named not in STEPS:
        return Difference("values", f"There is no step {named!r}; the steps are {', '.join(STEPS)}.")
    if named != step:
        return Difference("values", f"You say that {named} is wrong; it agrees with what comes before it.")
    if isinstance(right, float):
        if isinstance(value, bool) or (not isinstance(value, int | float) and np.ndim(value) != 0):
            return Difference("type", f"The right value of {step} is one number; yours is {describe(value)}.")
        ok = _agrees(right, value)
        return None if ok else Difference("values", f"{step} is the wrong step, but its right value is {right:.4f}.")
    if not isinstance(value, np.ndarray | list | tuple):
        return Difference("type", f"The right value of {step} is an array; yours is {describe(value)}.")
    value = np.asarray(value)
    if value.shape == right.shape and value.dtype.kind in "iuf" and _agrees(right, value):
        return None
    return difference(np.round(right, PRINTED), value) or Difference("values", f"The right value of {step} differs.")


find_the_slip = Exercise(
    name="find_the_slip",
    lesson="04_forward",
    argument_names=("example",),
    told=lambda case: f"called with a worked example  ({case.note})",
    judge=_judge,
    parts=[
        Part(
            "printed examples",
            1,
            _printed_ones,
            tests="5 slips in the 4 × 4 example, most of them as they stand in print",
            look="work out each step from the inputs, shapes before values, and stop at the first that differs.",
        ),
        Part(
            "other examples",
            1,
            _others,
            tests="19 other examples with a slip at every step",
            look="the printed numbers are rounded to 4 places: compare with np.allclose(..., atol=1e-3).",
        ),
    ],
    mistakes=FIND_THE_SLIP,
)
