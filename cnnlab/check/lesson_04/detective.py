"""find_the_slip: a worked example as printed, one number or shape in it wrong; which one, and what is right?

The examples are dicts as in cnnlab.data.worked_example. A slip is a wrong shape, or a number off by 0.02 or more; the
steps after it are printed as they follow from the right value, or from the wrong one where that is possible.
"""

from __future__ import annotations

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.draw import ints
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_04.slip_mistakes import FIND_THE_SLIP
from cnnlab.check.plain import describe

ROUNDING = 5e-3  # what a reader's numbers may be off by when they go on with printed ones, rounded to four digits
STEPS = ["maps", "relu", "pooled", "features", "logits", "p", "loss", "dlogits", "dweight", "dfeatures"]


def follow(example: dict, name: str, steps: dict) -> np.ndarray | float:
    """What step `name` gives when the steps before it are `steps`."""
    image, kernel = np.asarray(example["image"], float), np.asarray(example["kernel"], float)
    if name == "maps":
        rows, columns = (side - k + 1 for side, k in zip(image.shape, kernel.shape, strict=True))
        shifted = [weight * image[u : u + rows, v : v + columns] for (u, v), weight in np.ndenumerate(kernel)]
        return example["bias"] + sum(shifted)
    if name == "relu":
        return np.maximum(steps["maps"], 0)
    if name == "pooled":
        side, jump, relu = example["pool"], example["pool_stride"], steps["relu"]
        starts = [range(0, length - side + 1, jump) for length in relu.shape]
        return np.array([[relu[i : i + side, j : j + side].max() for j in starts[1]] for i in starts[0]])
    if name == "features":
        return np.ravel(steps["pooled"])
    if name == "logits":
        return np.dot(example["fc_weight"], steps["features"]) + example["fc_bias"]
    if name == "p":
        return np.exp(steps["logits"] - np.logaddexp.reduce(steps["logits"]))
    if name == "loss":
        return float(-np.log(steps["p"][example["label"]]))
    if name == "dlogits":
        return steps["p"] - np.eye(len(steps["p"]))[example["label"]]
    if name == "dweight":
        return np.multiply.outer(steps["dlogits"], steps["features"])
    return np.tensordot(steps["dlogits"], example["fc_weight"], axes=1)


def right_steps(example: dict) -> dict:
    """Every printed step anew, from the image on."""
    steps: dict = {}
    for name in example["steps"]:
        steps[name] = follow(example, name, steps)
    return steps


def find(example: dict) -> tuple[str, np.ndarray | float]:
    """The first step whose printed value does not follow, and the right value; a ValueError where all do."""
    steps = right_steps(example)
    for name, printed in example["steps"].items():
        if np.shape(printed) != np.shape(steps[name]) or np.max(np.abs(printed - steps[name])) > ROUNDING:
            return name, steps[name]
    raise ValueError("every step follows from the one before")


def judge(value: object, case: Case, expected: object) -> Difference | None:
    """The step by its name, the value up to rounding."""
    step, right = find(case.args[0])
    if not isinstance(value, list | tuple) or len(value) != 2:
        hint = " Is there a `return` at the end?" if value is None else ""
        return Difference(
            "type", f"Two things are expected, a step and a value; yours returned {describe(value)}.{hint}"
        )
    name, answer = value
    if not isinstance(name, str):
        return Difference("type", f'The first result is a step\'s name, "maps" say; yours is {describe(name)}.')
    if name != step:
        known = f'"{name}"' if name in case.args[0]["steps"] else f'"{name[:20]}", which is no step of this example'
        return Difference("values", f'The slip is in "{step}", and yours says {known}.')
    if isinstance(right, np.ndarray):
        right = np.round(right, 12) + 0.0
    found = difference(right, answer, ROUNDING / 1e-8)
    if found is None:
        return None
    return Difference(
        found.kind,
        f'The step is right, "{step}". Its value: {found.sentence}',
        found.expected,
        found.got,
        found.wrong,
        step,
    )


def _told(case: Case) -> str:
    return f"called with {case.note}"


def _example(rng: np.random.Generator, size, kernel, classes: int, stride: int, last: str = "dfeatures") -> dict:
    """An example with nothing wrong, printed to four digits, with logits small enough for p to be tame."""
    sides = [(side - k + 1 - 2) // stride + 1 for side, k in zip(size, kernel, strict=True)]
    features = sides[0] * sides[1]
    example = {
        "image": rng.integers(0, 5, size),
        "kernel": rng.choice([-2, -1, 1, 2], kernel),
        "bias": int(rng.choice([-2, -1, 1, 2])),
        "pool": 2,
        "pool_stride": stride,
        "fc_weight": ints(rng, classes, features) / 100,
        "fc_bias": ints(rng, classes) / 50,
        "label": int(rng.integers(classes)),
        "steps": dict.fromkeys(STEPS[: STEPS.index(last) + 1]),
    }
    example["steps"] = right_steps(example)
    return example


def _rounded(value: object) -> object:
    return np.round(value, 4) + 0.0 if isinstance(value, np.ndarray) else round(float(value), 4)


def _tame(rng: np.random.Generator, *how, **named) -> dict:
    """One whose steps differ from what slips make of them: something below zero in the maps, p neither 0 nor 1."""
    for _ in range(200):
        example = _example(rng, *how, **named)
        steps = example["steps"]
        tame = steps["p"].min() > 0.08 and np.ptp(steps["p"]) > 0.05
        if tame and steps["maps"].min() <= -1 and np.ptp(steps["pooled"]) > 0 and steps["pooled"].min() > 0:
            break
    return {**example, "steps": {name: _rounded(value) for name, value in steps.items()}}


def _with(example: dict, step: str, wrong: object, carried: bool = False) -> dict:
    """The example with a slip in it; carried: the steps behind it follow from the wrong value."""
    printed = {**example["steps"], step: wrong}
    if carried:
        behind = list(printed)[list(printed).index(step) + 1 :]
        for name in behind:
            printed[name] = _rounded(follow(example, name, printed))
    return {**example, "steps": printed}


def _nudged(rng: np.random.Generator, example: dict, step: str) -> object:
    """The step's value with one number of it wrong: a sign lost, or a bit too much or too little."""
    value = example["steps"][step]
    off = float(rng.choice([-1, 1]) * (1 if step in STEPS[:4] else 0.05))
    if np.ndim(value) == 0:
        return round(float(value + abs(off)), 4)
    wrong = np.array(value, dtype=float)
    wrong[tuple(rng.integers(wrong.shape))] += off if step != "p" else 0.05
    return np.round(wrong, 4)


def _told_slip(step: str, example: dict) -> str:
    height, width = example["image"].shape
    return f'an example of {height} × {width} pixels, {len(example["fc_bias"])} classes, with a slip in "{step}"'


def _number_cases(rng: np.random.Generator) -> list[Case]:
    from cnnlab.data.worked_example import own_example

    shapes = [((5, 5), (2, 2), 2, 2), ((4, 5), (2, 2), 2, 1), ((5, 4), (2, 1), 3, 2), ((6, 4), (3, 2), 3, 1)]
    cases = []
    own = own_example()
    forgot = {**own["steps"], "maps": own["steps"]["maps"] - 1}
    cases.append(Case(({**own, "steps": forgot},), note='the lesson\'s own example, the bias forgotten in "maps"'))
    cases.append(Case((_with(own, "relu", np.abs(own["steps"]["maps"])),), note='the lesson\'s own example, "relu"'))
    for k, step in enumerate(STEPS):
        example = _tame(rng, *shapes[k % 4])
        carried = k % 2 == 0 and step != "dfeatures"
        wrong = _nudged(rng, example, step)
        cases.append(Case((_with(example, step, wrong, carried),), note=_told_slip(step, example)))
    for k, step in enumerate(("loss", "p", "logits", "maps")):
        example = _tame(rng, *shapes[(k + 1) % 4], last="loss")
        wrong = example["steps"][step]
        wrong = round(float(wrong / np.log(2)), 4) if step == "loss" else wrong[::-1].copy()
        if np.max(np.abs(wrong - example["steps"][step])) < 0.02:
            wrong = _nudged(rng, example, step)
        cases.append(Case((_with(example, step, wrong, k == 2),), note=_told_slip(step, example)))
    return cases


def _shape_cases(rng: np.random.Generator) -> list[Case]:
    from cnnlab.data.worked_example import printed_example

    printed = printed_example()
    fixed = {**printed, "steps": {name: _rounded(value) for name, value in right_steps(printed).items()}}
    zeros = np.zeros((2, 2))
    strided = {**fixed, "pool_stride": 2, "fc_weight": np.array([[0.1], [0.2]])}
    strided["steps"] = {name: _rounded(value) for name, value in right_steps(strided).items()}
    own = _tame(rng, (5, 6), (2, 2), 3, 2)
    square = _tame(rng, (5, 5), (2, 2), 2, 2)
    values = own["steps"]
    return [
        Case((_with(fixed, "maps", zeros),), note="the printed example, the maps of 3 × 3 as 2 × 2"),
        Case((printed,), note="the printed example as it is, with several slips: the first one counts"),
        Case((_with(fixed, "pooled", np.zeros((1, 1))),), note="the printed example, pooled with a stride of 2"),
        Case((_with(strided, "pooled", zeros),), note="the printed example, a stride of 2 asked for and 1 taken"),
        Case((_with(fixed, "dweight", zeros),), note="the printed example, dweight as 2 × 2"),
        Case((_with(fixed, "dfeatures", np.zeros(4)),), note="the printed example, dfeatures as 0"),
        Case((_with(fixed, "dweight", np.zeros((4, 2))),), note="the printed example, dweight lying on its side"),
        Case((_with(own, "maps", values["maps"][:-1]),), note="maps with a row too few"),
        Case((_with(own, "maps", np.pad(values["maps"], 1)),), note="maps as if the picture had been padded"),
        Case((_with(own, "dweight", values["dweight"].T.copy()),), note="dweight lying on its side"),
        Case((_with(own, "features", values["features"][:1]),), note="features with one number only"),
        Case((_with(square, "pooled", square["steps"]["pooled"].max(keepdims=True)),), note="a single pooled number"),
    ]


find_the_slip = Exercise(
    name="find_the_slip",
    lesson="04_forward",
    oracle=find,
    judge=judge,
    told=_told,
    parts=[
        Part(
            "numbers",
            1,
            _number_cases,
            tests="16 examples with a slip in any of their ten steps",
            look="recompute step by step from the picture on, and stop at the first that is off by more than 0.005.",
        ),
        Part(
            "shapes",
            1,
            _shape_cases,
            tests="12 examples, the printed one among them, with a step of the wrong shape",
            look="compare the shapes before the values: NumPy compares (1, 1) with (2, 2) without a word.",
        ),
    ],
    wrong=FIND_THE_SLIP,
)
