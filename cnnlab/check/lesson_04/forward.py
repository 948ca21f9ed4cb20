"""forward: the whole small network, from pictures to logits."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, pixels, sliced, small, thirds, transposed, with_zeros
from cnnlab.check.exercise import Exercise

AXES = {"conv_weight": "filter channel row column", "conv_bias": "filter", "fc_weight": "class feature"}
AXES |= {"fc_bias": "class", "x": "picture channel row column", "": "picture class"}
LEFT_OVER = (
    "A last row or column that fills no window is dropped. max_pool2d does it by itself; a pooling by reshape needs it "
    "cut off first, and one that rounds up makes a number too many."
)


def logits_of(params: dict, x: np.ndarray) -> np.ndarray:
    """Picture by picture, in float64: SciPy correlates, windows are cut out one by one."""
    from scipy.signal import correlate2d

    weight, bias, fc_weight, fc_bias = (np.asarray(params[key], np.float64) for key in list(AXES)[:4])
    rows = []
    for picture in np.asarray(x, np.float64)[:, 0]:
        features = []
        for kernel, one_bias in zip(weight[:, 0], bias, strict=True):
            active = (correlate2d(picture, kernel, mode="valid") + one_bias).clip(0)
            starts = np.ndindex(active.shape[0] // 2, active.shape[1] // 2)
            features += [active[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max() for i, j in starts]
        rows.append([np.dot(row, features) for row in fc_weight])
    return np.array(rows) + fc_bias


def _size(case: Case) -> float:
    """The largest number that sums reach on the way when nothing cancels: what rounding is held against."""
    params, x = case.args if case.args else (case.kwargs["params"], case.kwargs["x"])
    size = {name: np.abs(np.asarray(value, np.float64)) for name, value in {**params, "x": x}.items()}
    top = size["x"].max() * size["conv_weight"].sum(axis=(1, 2, 3)).max() + size["conv_bias"].max()
    return float(max(1.0, top * size["fc_weight"].sum(axis=1).max() + size["fc_bias"].max()))


# fmt: off
def _case(rng, n, size, filters, kernel, classes, note="", draw=floats, x=None, bias=None) -> Case:
    """One network and a batch; draw makes the pictures and the weights."""
    maps = [side - k + 1 for side, k in zip(size, kernel, strict=True)]
    shapes = (filters, 1, *kernel), (filters,), (classes, filters * (maps[0] // 2) * (maps[1] // 2)), (classes,)
    kinds = draw, bias or draw, draw, bias or draw
    params = {key: of(rng, *shape) for key, of, shape in zip(AXES, kinds, shapes, strict=False)}
    return Case((params, (x or draw)(rng, n, 1, *size)), note=note)


def _one_filter(rng: np.random.Generator) -> list[Case]:
    from cnnlab.data.worked_example import own_example, params_of

    def case(size, *more, **how):
        return _case(rng, 1, size, 1, *more, **how)

    own = own_example()
    params, x = case((4, 6), (1, 1), 2).args
    below = {**params, "conv_weight": -np.abs(params["conv_weight"])}
    return [
        case((3, 3), (2, 2), 1, "one window, one output", small),
        Case((params_of(own), own["image"][None, None].astype(float)), note="the lesson's own example"),
        case((5, 5), (2, 2), 2, draw=small), case((5, 5), (2, 2), 4, "as many classes as features"),
        case((3, 7), (2, 2), 3, "wider than tall"), case((6, 4), (3, 3), 2, "taller than wide"),
        case((5, 7), (2, 2), 2, "whole pixels, weights with fractions", x=ints),
        case((5, 5), (2, 2), 3, "whole numbers, but for the biases", ints, bias=thirds),
        Case((below, x), note="a kernel of one number, below zero"),
    ]


def _batches(rng: np.random.Generator) -> list[Case]:
    def single(*shape):
        return floats(*shape).astype(np.float32)

    case = functools.partial(_case, rng)
    return [
        case(2, (5, 5), 1, (2, 2), 2, "two pictures", small), case(1, (5, 5), 2, (2, 2), 3, "two filters", small),
        case(3, (5, 7), 2, (2, 2), 2), case(2, (7, 5), 3, (2, 2), 4),
        case(3, (7, 5), 3, (4, 2), 12, "as many classes as features"),
        case(2, (6, 8), 2, (3, 3), 2, "bytes", x=pixels), case(2, (5, 7), 3, (2, 2), 3, "float32", single),
        case(2, (5, 7), 2, (2, 2), 3, "transposed arrays", transposed),
        case(3, (5, 5), 2, (2, 2), 2, "slices of larger arrays", sliced),
        case(2, (5, 7), 2, (2, 2), 3, "zeros among the numbers", with_zeros),
        case(4, (8, 6), 5, (3, 3), 10, "larger than the others"), case(11, (5, 3), 2, (2, 2), 3, "eleven pictures"),
        Case((), dict(zip(("params", "x"), case(2, (5, 5), 2, (2, 2), 2).args, strict=True)), note="by name"),
        case(3, (5, 7), 2, (2, 2), 2, "another batch and network of a size seen before"),
    ]


def _odd_sizes(rng: np.random.Generator) -> list[Case]:
    case = functools.partial(_case, rng)
    return [
        case(1, (4, 4), 1, (2, 2), 1, "a map of 3 × 3, one class", small),
        case(1, (4, 4), 1, (2, 2), 2, "a map of 3 × 3", small), case(1, (4, 4), 2, (2, 2), 3),
        case(2, (6, 5), 2, (2, 2), 2, "maps of 5 × 4"), case(3, (7, 6), 2, (1, 4), 3, "a kernel of one row"),
        case(2, (5, 8), 3, (3, 2), 2, "maps of 3 × 7, a kernel that is not square"),
        case(2, (8, 3), 2, (4, 1), 2, "a kernel of one column"),
        case(2, (9, 7), 2, (3, 3), 5, draw=transposed), case(2, (5, 5), 2, (2, 2), 3, "even sides, for comparison"),
    ]


def _maps(a, x: np.ndarray | None = None, **changed: np.ndarray) -> np.ndarray:
    """The convolution's maps, of other pictures or parameters where asked."""
    params = a.params | changed
    patches = sliding_window_view(a.x if x is None else x, params["conv_weight"].shape[2:], axis=(2, 3))
    return np.einsum("nchwuv,fcuv->nfhw", patches, params["conv_weight"]) + params["conv_bias"][:, None, None]


def _active(a) -> np.ndarray:
    return np.maximum(_maps(a), 0)


def _pool(maps: np.ndarray, of: Callable = np.max, stride: int = 2) -> np.ndarray:
    return of(sliding_window_view(maps, (2, 2), axis=(2, 3))[:, :, ::stride, ::stride], axis=(4, 5))


def _dense(a, pooled: np.ndarray) -> np.ndarray:
    return pooled.reshape(len(pooled), -1) @ a.params["fc_weight"].T + a.params["fc_bias"]


def _with(a, **params: np.ndarray) -> np.ndarray:
    """The right logits of a network with other parameters."""
    return a.right(params=a.params | params)


def _none(a, *keys: str) -> dict:
    return {key: 0 * a.params[key] for key in keys}


def _like_first(a, key: str) -> np.ndarray:
    return a.params[key][[0] * len(a.params[key])]


def _padded_maps(a) -> np.ndarray:
    height, width = (side // 2 for side in a.params["conv_weight"].shape[2:])
    return np.maximum(_maps(a, np.pad(a.x, ((0, 0), (0, 0), (height, height), (width, width)))), 0)


def _without_odd(maps: np.ndarray, first: bool = False) -> np.ndarray:
    """The maps without the last row and column of an odd side, or without the first."""
    rows, columns = (side % 2 for side in maps.shape[2:])
    return maps[:, :, rows:, columns:] if first else maps[:, :, : maps.shape[2] - rows, : maps.shape[3] - columns]


def _rounded_up(a) -> np.ndarray:
    maps = _active(a)
    return _dense(a, _pool(np.pad(maps, ((0, 0), (0, 0), (0, maps.shape[2] % 2), (0, maps.shape[3] % 2)))))


def _by_reshape(a) -> np.ndarray:
    maps = _active(a)
    n, filters, height, width = maps.shape
    return _dense(a, maps.reshape(n, filters, height // 2, 2, width // 2, 2).max(axis=(3, 5)))


def _square(a) -> np.ndarray:
    side = min(_active(a).shape[2:])
    return _dense(a, _pool(_active(a)[:, :, :side, :side]))


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


WRONG = [
    ("the ReLU is missing", "Numbers below zero reach the dense layer. Between convolution and pooling belongs a ReLU. "
     "Without it the network sees what speaks *against* its features as well.", lambda a: _dense(a, _pool(_maps(a)))),
    ("the ReLU before the convolution", "The ReLU was laid over the pixels. It belongs after the convolution.",
     lambda a: _dense(a, _pool(_maps(a, np.maximum(a.x, 0))))),
    ("a ReLU on the logits", "Logits below zero were cut off. The last layer has no activation.",
     lambda a: np.maximum(a.right(), 0)),
    ("a sigmoid for the ReLU", "The maps were squeezed between 0 and 1. This network uses ReLU: max(0, x).",
     lambda a: _dense(a, _pool(0.5 + 0.5 * np.tanh(_maps(a) / 2)))),
    ("a leaky ReLU", "Below zero something is left. This network uses the plain ReLU.",
     lambda a: _dense(a, _pool(np.where(_maps(a) > 0, _maps(a), 0.01 * _maps(a))))),
    ("the absolute value for the ReLU", "A strong no became a strong yes. ReLU sets it to 0.",
     lambda a: _dense(a, _pool(np.abs(_maps(a))))),
    ("the bias of the convolution is forgotten", "conv_bias is not used. Each filter's map gets its own number.",
     lambda a: _with(a, **_none(a, "conv_bias"))),
    ("the bias comes after the ReLU", "The bias was added behind the ReLU. It belongs to the convolution: it decides "
     "how much a sum needs to pass.", lambda a: _dense(
         a, _pool(np.maximum(_maps(a, **_none(a, "conv_bias")), 0) + a.params["conv_bias"][:, None, None]))),
    ("the bias of the dense layer is forgotten", "fc_bias is not used: one number for each class, at the end.",
     lambda a: _with(a, **_none(a, "fc_bias"))),
    ("no bias at all", "Neither conv_bias nor fc_bias is used. Both layers have one.",
     lambda a: _with(a, **_none(a, "conv_bias", "fc_bias"))),
    ("average pooling", "You took the mean of each window. This network takes the largest.",
     lambda a: _dense(a, _pool(_active(a), np.mean))),
    ("the sum of each window", "You added up each window. Max pooling takes the largest.",
     lambda a: _dense(a, _pool(_active(a), np.sum))),
    ("the smallest of each window", "You took the smallest of each window. Max pooling takes the largest.",
     lambda a: _dense(a, _pool(_active(a), np.min))),
    ("too many features for the dense layer", "The dense layer gets more numbers than it has weights for. Is there a "
     "pooling with a stride of 2, and no padding anywhere? Print the shape before you flatten.",
     lambda a: _dense(a, _active(a))),
    ("every second number for pooling", "maps[:, :, ::2, ::2] keeps the top-left number of each window. Max pooling "
     "keeps the largest.", lambda a: _dense(a, _without_odd(_active(a))[:, :, ::2, ::2])),
    ("zeros around the picture", "The convolution padded the picture. This one is unpadded: padding=0, which is "
     "conv2d's default.", lambda a: _dense(a, _pool(_padded_maps(a)))),
    ("pooling before the convolution", "You pooled the pixels. The order is convolution, ReLU, pooling: first look "
     "closely, then throw places away.", lambda a: _dense(a, np.maximum(_maps(a, _pool(a.x)), 0))),
    ("windows that overlap", "The pooling windows start 1 apart, so there are too many numbers for the dense layer. "
     "Here the stride is 2.", lambda a: _dense(a, _pool(_active(a), stride=1))),
    ("the kernel is flipped", "The kernel was turned by 180°. Deep learning's convolution does not flip.",
     lambda a: _with(a, conv_weight=a.params["conv_weight"][:, :, ::-1, ::-1])),
    ("the kernel is transposed", "Rows and columns of the kernel were swapped.",
     lambda a: _dense(a, _pool(np.maximum(_maps(a, conv_weight=a.params["conv_weight"].swapaxes(2, 3)), 0)))),
    ("the dense weights are not transposed", "fc_weight is (K, D), a row for each class: features @ fc_weight.T, or "
     "your linear.", lambda a: _pool(_active(a)).reshape(len(a.x), -1) @ a.params["fc_weight"] + a.params["fc_bias"]),
    ("flattened with the filters last", "The features come place by place (h, w, F). Here they come filter by filter: "
     "reshape (N, F, h, w) as it is.", lambda a: _dense(a, _pool(_active(a)).transpose(0, 2, 3, 1))),
    ("flattened column by column", "The features were read down the columns. reshape reads along the rows; leave out "
     "order='F' and .T.", lambda a: _dense(a, _pool(_active(a)).swapaxes(2, 3))),
    ("flattened backwards", "The features come in reverse. Row by row, filter by filter, first to last.",
     lambda a: _with(a, fc_weight=a.params["fc_weight"][:, ::-1])),
    ("pictures mixed up in the reshape", "The batch axis moved behind the filters before the reshape, so features of "
     "several pictures share a row. Keep N in front: reshape(N, −1).",
     lambda a: _dense(a, _pool(_active(a)).swapaxes(0, 1).reshape(len(a.x), -1))),
    ("the whole batch in one row", "All pictures were flattened into one long row. Every picture keeps its own: "
     "reshape(N, −1).", lambda a: _dense(a, _pool(_active(a)).reshape(1, -1))),
    ("the first picture only", "Only the first picture came through. x holds N of them.", lambda a: a.right(x=a.x[:1])),
    ("the first picture for all", "Every row of your answer belongs to the first picture.",
     lambda a: a.right(x=a.x[[0] * len(a.x)])),
    ("the first filter for all", "Every map was made by the first filter. Each has weights of its own.",
     lambda a: _with(a, conv_weight=_like_first(a, "conv_weight"))),
    ("one bias for all filters", "Every filter got the first bias. Filter f has its own, conv_bias[f].",
     lambda a: _with(a, conv_bias=_like_first(a, "conv_bias"))),
    ("filters in reverse", "The maps come in reverse order. Map f belongs to filter f.",
     lambda a: _with(a, conv_weight=a.params["conv_weight"][::-1], conv_bias=a.params["conv_bias"][::-1])),
    ("probabilities", "You return softmax of the logits. Return the logits; the loss does the softmax.",
     lambda a: _softmax(a.right())),
    ("the class, no logits", "You return which class won. Return all logits, (N, K).",
     lambda a: a.right().argmax(axis=1)),
    ("the features", "You return the flattened features. The dense layer is still to come.",
     lambda a: _pool(_active(a)).reshape(len(a.x), -1)),
    ("the pooled maps", "You return the pooled maps. Flatten them, then the dense layer.", lambda a: _pool(_active(a))),
    ("one row, no batch", "The answer for one picture is (1, K), not (K,): the batch axis stays.",
     lambda a: np.squeeze(a.right())),
    ("pictures in columns", "The answer is (K, N), and (N, K) is expected.", lambda a: a.right().T),
    ("a last window that is not full", LEFT_OVER, _rounded_up),
    ("the first row is dropped", "Where a side is odd you drop the *first* row or column. Windows start at the top "
     "left; the last one is dropped.", lambda a: _dense(a, _pool(_without_odd(_active(a), first=True)))),
    ("pooling by reshape", LEFT_OVER, _by_reshape),
    ("cut to whole numbers", "Fractions were cut off on the way. Make arrays with np.zeros(shape).",
     lambda a: _dense(a, _pool(_active(a)).astype(int))),
    ("writes into its pictures", "Your function changed x. Work on new arrays.",
     lambda a: (a.right(), np.multiply(a.x, 0, out=a.x))[0]),
    ("writes into its parameters", "Your function changed params. Whoever called it still needs them.",
     lambda a: (a.right(), a.params.update(fc_bias=0 * a.params["fc_bias"]))[0]),
    ("the batch scaled to 1", "x was divided by its largest number. Take the pixels as they come.",
     lambda a: a.right(x=a.x / np.abs(a.x).max())),
    ("square maps only", "The maps' height was taken for their width as well. Read both off the shape.", _square),
]

EXERCISE = Exercise(
    name="forward", lesson="04_forward", oracle=logits_of, axes=AXES, scale=_size, wrong=WRONG,
    parts=[
        Part("one filter", 2, _one_filter, "networks of one filter, on one picture each",
             "conv2d, relu, max_pool2d(…, 2), one row of numbers, linear: print the shape after each of the five."),
        Part("filters and batch", 2, _batches, "networks of 1 to 5 filters, on 1 to 11 pictures",
             "after pooling there are (N, F, h, w) numbers, after flattening (N, F·h·w): a row a picture."),
        Part("odd sizes", 1, _odd_sizes, "networks, nearly all with maps of odd sides",
             "pooling drops a last row or column that fills no window; read every size off a shape."),
    ],
)
# fmt: on
