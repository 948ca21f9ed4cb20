"""find_the_slip: a worked example as printed, one number or shape in it wrong; which one, and what is right?

The examples are dicts as in cnnlab.data.worked_example. A slip is a wrong shape, or a number off by 0.02 or more; the
steps after it are printed as they follow from the right value, or from the wrong one where that is possible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.draw import ints
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import describe

ROUNDING = 5e-3  # what a reader's numbers may be off by when they go on with printed ones, rounded to four digits
STEPS = ["maps", "relu", "pooled", "features", "logits", "p", "loss", "dlogits", "dweight", "dfeatures"]


def follow(example: dict, name: str, steps: dict) -> np.ndarray | float:
    """What step `name` gives when the steps before it are `steps`."""
    image, kernel = np.asarray(example["image"], float), np.asarray(example["kernel"], float)
    match name:
        case "maps":
            rows, columns = (side - k + 1 for side, k in zip(image.shape, kernel.shape, strict=True))
            shifted = [weight * image[u : u + rows, v : v + columns] for (u, v), weight in np.ndenumerate(kernel)]
            return example["bias"] + sum(shifted)
        case "relu":
            return np.maximum(steps["maps"], 0)
        case "pooled":
            side, jump, relu = example["pool"], example["pool_stride"], steps["relu"]
            starts = [range(0, length - side + 1, jump) for length in relu.shape]
            return np.array([[relu[i : i + side, j : j + side].max() for j in starts[1]] for i in starts[0]])
        case "features":
            return np.ravel(steps["pooled"])
        case "logits":
            return np.dot(example["fc_weight"], steps["features"]) + example["fc_bias"]
        case "p":
            return np.exp(steps["logits"] - np.logaddexp.reduce(steps["logits"]))
        case "loss":
            return float(-np.log(steps["p"][example["label"]]))
        case "dlogits":
            return steps["p"] - np.eye(len(steps["p"]))[example["label"]]
        case "dweight":
            return np.multiply.outer(steps["dlogits"], steps["features"])
    return np.tensordot(steps["dlogits"], example["fc_weight"], axes=1)


def right_steps(example: dict, **how: Callable) -> dict:
    """Every printed step anew, from the image on. Those named go on with what how[name](value, steps) makes of them."""
    steps: dict = {}
    for name in example["steps"]:
        value = follow(example, name, steps)
        steps[name] = how[name](value, steps) if name in how else value
    return steps


def _first(example: dict, steps: dict, tolerance: float = ROUNDING) -> tuple | None:
    return next(
        ((name, right) for name, right in steps.items() if _off(example["steps"][name], right, tolerance)), None
    )


def _off(printed: object, right: object, tolerance: float = ROUNDING) -> bool:
    return np.shape(printed) != np.shape(right) or np.max(np.abs(printed - right)) > tolerance


def found(example: dict) -> tuple | None:
    """The first step whose printed value does not follow, and the right value; None where all do."""
    return _first(example, right_steps(example))


def judge(value: object, case: Case, expected: object) -> Difference | None:
    """The step by its name, the value up to rounding."""
    step, right = expected
    if not isinstance(value, list | tuple) or len(value) != 2:
        hint = " Is there a `return` at the end?" if value is None else ""
        words = f"Two things are expected, a step and a value; yours returned {describe(value)}.{hint}"
        return Difference("type", words)
    name, answer = value
    if not isinstance(name, str):
        return Difference("type", f'The first result is a step\'s name, "maps" say; yours is {describe(name)}.')
    if name != step:
        known = f'"{name}"' if name in case.args[0]["steps"] else f'"{name[:20]}", which is no step of this example'
        return Difference("values", f'The slip is in "{step}", and yours says {known}.')
    if isinstance(answer, np.ndarray) and answer.dtype.kind == "f":
        answer = answer.astype(np.float64)  # what is rounded to four digits is no less exact for being float32
    right = np.round(right, 12) + 0.0 if isinstance(right, np.ndarray) else right
    other = difference(right, answer, ROUNDING / 1e-8)
    return other and replace(other, sentence=f'The step is right, "{step}". Its value: {other.sentence}', label=step)


# fmt: off
def _example(rng: np.random.Generator, size, kernel, classes: int, stride: int, last: str = "dfeatures") -> dict:
    """An example with nothing wrong, not yet rounded."""
    sides = [(side - k + 1 - 2) // stride + 1 for side, k in zip(size, kernel, strict=True)]
    example = {
        "image": rng.integers(0, 5, size), "kernel": rng.choice([-2, -1, 1, 2], kernel),
        "bias": int(rng.choice([-2, -1, 1, 2])), "pool": 2, "pool_stride": stride,
        "fc_weight": ints(rng, classes, sides[0] * sides[1]) / 100, "fc_bias": ints(rng, classes) / 50,
        "label": int(rng.integers(classes)), "steps": dict.fromkeys(STEPS[: STEPS.index(last) + 1]),
    }
    return _printed(example)


def _printed(example: dict, digits: int | None = None) -> dict:
    """The example with its right steps, rounded where asked."""
    steps = right_steps(example)
    return {**example, "steps": {k: v if digits is None else _rounded(v, digits) for k, v in steps.items()}}


def _rounded(value: object, digits: int = 4) -> object:
    return np.round(value, digits) + 0.0 if isinstance(value, np.ndarray) else round(float(value), digits)


def _tame(rng: np.random.Generator, *how, **named) -> dict:
    """One whose steps differ from what slips make of them: something below zero in the maps, p neither 0 nor 1."""
    for _ in range(200):
        example = _example(rng, *how, **named)
        steps = example["steps"]
        tame = steps["p"].min() > 0.08 and np.ptp(steps["p"]) > 0.05
        if tame and steps["maps"].min() <= -1 and np.ptp(steps["pooled"]) > 0 and steps["pooled"].min() > 0:
            break
    return _printed(example, 4)


def _with(example: dict, step: str, wrong: object, carried: bool = False) -> dict:
    """The example with a slip in it; carried: the steps behind it follow from the wrong value."""
    printed = {**example["steps"], step: wrong}
    for name in list(printed)[list(printed).index(step) + 1 :] if carried else ():
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


def _slip(step: str, example: dict, wrong: object, carried: bool) -> Case:
    height, width = example["image"].shape
    note = f'an example of {height} × {width} pixels, {len(example["fc_bias"])} classes, with a slip in "{step}"'
    return Case((_with(example, step, wrong, carried),), note=note)


def _numbers(rng: np.random.Generator) -> list[Case]:
    from cnnlab.data.worked_example import own_example

    shapes = [((5, 5), (2, 2), 2, 2), ((4, 5), (2, 2), 2, 1), ((5, 4), (2, 1), 3, 2), ((6, 4), (3, 2), 3, 1)]
    own = own_example()
    maps = own["steps"]["maps"]
    cases = [Case((_with(own, "maps", maps - 1),), note='the lesson\'s own example, the bias forgotten in "maps"'),
             Case((_with(own, "relu", np.abs(maps)),), note='the lesson\'s own example, "relu"')]
    for k, step in enumerate(STEPS):
        example = _tame(rng, *shapes[k % 4])
        cases.append(_slip(step, example, _nudged(rng, example, step), k % 2 == 0 and step != "dfeatures"))
    for k, step in enumerate(("loss", "p", "logits", "maps")):
        example = _tame(rng, *shapes[(k + 1) % 4], last="loss")
        right = example["steps"][step]
        wrong = round(float(right / np.log(2)), 4) if step == "loss" else right[::-1].copy()
        if np.max(np.abs(wrong - right)) < 0.02:
            wrong = _nudged(rng, example, step)
        cases.append(_slip(step, example, wrong, k == 2))
    return cases


def _shapes(rng: np.random.Generator) -> list[Case]:
    from cnnlab.data.worked_example import printed_example

    printed, zeros = printed_example(), np.zeros((2, 2))
    fixed = _printed(printed, 4)
    strided = _printed({**fixed, "pool_stride": 2, "fc_weight": np.array([[0.1], [0.2]])}, 4)
    heavy = _printed({**fixed, "fc_weight": 10 * fixed["fc_weight"]}, 4)
    own, square = _tame(rng, (5, 6), (2, 2), 3, 2), _tame(rng, (5, 5), (2, 2), 2, 2)
    values = own["steps"]
    return [
        Case((_with(fixed, "maps", zeros),), note="the printed example, the maps of 3 × 3 as 2 × 2"),
        Case((printed,), note="the printed example as it is, with several slips: the first one counts"),
        Case((_with(fixed, "pooled", np.zeros((1, 1))),), note="the printed example, pooled with a stride of 2"),
        Case((_with(strided, "pooled", zeros),), note="the printed example, a stride of 2 asked for and 1 taken"),
        Case((_with(fixed, "dweight", zeros),), note="the printed example, dweight as 2 × 2"),
        Case((_with(fixed, "dfeatures", np.zeros(4)),), note="the printed example, dfeatures as 0"),
        Case((_with(heavy, "dfeatures", np.zeros(4)),), note="the same with weights ten times as large"),
        Case((_with(fixed, "dweight", np.zeros((4, 2))),), note="the printed example, dweight lying on its side"),
        Case((_with(own, "maps", values["maps"][:-1]),), note="maps with a row too few"),
        Case((_with(own, "maps", np.pad(values["maps"], 1)),), note="maps as if the picture had been padded"),
        Case((_with(own, "dweight", values["dweight"].T.copy()),), note="dweight lying on its side"),
        Case((_with(own, "features", values["features"][:1]),), note="features with one number only"),
        Case((_with(square, "pooled", square["steps"]["pooled"].max(keepdims=True)),), note="a single pooled number"),
    ]


def _seen(a, tolerance: float = ROUNDING, how: dict | None = None, **changed: object) -> tuple | None:
    """What a detective finds who computes steps in another way, or reads other things in the example."""
    return _first(a.example, right_steps(a.example | changed, **(how or {})), tolerance)


def _last(a) -> tuple:
    steps = right_steps(a.example)
    return [(name, right) for name, right in steps.items() if _off(a.example["steps"][name], right)][-1]


def _by(a, differ: Callable) -> tuple | None:
    """What another comparison finds."""
    steps = right_steps(a.example)
    return next(((name, right) for name, right in steps.items() if differ(a.example["steps"][name], right)), None)


def _no_allclose(printed: object, right: object) -> bool:
    try:
        return not np.allclose(printed, right, atol=ROUNDING)
    except ValueError:
        return True


def _shapes_only(a) -> tuple:
    found = _by(a, lambda printed, right: np.shape(printed) != np.shape(right))
    return found or list(right_steps(a.example).items())[-1]


def _difference(a) -> tuple:
    name, right = a.right()
    printed = a.example["steps"][name]
    return name, (right - printed if np.shape(printed) == np.shape(right) else right)


def _forwards(a) -> tuple:
    steps = dict(list(right_steps(a.example).items())[:7])
    return _first(a.example, steps) or ("loss", steps["loss"])


def _stride(a, stride: int) -> tuple:
    three = dict(list(a.example["steps"].items())[:3])
    return _first(a.example, right_steps({**a.example, "pool_stride": stride, "steps": three})) or a.right()


def _sums_differ(printed: object, right: object) -> bool:
    return np.shape(printed) != np.shape(right) or abs(np.sum(printed) - np.sum(right)) > 2 * ROUNDING


WRONG = [
    ("the last step that is off", "You found a step that is off, but not the first. A slip is carried on: steps behind "
     "it may be wrong because of it. Stop at the first.", _last),
    ("the printed value", "The step is right; the value is the printed, wrong one. Return yours.",
     lambda a: (a.right()[0], a.example["steps"][a.right()[0]])),
    ("the difference", "You return by how much the printed value is off. Return the right value.", _difference),
    ("the name only", "Return two things: the step's name, and its right value.", lambda a: a.right()[0]),
    ("value first, name second", "The other way round: the step's name first, then the value.",
     lambda a: a.right()[::-1]),
    ("the number of the step", "You return which step it is, counted. Its name is asked for.",
     lambda a: (list(a.example["steps"]).index(a.right()[0]), a.right()[1])),
    ("always the maps", 'You return "maps" whatever is printed. Look for the step that is off.',
     lambda a: ("maps", follow(a.example, "maps", {}))),
    ("all that is off", "You return every step that is off. One is asked for: the first, and its value.",
     lambda a: {k: right for k, right in right_steps(a.example).items() if _off(a.example["steps"][k], right)}),
    ("values compared, not shapes", "np.allclose stretches (1, 1) to (2, 2) and finds nothing wrong. Compare np.shape "
     "first.", lambda a: _by(a, _no_allclose)),
    ("an error where shapes differ", "Comparing (2, 2) with (3, 3) raises an error. That they differ is the slip: "
     "compare np.shape first.", lambda a: _by(a, lambda printed, right: np.max(np.abs(printed - right)) > ROUNDING)),
    ("shapes compared, not values", "You compare shapes only. Numbers can be wrong in the right shape.", _shapes_only),
    ("rounding taken for a slip", "You found a number that was only rounded. Printed numbers have four digits; allow "
     "for 0.005.", lambda a: _seen(a, 1e-9)),
    ("too forgiving", "A slip slipped through: you allow for too much. What is off by 0.02 is a slip.",
     lambda a: _seen(a, 0.2)),
    ("sums compared", "You compare sums. Two numbers that changed places have the same sum: compare number by number.",
     lambda a: _by(a, _sums_differ)),
    ("the forward steps only", "Slips on the way back are not found. Three more steps have recipes.", _forwards),
    ("the bias of the convolution is forgotten", 'Your "maps" lack the bias. Add example["bias"].',
     lambda a: _seen(a, bias=0)),
    ("the bias of the dense layer is forgotten", 'Your "logits" lack fc_bias. Add it.', lambda a: _seen(a, fc_bias=0)),
    ("a stride of 2, whatever is asked for", 'Your pooling ignores example["pool_stride"].', lambda a: _stride(a, 2)),
    ("a stride of 1, whatever is asked for", 'Your pooling starts everywhere: use "pool_stride".',
     lambda a: _stride(a, 1)),
    ("the kernel is flipped", "Your convolution turns the kernel by 180°. Here nothing is turned.",
     lambda a: _seen(a, kernel=a.example["kernel"][::-1, ::-1])),
    ("no ReLU", "Your steps go on with numbers below zero. After the maps comes ReLU.",
     lambda a: _seen(a, how={"relu": lambda relu, steps: steps["maps"]})),
    ("log to base 2", "Your loss is in bits, log to base 2. np.log is the natural one.",
     lambda a: _seen(a, how={"loss": lambda loss, steps: loss / np.log(2)})),
    ("the loss of class 0", "Your loss looks at class 0, whatever the label is. Take p[label].",
     lambda a: _seen(a, label=0)),
    ("y − p", "Your dlogits have the wrong sign: it is p − y, 1 taken off at the label.",
     lambda a: _seen(a, how={"dlogits": lambda dlogits, steps: -dlogits})),
    ("dweight lying on its side", "Your dweight is (D, K). It has fc_weight's shape, (K, D).",
     lambda a: _seen(a, how={"dweight": lambda dweight, steps: dweight.T})),
    ("dfeatures taken for 0 behind dead features", "dfeatures does not ask whether features are 0: it is weights times "
     "dlogits.", lambda a: _seen(a, how={"dfeatures": lambda value, steps: value * (steps["features"] > 0)})),
    ("corrected in place", "You wrote the right value into the example. Return it, and leave the example as it was "
     "printed.", lambda a: (a.right(), a.example["steps"].update([a.right()]))[0]),
]

EXERCISE = Exercise(
    name="find_the_slip", lesson="04_forward", oracle=found, judge=judge, wrong=WRONG,
    told=lambda case: f"called with {case.note}",
    parts=[
        Part("numbers", 1, _numbers, "examples with a slip in any of their ten steps",
             "recompute step by step from the picture on, and stop at the first that is off by more than 0.005."),
        Part("shapes", 1, _shapes, "examples, the printed one among them, with a step of the wrong shape",
             "compare the shapes before the values: NumPy compares (1, 1) with (2, 2) without a word."),
    ],
)
# fmt: on
