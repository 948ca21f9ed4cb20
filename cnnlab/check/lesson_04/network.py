"""linear and forward: the dense layer, and the whole small network."""

from __future__ import annotations

import numpy as np

from cnnlab.check.draw import floats, ints, pixels, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_04.network_mistakes import FORWARD, LINEAR


def dense(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """x (N, in), weight (out, in), bias (out,) give (N, out), in int64 for whole numbers and else in float64."""
    wide = np.int64 if all(a.dtype.kind in "iu" for a in (x, weight, bias)) else np.float64
    return np.einsum("ni,oi->no", x.astype(wide), weight.astype(wide)) + bias.astype(wide)


def _dense(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), np.array([5.0])), note="one number comes out"),
        Case((ints(rng, 1, 2), ints(rng, 3, 2), ints(rng, 3))),
        Case((floats(rng, 4, 3), floats(rng, 2, 3), floats(rng, 2))),
        Case((ints(rng, 2, 3), floats(rng, 3, 3), floats(rng, 3)), note="as many out as in"),
        Case((floats(rng, 3, 5).astype(np.float32), floats(rng, 2, 5).astype(np.float32), floats(rng, 2).astype("f4"))),
        Case((pixels(rng, 2, 4), ints(rng, 3, 4), ints(rng, 3)), note="bytes"),
        Case((sliced(rng, 3, 4), transposed(rng, 2, 4), floats(rng, 2)), note="slices"),
        Case((floats(rng, 3, 3), floats(rng, 3, 3), floats(rng, 3)), note="every size is 3"),
    ]


linear = Exercise(
    name="linear",
    lesson="04_forward",
    argument_names=("x", "weight", "bias"),
    oracle=dense,
    parts=[
        Part(
            "values",
            1,
            _dense,
            tests="8 batches, one of them all 3 × 3, where a transposed weight fits",
            look="output o of picture n is Σ x[n, i]·weight[o, i], plus bias[o].",
        )
    ],
    mistakes=LINEAR,
)


def network(params: dict, x: np.ndarray) -> np.ndarray:
    """conv → ReLU → 2 × 2 max pool, stride 2 → flatten → dense, one tap after the other, in float64."""
    weight = np.asarray(params["conv_weight"], np.float64)
    kh, kw = weight.shape[2:]
    rows, columns = x.shape[2] - kh + 1, x.shape[3] - kw + 1
    maps = np.zeros((len(x), len(weight), rows, columns)) + np.asarray(params["conv_bias"], np.float64)[:, None, None]
    for u in range(kh):
        for v in range(kw):
            maps += weight[:, 0, u, v, None, None] * x[:, :, u : u + rows, v : v + columns].astype(np.float64)
    maps = np.where(maps > 0, maps, 0.0)
    half, across = rows // 2, columns // 2
    corners = [maps[:, :, a : a + 2 * half : 2, b : b + 2 * across : 2] for a in (0, 1) for b in (0, 1)]
    pooled = np.maximum.reduce(corners)
    features = pooled.reshape(len(x), -1)
    return dense(features, np.asarray(params["fc_weight"], float), np.asarray(params["fc_bias"], float))


def _net(rng, n, filters, kernel, sides, classes, draw=floats, note="", make=None) -> Case:
    (kh, kw), (height, width) = kernel, sides
    count = filters * ((height - kh + 1) // 2) * ((width - kw + 1) // 2)
    params = {
        "conv_weight": draw(rng, filters, 1, kh, kw),
        "conv_bias": draw(rng, filters),
        "fc_weight": draw(rng, classes, count),
        "fc_bias": draw(rng, classes),
    }
    x = draw(rng, n, 1, height, width) if make is None else make(rng, n, 1, height, width)
    if note == "float32":
        params, x = {name: value.astype(np.float32) for name, value in params.items()}, x.astype(np.float32)
    return Case((params, x), note=note)


def _one_filter(rng: np.random.Generator) -> list[Case]:
    return [
        _net(rng, 1, 1, (2, 2), (3, 3), 2, ints, "one pooling window"),
        _net(rng, 1, 1, (2, 2), (5, 5), 2, ints),
        _net(rng, 1, 1, (3, 3), (8, 8), 3),
        _net(rng, 1, 1, (2, 2), (5, 5), 4, note="as many classes as features"),
        _net(rng, 1, 1, (1, 1), (4, 4), 2, note="a kernel of one weight"),
    ]


def _filters(rng: np.random.Generator) -> list[Case]:
    return [
        _net(rng, 2, 1, (2, 2), (5, 5), 2, ints),
        _net(rng, 1, 3, (2, 2), (5, 5), 2, ints),
        _net(rng, 3, 2, (3, 3), (8, 8), 4),
        _net(rng, 2, 4, (3, 3), (6, 6), 3, note="float32"),
        _net(rng, 4, 4, (2, 2), (3, 3), 4, note="every axis has 4"),
        _net(rng, 2, 3, (3, 3), (6, 6), 10, make=pixels, note="bytes"),
    ]


def _odd(rng: np.random.Generator) -> list[Case]:
    return [
        _net(rng, 1, 1, (2, 2), (4, 6), 2, ints, "3 × 5 maps: the last row and column are left over"),
        _net(rng, 2, 2, (2, 3), (6, 5), 3),
        _net(rng, 2, 3, (3, 2), (7, 9), 2),
        _net(rng, 3, 2, (1, 4), (4, 9), 3, make=transposed, note="a transposed array"),
        _net(rng, 2, 2, (4, 1), (9, 3), 2, make=sliced, note="a slice of a larger array"),
    ]


forward = Exercise(
    name="forward",
    lesson="04_forward",
    argument_names=("params", "x"),
    oracle=network,
    parts=[
        Part(
            "one filter",
            2,
            _one_filter,
            tests="5 networks with one filter, on one square picture",
            look="print the shape after every step: convolution, ReLU, pool, flatten, dense.",
        ),
        Part(
            "filters and batch",
            2,
            _filters,
            tests="6 networks with several filters and pictures, bytes and float32",
            look="flatten keeps the batch: (N, F, h, w) becomes (N, F·h·w), row by row.",
        ),
        Part(
            "odd sizes",
            1,
            _odd,
            tests="5 networks on oblong pictures, with maps whose sides are odd",
            look="a 2 × 2 pool drops a last row or column that has no partner.",
        ),
    ],
    mistakes=FORWARD,
)
