"""forward: the whole small network, from pictures to logits."""

from __future__ import annotations

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, pixels, sliced, transposed
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_04.forward_mistakes import FORWARD
from cnnlab.check.lesson_04.forward_more_mistakes import FORWARD_MORE

NAMES = ("conv_weight", "conv_bias", "fc_weight", "fc_bias")


def _forward(params: dict, x: np.ndarray) -> np.ndarray:
    """Picture by picture, in float64: SciPy correlates, windows are cut out one by one."""
    from scipy.signal import correlate2d

    weight, bias, fc_weight, fc_bias = (np.asarray(params[name], np.float64) for name in NAMES)
    rows = []
    for picture in np.asarray(x, np.float64)[:, 0]:
        features = []
        for kernel, one_bias in zip(weight[:, 0], bias, strict=True):
            active = (correlate2d(picture, kernel, mode="valid") + one_bias).clip(0)
            height, width = (side // 2 for side in active.shape)
            features += [
                active[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max() for i in range(height) for j in range(width)
            ]
        rows.append([np.dot(row, features) for row in fc_weight])
    return np.array(rows) + fc_bias


def _sizes_of_sums(case: Case) -> float:
    """The largest number that sums reach on the way when nothing cancels: what rounding is held against."""
    params, x = case.args if case.args else (case.kwargs["params"], case.kwargs["x"])
    size = {name: np.abs(np.asarray(value, np.float64)) for name, value in {**params, "x": x}.items()}
    top = size["x"].max() * size["conv_weight"].sum(axis=(1, 2, 3)).max() + size["conv_bias"].max()
    return float(max(1.0, top * size["fc_weight"].sum(axis=1).max() + size["fc_bias"].max()))


def _case(rng, n, size, filters, kernel, classes, *, draw=floats, x=None, note="", scale=1):
    """One network and a batch; draw makes the pictures and the weights."""
    height, width = size
    maps = [side - k + 1 for side, k in zip(size, kernel, strict=True)]
    features = filters * (maps[0] // 2) * (maps[1] // 2)
    params = {
        "conv_weight": draw(rng, filters, 1, *kernel) * scale,
        "conv_bias": draw(rng, filters),
        "fc_weight": draw(rng, classes, features),
        "fc_bias": draw(rng, classes),
    }
    return Case((params, draw(rng, n, 1, height, width) if x is None else x), note=note)


def _printed(rng: np.random.Generator) -> Case:
    """The lesson's own example."""
    from cnnlab.data.worked_example import own_example, params_of

    example = own_example()
    return Case((params_of(example), example["image"][None, None].astype(float)), note="the lesson's own example")


def _negative(case: Case) -> Case:
    """The same with kernels below zero: the largest pixel makes the smallest number."""
    params, x = case.args
    return Case(({**params, "conv_weight": -np.abs(params["conv_weight"])}, x), note=case.note)


def _one_filter(rng: np.random.Generator) -> list[Case]:
    return [
        _case(rng, 1, (3, 3), 1, (2, 2), 1, draw=ints, note="one window, one output"),
        _printed(rng),
        _case(rng, 1, (5, 5), 1, (2, 2), 2, draw=ints),
        _case(rng, 1, (5, 5), 1, (2, 2), 4, note="as many classes as features"),
        _case(rng, 1, (3, 7), 1, (2, 2), 3, note="wider than tall"),
        _case(rng, 1, (6, 4), 1, (3, 3), 2, note="taller than wide"),
        _case(rng, 1, (5, 7), 1, (2, 2), 2, x=ints(rng, 1, 1, 5, 7), note="whole pixels, weights with fractions"),
        _negative(_case(rng, 1, (4, 6), 1, (1, 1), 2, note="a kernel of one number, below zero")),
    ]


def _batches(rng: np.random.Generator) -> list[Case]:
    def single(case):
        params, x = case.args
        return Case(({k: v.astype(np.float32) for k, v in params.items()}, x.astype(np.float32)), note="float32")

    return [
        _case(rng, 2, (5, 5), 1, (2, 2), 2, draw=ints, note="two pictures"),
        _case(rng, 1, (5, 5), 2, (2, 2), 3, draw=ints, note="two filters"),
        _case(rng, 3, (5, 7), 2, (2, 2), 2),
        _case(rng, 2, (7, 5), 3, (2, 2), 4),
        _case(rng, 3, (7, 5), 3, (4, 2), 12, note="as many classes as features"),
        _case(rng, 2, (6, 8), 2, (3, 3), 2, x=pixels(rng, 2, 1, 6, 8), note="bytes"),
        single(_case(rng, 2, (5, 7), 3, (2, 2), 3)),
        _case(rng, 2, (5, 7), 2, (2, 2), 3, draw=transposed, note="transposed arrays"),
        _case(rng, 3, (5, 5), 2, (2, 2), 2, draw=sliced, note="slices of larger arrays"),
        _case(rng, 4, (8, 6), 5, (3, 3), 10, note="larger than the others"),
        Case((), dict(zip(("params", "x"), _case(rng, 2, (5, 5), 2, (2, 2), 2).args, strict=True)), note="by name"),
    ]


def _odd_sizes(rng: np.random.Generator) -> list[Case]:
    return [
        _case(rng, 1, (4, 4), 1, (2, 2), 1, draw=ints, note="a map of 3 × 3, one class"),
        _case(rng, 1, (4, 4), 1, (2, 2), 2, draw=ints, note="a map of 3 × 3"),
        _case(rng, 1, (4, 4), 2, (2, 2), 3),
        _case(rng, 2, (6, 5), 2, (2, 2), 2, note="maps of 5 × 4"),
        _case(rng, 2, (5, 8), 3, (3, 2), 2, note="maps of 3 × 7, a kernel that is not square"),
        _case(rng, 3, (7, 6), 2, (1, 4), 3, note="a kernel of one row"),
        _case(rng, 2, (8, 3), 2, (4, 1), 2, note="a kernel of one column"),
        _case(rng, 2, (9, 7), 2, (3, 3), 5, draw=transposed),
        _case(rng, 2, (5, 5), 2, (2, 2), 3, note="even sides, for comparison"),
    ]


forward = Exercise(
    name="forward",
    lesson="04_forward",
    oracle=_forward,
    scale=_sizes_of_sums,
    parts=[
        Part(
            "one filter",
            2,
            _one_filter,
            tests="8 networks of one filter, on one picture each",
            look="conv2d, relu, max_pool2d(…, 2), one row of numbers, linear: print the shape after each of the five.",
        ),
        Part(
            "filters and batch",
            2,
            _batches,
            tests="11 networks of 1 to 5 filters, on 1 to 4 pictures",
            look="after pooling there are (N, F, h, w) numbers, after flattening (N, F·h·w): a row a picture.",
        ),
        Part(
            "odd sizes",
            1,
            _odd_sizes,
            tests="9 networks, nearly all with maps of odd sides",
            look="pooling drops a last row or column that fills no window; read every size off a shape.",
        ),
    ],
    wrong=[*FORWARD, *FORWARD_MORE],
)
