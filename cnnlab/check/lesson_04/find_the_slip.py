"""find_the_slip: a worked example as printed, one number or shape in it wrong; which one, and what is right?

The examples are dicts as in cnnlab.data.worked_example. A slip is a wrong shape, or a number off by 0.02 or more; the
steps after it are printed as they follow from the right value, or from the wrong one where that is possible.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view as windows

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.draw import ints
from cnnlab.check.dress import undressed
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import describe
from cnnlab.check.reading import rules
from cnnlab.check.reading.shapes import shape_clue, sides_clue
from cnnlab.check.subject import Subject
from cnnlab.check.verdict import Attempt, Kind
from cnnlab.data.worked_example import own_example, printed_example

ROUNDING = 5e-3  # what a reader's numbers may be off by when they go on with printed ones, rounded to four digits
# fmt: off
RECIPES = {  # each step, from an example and the steps before it
    "maps": lambda e, s: e["bias"] + np.einsum("ijuv,uv", windows(e["image"], e["kernel"].shape), e["kernel"]),
    "relu": lambda e, s: np.maximum(s["maps"], 0),
    "pooled": lambda e, s: windows(s["relu"], (e["pool"],) * 2)[:: e["pool_stride"], :: e["pool_stride"]].max((2, 3)),
    "features": lambda e, s: np.ravel(s["pooled"]),
    "logits": lambda e, s: np.dot(e["fc_weight"], s["features"]) + e["fc_bias"],
    "p": lambda e, s: np.exp(s["logits"] - np.logaddexp.reduce(s["logits"])),
    "loss": lambda e, s: float(-np.log(s["p"][e["label"]])),
    "dlogits": lambda e, s: s["p"] - np.eye(len(s["p"]))[e["label"]],
    "dweight": lambda e, s: np.multiply.outer(s["dlogits"], s["features"]),
    "dfeatures": lambda e, s: np.dot(s["dlogits"], e["fc_weight"]),
}
STEPS = list(RECIPES)


def right_steps(example: dict, **how: Callable) -> dict:
    """Every printed step anew, from the image on. Those named go on with what how[name](value, steps) makes of them."""
    steps: dict = {}
    for name in example["steps"]:
        value = RECIPES[name](example, steps)
        steps[name] = how[name](value, steps) if name in how else value
    return steps


def _off(printed: Any, right: Any, tolerance: float = ROUNDING) -> bool:
    return np.shape(printed) != np.shape(right) or np.max(np.abs(printed - right)) > tolerance


def found(example: dict, differ: Callable = _off, **how: Callable) -> tuple | None:
    """The first step whose printed value does not follow, and the right value; None where all do."""
    steps = right_steps(example, **how).items()
    return next(((name, right) for name, right in steps if differ(example["steps"][name], right)), None)


def judge(value: Any, case: Case, expected: Any) -> Difference | None:
    """The step by its name, the value up to rounding."""
    step, right = expected
    if not isinstance(value, list | tuple) or len(value) != 2:
        words = "Two things are expected, a step and a value; yours returned"
        hint = " Is there a `return` at the end?" if value is None else ""
        return Difference("type", f"{words} {describe(value)}.{hint}")
    name, answer = value
    if not isinstance(name, str):
        return Difference("type", f'The first result is a step\'s name, "maps" say; yours is {describe(name)}.')
    if name != step:
        known = f'"{name}"' if name in case.args[0]["steps"] else f'"{name[:20]}", which is no step of this example'
        return Difference("values", f'The slip is in "{step}", and yours says {known}.')
    if isinstance(answer, np.ndarray) and answer.dtype.kind == "f":
        answer = answer.astype(np.float64)  # so that float32 is held to the same rounding
    right = np.round(right, 12) + 0.0 if isinstance(right, np.ndarray) else right
    other = difference(right, answer, ROUNDING / 1e-8)
    return other and replace(other, sentence=f'The step is right, "{step}". Its value: {other.sentence}', label=step)


def _said(failing: list[Attempt], subject: Subject) -> list[str]:
    """Which of the learner's own steps is worked out wrong, and how; else what is wrong with the comparison."""
    wrong: dict[str, list] = {}
    early, unseen = [], []
    for attempt in failing:
        got, steps, step = attempt.got, right_steps(attempt.args.example), attempt.expected[0]
        pair = isinstance(got, list | tuple) and len(got) == 2 and isinstance(got[0], str) and got[0] in steps
        value = undressed(got[1], steps[got[0]]) if pair else 0
        told = (pair and isinstance(value, np.ndarray | float | int)) or (got is None and not attempt.answer.printed)
        if attempt.failed.changed or not told or (pair and attempt.failed.kind is Kind.TYPE):
            return []
        if pair and _off(value, steps[got[0]]):
            wrong.setdefault(got[0], []).append((np.asarray(steps[got[0]], float), np.asarray(value, float)))
        else:
            early += [got[0]] if pair and STEPS.index(got[0]) < STEPS.index(step) else []
            unseen += [f'"{step}"']
    for name, pairs in wrong.items():
        other = [pair for pair in pairs if pair[0].shape != pair[1].shape]
        shape, sizes = other and (shape_clue(*other[0], ()) or sides_clue(*other[0], ())), [{}] * len(pairs)
        told = shape or rules.one_factor(pairs, sizes) or rules.elementwise(pairs) or rules.rearranged(pairs, ())
        return [f'Of your own steps "{name}" is worked out wrong: {told or "compare it with the one on paper."}']
    if early:
        return [f'In "{early[0]}" you see a slip where there is only rounding: less than 0.005 off is right.']
    return [f"The slip in {', '.join(dict.fromkeys(unseen))} is passed over. Is there a `return` for every step, and "
            "are the shapes compared first, and then number by number?"]


def _rounded(value: Any) -> Any:
    return np.round(value, 4) + 0.0 if np.ndim(value) else round(float(value), 4)


def _printed(example: dict) -> dict:
    """The example with its right steps, rounded."""
    return {**example, "steps": {name: _rounded(value) for name, value in right_steps(example).items()}}


def _tame(rng: np.random.Generator, size, kernel, classes: int, stride: int, last: str = "dfeatures") -> dict:
    """An example with nothing wrong, whose steps differ from what slips make of them: something below zero in the maps,
    p neither 0 nor 1."""
    features = np.prod([(side - k + 1 - 2) // stride + 1 for side, k in zip(size, kernel, strict=True)])
    for _ in range(200):
        example = {
            "image": rng.integers(0, 5, size), "kernel": rng.choice([-2, -1, 1, 2], kernel),
            "bias": int(rng.choice([-2, -1, 1, 2])), "pool": 2, "pool_stride": stride,
            "fc_weight": ints(rng, classes, features) / 100, "fc_bias": ints(rng, classes) / 50,
            "label": int(rng.integers(classes)), "steps": dict.fromkeys(STEPS[: STEPS.index(last) + 1]),
        }
        p, maps, pooled = (right_steps(example)[name] for name in ("p", "maps", "pooled"))
        if p.min() > 0.08 and np.ptp(p) > 0.05 and maps.min() <= -1 and np.ptp(pooled) > 0 and pooled.min() > 0:
            break
    return _printed(example)


def _with(example: dict, step: str, wrong: Any, note: str = "", carried: bool = False) -> Case:
    """The example with a slip in it; carried: the steps behind it follow from the wrong value."""
    printed = {**example["steps"], step: wrong}
    for name in STEPS[STEPS.index(step) + 1 : len(printed)] if carried else ():
        printed[name] = _rounded(RECIPES[name](example, printed))
    (height, width), classes = example["image"].shape, len(example["fc_bias"])
    note = note or f'an example of {height} × {width} pixels, {classes} classes, with a slip in "{step}"'
    return Case(({**example, "steps": printed},), note=note)


def _numbers(rng: np.random.Generator) -> list[Case]:
    def nudged(step: str, example: dict) -> Any:  # one number a bit too large or too small
        wrong = np.array(example["steps"][step], float)
        wrong[tuple(rng.integers(wrong.shape))] += rng.choice([-1, 1]) * (1 if step in STEPS[:4] else 0.03)
        return _rounded(wrong)

    shapes = [((5, 5), (2, 2), 2, 2), ((4, 5), (2, 2), 2, 1), ((5, 4), (2, 1), 3, 2), ((6, 4), (3, 2), 3, 1)]
    own = own_example()
    maps = own["steps"]["maps"]
    cases = [_with(own, "maps", maps - 1, 'the lesson\'s own example, the bias forgotten in "maps"'),
             _with(own, "relu", np.abs(maps), 'the lesson\'s own example, "relu"')]
    for k, step in enumerate(STEPS):
        example = _tame(rng, *shapes[k % 4])
        cases.append(_with(example, step, nudged(step, example), carried=k % 2 == 0 and step != "dfeatures"))
    for k, step in enumerate(("loss", "p", "logits", "maps")):
        example = _tame(rng, *shapes[(k + 1) % 4], last="loss")
        right = example["steps"][step]
        wrong = round(float(right / np.log(2)), 4) if step == "loss" else right[::-1].copy()
        wrong = wrong if np.max(np.abs(wrong - right)) >= 0.02 else nudged(step, example)
        cases.append(_with(example, step, wrong, carried=k == 2))
    return cases


def _shapes(rng: np.random.Generator) -> list[Case]:
    printed, zeros = printed_example(), np.zeros((2, 2))
    fixed = _printed(printed)
    strided = _printed({**fixed, "pool_stride": 2, "fc_weight": np.array([[0.1], [0.2]])})
    heavy = _printed({**fixed, "fc_weight": 10 * fixed["fc_weight"]})
    own, square = _tame(rng, (5, 6), (2, 2), 3, 2), _tame(rng, (5, 5), (2, 2), 2, 2)
    values = own["steps"]
    return [
        _with(fixed, "maps", zeros, "the printed example, the maps of 3 × 3 as 2 × 2"),
        Case((printed,), note="the printed example as it is, with several slips: the first one counts"),
        _with(fixed, "pooled", np.zeros((1, 1)), "the printed example, pooled with a stride of 2"),
        _with(strided, "pooled", zeros, "the printed example, a stride of 2 asked for and 1 taken"),
        _with(fixed, "dweight", zeros, "the printed example, dweight as 2 × 2"),
        _with(fixed, "dfeatures", np.zeros(4), "the printed example, dfeatures as 0"),
        _with(heavy, "dfeatures", np.zeros(4), "the same with weights ten times as large"),
        _with(fixed, "dweight", np.zeros((4, 2)), "the printed example, dweight lying on its side"),
        _with(own, "maps", values["maps"][:-1], "maps with a row too few"),
        _with(own, "maps", np.pad(values["maps"], 1), "maps as if the picture had been padded"),
        _with(own, "dweight", values["dweight"].T.copy(), "dweight lying on its side"),
        _with(own, "features", values["features"][:1], "features with one number only"),
        _with(square, "pooled", square["steps"]["pooled"].max(keepdims=True), "a single pooled number"),
    ]


def _seen(a, last: str = "dfeatures", how: dict | None = None, **changed: Any) -> tuple | None:
    """What a detective finds who goes no further than `last`, or works out steps in another way, or reads other things
    in the example."""
    steps = {name: value for name, value in a.example["steps"].items() if STEPS.index(name) <= STEPS.index(last)}
    return found({**a.example, **changed, "steps": steps}, **(how or {}))


def _all_off(a) -> dict:
    return {name: right for name, right in right_steps(a.example).items() if _off(a.example["steps"][name], right)}


def _not_close(printed: Any, right: Any) -> bool:
    try:
        return not np.allclose(printed, right, atol=ROUNDING)
    except ValueError:
        return True


WRONG = [
    ("the last step that is off", "You found a step that is off, but not the first. A slip is carried on: steps behind "
     "it may be wrong because of it. Stop at the first.", lambda a: list(_all_off(a).items())[-1]),
    ("the printed value", "The step is right; the value is the printed, wrong one. Return yours.",
     lambda a: (a.right()[0], a.example["steps"][a.right()[0]])),
    ("the difference", "You return by how much the printed value is off. Return the right value.",
     lambda a: (a.right()[0], a.right()[1] - a.example["steps"][a.right()[0]])),
    ("the name only", "Return two things: the step's name, and its right value.", lambda a: a.right()[0]),
    ("value first, name second", "The other way round: the step's name first, then the value.",
     lambda a: a.right()[::-1]),
    ("the number of the step", "You return which step it is, counted. Its name is asked for.",
     lambda a: (list(a.example["steps"]).index(a.right()[0]), a.right()[1])),
    ("always the maps", 'You return "maps" whatever is printed. Look for the step that is off.',
     lambda a: ("maps", RECIPES["maps"](a.example, {}))),
    ("a dict, for two things", "Two things are asked for, name and value, of the first step that is off.", _all_off),
    ("values compared, not shapes", "np.allclose stretches (1, 1) to (2, 2) and finds nothing wrong. Compare np.shape "
     "first.", lambda a: found(a.example, _not_close)),
    ("an error where shapes differ", "Comparing (2, 2) with (3, 3) raises an error. That they differ is the slip: "
     "compare np.shape first.",
     lambda a: found(a.example, lambda printed, right: np.max(np.abs(printed - right)) > ROUNDING)),
    ("shapes compared, not values", "You compare shapes only. Numbers can be wrong in the right shape.",
     lambda a: found(a.example, lambda printed, right: np.shape(printed) != np.shape(right)) or
         [*right_steps(a.example).items()][-1]),
    ("rounding taken for a slip", "You found a number that was only rounded. Printed numbers have four digits; allow "
     "for 0.005.", lambda a: found(a.example, partial(_off, tolerance=1e-9))),
    ("too forgiving", "A slip slipped through: you allow for too much. What is off by 0.02 is a slip.",
     lambda a: found(a.example, partial(_off, tolerance=0.2))),
    ("sums compared", "You compare sums. Two numbers that changed places have the same sum: compare number by number.",
     lambda a: found(a.example, lambda printed, right: np.shape(printed) != np.shape(right) or _off(np.sum(printed),
         np.sum(right), 2 * ROUNDING))),
    ("the forward steps only", "Slips on the way back are not found. Three more steps have recipes.",
     lambda a: _seen(a, "loss") or ("loss", right_steps(a.example)["loss"])),
    ("the bias of the convolution is forgotten", 'Your "maps" lack the bias. Add example["bias"].',
     lambda a: _seen(a, bias=0)),
    ("the bias of the dense layer is forgotten", 'Your "logits" lack fc_bias. Add it.', lambda a: _seen(a, fc_bias=0)),
    ("a stride of 2, whatever is asked for", 'Your pooling ignores example["pool_stride"].',
     lambda a: _seen(a, "pooled", pool_stride=2) or a.right()),
    ("a stride of 1, whatever is asked for", 'Your pooling starts everywhere: use "pool_stride".',
     lambda a: _seen(a, "pooled", pool_stride=1) or a.right()),
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
    ("dweight lying on its side", "Your dweight is (D, K). It should have fc_weight's shape, (K, D).",
     lambda a: _seen(a, how={"dweight": lambda dweight, steps: dweight.T})),
    ("dfeatures taken for 0 behind dead features", "dfeatures does not ask whether features are 0: it is weights times "
     "dlogits.", lambda a: _seen(a, how={"dfeatures": lambda value, steps: value * (steps["features"] > 0)})),
    ("corrected in place", "You wrote the right value into the example. Return it, and leave the example as it was "
     "printed.", lambda a: (a.right(), a.example["steps"].update([a.right()]))[0]),
]

EXERCISE = Exercise(
    name="find_the_slip", lesson="04_forward", oracle=found, judge=judge, read=_said, wrong=WRONG,
    told=lambda case: f"called with {case.note}",
    parts=[
        Part("numbers", 1, _numbers, "examples with a slip in any of their ten steps",
             "recompute step by step from the picture on, and stop at the first that is off by more than 0.005."),
        Part("shapes", 1, _shapes, "examples, the printed one among them, with a step of the wrong shape",
             "compare the shapes before the values: NumPy compares (1, 1) with (2, 2) without a word."),
    ],
)
