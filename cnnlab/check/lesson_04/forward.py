"""forward: the whole small network, from pictures to logits."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, pixels, sliced, small, thirds, transposed, with_zeros
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_04.softmax import probabilities
from cnnlab.check.reading import recipes
from cnnlab.data.worked_example import own_example, params_of

AXES = {"conv_weight": "filter channel row column", "conv_bias": "filter", "fc_weight": "class feature"}
AXES |= {"fc_bias": "class", "x": "picture channel row column", "": "picture class"}
LEFT_OVER = (
    "A last row or column that fills no window is dropped. max_pool2d does it by itself; a pooling by reshape needs it "
    "cut off first, and one that rounds up makes a number too many."
)


# fmt: off
def _maps(a, x: np.ndarray | None = None, **changed: np.ndarray) -> np.ndarray:
    """The convolution's maps, of other pictures or parameters where asked."""
    params = a.params | changed
    patches = sliding_window_view(a.x if x is None else x, params["conv_weight"].shape[2:], axis=(2, 3))
    return np.einsum("nchwuv,fcuv->nfhw", patches, params["conv_weight"]) + params["conv_bias"][:, None, None]


def _windows(of: Callable = np.max, stride: int = 2) -> Callable[[np.ndarray], np.ndarray]:
    """A pooling of 2 × 2."""
    return lambda maps: of(sliding_window_view(maps, (2, 2), axis=(2, 3))[:, :, ::stride, ::stride], axis=(4, 5))


MAX = _windows()


def _net(
    a, maps=_maps, active=lambda m: np.maximum(m, 0), pool=MAX, flat=lambda p: p.reshape(len(p), -1),
    dense=lambda f, w, b: f @ w.T + b,
) -> np.ndarray:
    """The network's five steps, each of which may be another."""
    return dense(flat(pool(active(maps(a)))), a.params["fc_weight"], a.params["fc_bias"])


def logits_of(params: dict, x: np.ndarray) -> np.ndarray:
    """The network in float64."""
    params = {name: np.asarray(value, np.float64) for name, value in params.items()}
    return _net(SimpleNamespace(params=params, x=np.asarray(x, np.float64)))


def _case(rng, n, size, filters, kernel, classes, note="", draw=floats, x=None, bias=None) -> Case:
    """One network and a batch; draw makes the pictures and the weights."""
    maps = [side - k + 1 for side, k in zip(size, kernel, strict=True)]
    shapes = (filters, 1, *kernel), (filters,), (classes, filters * (maps[0] // 2) * (maps[1] // 2)), (classes,)
    kinds = draw, bias or draw, draw, bias or draw
    params = {key: of(rng, *shape) for key, of, shape in zip(AXES, kinds, shapes, strict=False)}
    return Case((params, (x or draw)(rng, n, 1, *size)), note=note)


def _one_filter(rng: np.random.Generator) -> list[Case]:
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

    case = partial(_case, rng)
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
    case = partial(_case, rng)
    return [
        case(1, (4, 4), 1, (2, 2), 1, "a map of 3 × 3, one class", small),
        case(1, (4, 4), 1, (2, 2), 2, "a map of 3 × 3", small), case(1, (4, 4), 2, (2, 2), 3),
        case(2, (6, 5), 2, (2, 2), 2, "maps of 5 × 4"), case(3, (7, 6), 2, (1, 4), 3, "a kernel of one row"),
        case(2, (5, 8), 3, (3, 2), 2, "maps of 3 × 7, a kernel that is not square"),
        case(2, (8, 3), 2, (4, 1), 2, "a kernel of one column"),
        case(2, (9, 7), 2, (3, 3), 5, draw=transposed), case(2, (5, 5), 2, (2, 2), 3, "even sides, for comparison"),
    ]


STEPS = {
    "active": recipes.FOR_RELU | {
        "the last filter counts alone": lambda m: np.maximum(m, 0) * np.eye(m.shape[1])[-1, :, None, None]},
    "pool": {"windows are averaged": _windows(np.mean),
             "windows are 1 × 2": lambda m: MAX(m[:, :, :-1:2].repeat(2, 2))},
    "dense": {
        "fc_bias is left out": lambda f, w, b: f @ w.T,
        "ReLU stands before fc_bias": lambda f, w, b: (f @ w.T).clip(0) + b,
        "fc_weight is laid out by reshape, where .T belongs": lambda f, w, b: f @ w.reshape(w.shape[::-1]) + b},
}
WRONG = [
    ("the ReLU is missing", "Numbers below zero reach the dense layer. Between convolution and pooling belongs a ReLU. "
     "Without it the network sees what speaks *against* its features as well.", partial(_net, active=np.asarray)),
    ("the ReLU before the convolution", "The ReLU was laid over the pixels. It belongs after the convolution.",
     partial(_net, maps=lambda a: _maps(a, np.maximum(a.x, 0)), active=np.asarray)),
    ("a ReLU on the logits", "Logits below zero were cut off. The last layer has no activation.",
     lambda a: np.maximum(a.right(), 0)),
    ("a sigmoid for the ReLU", "The maps were squeezed between 0 and 1. This network uses ReLU: max(0, x).",
     partial(_net, active=lambda m: 0.5 + 0.5 * np.tanh(m / 2))),
    ("a leaky ReLU", "Below zero something is left. This network uses the plain ReLU.",
     partial(_net, active=lambda m: np.where(m > 0, m, 0.01 * m))),
    ("the absolute value for the ReLU", "A strong no became a strong yes. ReLU sets it to 0.",
     partial(_net, active=np.abs)),
    ("the bias of the convolution is forgotten", "conv_bias is not used. Each filter's map gets its own number.",
     lambda a: a.right(params=a.params | {"conv_bias": 0 * a.params["conv_bias"]})),
    ("the bias comes after the ReLU", "The bias was added behind the ReLU. It belongs to the convolution: it decides "
     "how much a sum needs to pass.",
     lambda a: _net(a, active=lambda m: np.maximum(m, a.params["conv_bias"][:, None, None]))),
    ("the bias of the dense layer is forgotten", "fc_bias is not used: one number for each class, at the end.",
     lambda a: a.right(params=a.params | {"fc_bias": 0 * a.params["fc_bias"]})),
    ("no bias at all", "Neither conv_bias nor fc_bias is used. Both layers have one.",
     lambda a: a.right(params=a.params | {key: 0 * a.params[key] for key in ("conv_bias", "fc_bias")})),
    ("average pooling", "You took the mean of each window. This network takes the largest.",
     partial(_net, pool=_windows(np.mean))),
    ("the sum of each window", "You added up each window. Max pooling takes the largest.",
     partial(_net, pool=_windows(np.sum))),
    ("the smallest of each window", "You took the smallest of each window. Max pooling takes the largest.",
     partial(_net, pool=_windows(np.min))),
    ("too many features for the dense layer", "The dense layer gets more numbers than it has weights for. Is there a "
     "pooling with a stride of 2, and no padding anywhere? Print the shape before you flatten.",
     partial(_net, pool=np.asarray)),
    ("every second number for pooling", "maps[:, :, ::2, ::2] keeps the top-left number of each window. Max pooling "
     "keeps the largest.", partial(_net, pool=lambda m: m[:, :, :-1:2, :-1:2])),
    ("zeros around the picture", "The convolution padded the picture. This one is unpadded: padding=0, which is "
     "conv2d's default.",
     partial(_net, maps=lambda a: _maps(a, np.pad(a.x, [(0, 0), (0, 0), (1, 1), (1, 1)])))),
    ("pooling before the convolution", "You pooled the pixels. The order is convolution, ReLU, pooling: first look "
     "closely, then throw places away.", partial(_net, maps=lambda a: _maps(a, MAX(a.x)), pool=np.asarray)),
    ("windows that overlap", "The pooling windows start 1 apart, so there are too many numbers for the dense layer. "
     "Here the stride is 2.", partial(_net, pool=_windows(stride=1))),
    ("the kernel is flipped", "The kernel was turned by 180°. Deep learning's convolution does not flip.",
     lambda a: a.right(params=a.params | {"conv_weight": a.params["conv_weight"][:, :, ::-1, ::-1]})),
    ("the kernel is transposed", "Rows and columns of the kernel were swapped.",
     partial(_net, maps=lambda a: _maps(a, conv_weight=a.params["conv_weight"].swapaxes(2, 3)))),
    ("the dense weights are not transposed", "fc_weight is (K, D), a row for each class: features @ fc_weight.T, or "
     "your linear.", partial(_net, dense=lambda f, w, b: f @ w + b)),
    ("flattened with the filters last", "The features come place by place (h, w, F). Here they come filter by filter: "
     "reshape (N, F, h, w) as it is.", partial(_net, flat=lambda p: p.transpose(0, 2, 3, 1).reshape(len(p), -1))),
    ("flattened column by column", "The features were read down the columns. reshape reads along the rows; leave out "
     "swapaxes, .T and order='F'.", partial(_net, flat=lambda p: p.swapaxes(2, 3).reshape(len(p), -1))),
    ("flattened backwards", "The features come in reverse. Row by row, filter by filter, first to last.",
     lambda a: a.right(params=a.params | {"fc_weight": a.params["fc_weight"][:, ::-1]})),
    ("pictures mixed up in the reshape", "The batch axis moved behind the filters before the reshape, so features of "
     "several pictures share a row. Keep N in front: reshape(N, −1).",
     partial(_net, flat=lambda p: p.swapaxes(0, 1).reshape(len(p), -1))),
    ("the whole batch in one row", "All pictures were flattened into one long row. Every picture keeps its own: "
     "reshape(N, −1).", partial(_net, flat=lambda p: p.reshape(1, -1))),
    ("the first picture only", "Only the first picture came through. x holds N of them.", lambda a: a.right(x=a.x[:1])),
    ("the first picture for all", "Every row of your answer belongs to the first picture.",
     lambda a: a.right(x=a.x[[0] * len(a.x)])),
    ("the first filter for all", "Every map was made by the first filter. Each has weights of its own.",
     lambda a: a.right(params=a.params | {"conv_weight": a.params["conv_weight"][[0] * len(a.params["conv_bias"])]})),
    ("one bias for all filters", "Every filter got the first bias. Filter f has its own, conv_bias[f].",
     lambda a: a.right(params=a.params | {"conv_bias": a.params["conv_bias"][0] + 0 * a.params["conv_bias"]})),
    ("filters in reverse", "The maps come in reverse order. Map f belongs to filter f.",
     lambda a: a.right(params=a.params | {"conv_weight": a.params["conv_weight"][::-1], "conv_bias":
         a.params["conv_bias"][::-1]})),
    ("probabilities", "You return softmax of the logits. Return the logits; the loss does the softmax.",
     lambda a: probabilities(a.right())),
    ("the class, no logits", "You return which class won. Return all logits, (N, K).",
     lambda a: a.right().argmax(axis=1)),
    ("the features", "You return the flattened features. The dense layer is still to come.",
     partial(_net, dense=lambda f, w, b: f)),
    ("the pooled maps", "You return the pooled maps. Flatten them, then the dense layer.",
     lambda a: MAX(np.maximum(_maps(a), 0))),
    ("one row, no batch", "The answer for one picture is (1, K), not (K,): the batch axis stays.",
     lambda a: np.squeeze(a.right())),
    ("pictures in columns", "The answer is (K, N), and (N, K) is expected.", lambda a: a.right().T),
    ("a last window that is not full", LEFT_OVER,
     partial(_net, pool=lambda m: MAX(np.pad(m, [(0, side % 2 * (axis > 1)) for axis, side in enumerate(m.shape)])))),
    ("the first row is dropped", "Where a side is odd you drop the *first* row or column. Windows start at the top "
     "left; the last one is dropped.", partial(_net, pool=lambda m: MAX(m[:, :, m.shape[2] % 2 :, m.shape[3] % 2 :]))),
    ("pooling by reshape", LEFT_OVER,
     partial(_net, pool=lambda m: m.reshape(*m.shape[:2], m.shape[2] // 2, 2, m.shape[3] // 2, 2).max(axis=(3, 5)))),
    ("cut to whole numbers", "Fractions were cut off on the way. Make arrays with np.zeros(shape).",
     partial(_net, pool=lambda m: MAX(m).astype(int))),
    ("writes into its pictures", "Your function changed x. Work on new arrays.",
     lambda a: (a.right(), np.multiply(a.x, 0, out=a.x))[0]),
    ("writes into its parameters", "Your function changed params. Whoever called it still needs them.",
     lambda a: (a.right(), a.params.update(fc_bias=0 * a.params["fc_bias"]))[0]),
    ("the batch scaled to 1", "x was divided by its largest number. Take the pixels as they come.",
     lambda a: a.right(x=a.x / np.abs(a.x).max())),
    ("square maps only", "The maps' height was taken for their width as well. Read both off the shape.",
     partial(_net, pool=lambda m: MAX(m[:, :, : min(m.shape[2:]), : min(m.shape[2:])]))),
]

EXERCISE = Exercise(
    name="forward", lesson="04_forward", oracle=logits_of, axes=AXES, wrong=WRONG, read=recipes.reader(_net, STEPS),
    parts=[
        Part("one filter", 2, _one_filter, "networks of one filter, on one picture each",
             "conv2d, relu, max_pool2d(…, 2), one row of numbers, linear: print the shape after each of the five."),
        Part("filters and batch", 2, _batches, "networks of 1 to 5 filters, on 1 to 11 pictures",
             "after pooling there are (N, F, h, w) numbers, after flattening (N, F·h·w): a row a picture."),
        Part("odd sizes", 1, _odd_sizes, "networks, nearly all with maps of odd sides",
             "pooling drops a last row or column that fills no window; read every size off a shape."),
    ],
)
