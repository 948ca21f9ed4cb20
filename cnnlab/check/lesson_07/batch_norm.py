"""batch_norm: per-channel mean 0 and variance 1, then a scale and a shift, in train and in eval mode."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, pixels, single, sliced, small, transposed
from cnnlab.check.exercise import Exercise

MAPS = (0, 2, 3)  # the axes that a channel's statistics are taken over


def normalised(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5) -> tuple:
    """y, running_mean, running_var as PyTorch's BatchNorm2d has them."""
    x, gamma, beta, mean, var = (np.asarray(a, np.float64) for a in (x, gamma, beta, running_mean, running_var))
    if not training:
        return _scaled(x, gamma, beta, mean, var, eps), mean.copy(), var.copy()
    count = x[:, 0].size
    now, spread = x.mean(MAPS), x.var(MAPS)
    y = _scaled(x, gamma, beta, now, spread, eps)
    unbiased = spread * count / (count - 1)
    return y, (1 - momentum) * mean + momentum * now, (1 - momentum) * var + momentum * unbiased


def _wide(values: Any) -> np.ndarray:
    return np.asarray(values, np.float64)[:, None, None]


def _scaled(x, gamma, beta, mean, var, eps) -> np.ndarray:
    return _wide(gamma) * (x - _wide(mean)) / np.sqrt(_wide(var) + eps) + _wide(beta)


def _case(
    rng, shape: str, note="", training: Any = True, *, draw=floats, maps=None, by_name=False, only=(), **how
) -> Case:
    """A case with maps of this shape, a digit for each side."""
    sides = [int(side) for side in shape]
    c = sides[1]
    x = (maps or draw)(rng, *sides)
    args = x, draw(rng, c), draw(rng, c), draw(rng, c), np.abs(draw(rng, c)) + (1 if draw is small else 0.5)
    if draw is single:
        args = (*args[:4], args[4].astype(np.float32))
    names = ("x", "gamma", "beta", "running_mean", "running_var")
    if by_name:
        return Case((), {**dict(zip(names, args, strict=True)), "training": training, **how}, note, only)
    return Case((*args, training), how, note, only)


def _narrow(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers so close to each other that eps is felt, far away from 0."""
    return 0.004 * floats(rng, *shape) + 3


def _flat(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """The first channel is the same everywhere."""
    x = floats(rng, *shape)
    x[:, 0] = x[0, 0, 0, 0]
    return x


def _cases(rng: np.random.Generator, training: bool, only: tuple[str, ...] = ()) -> list[Case]:
    case = partial(_case, rng, training=training, only=only)
    return [
        case("1112", "two numbers", draw=small), case("1122", "one map", draw=small),
        case("2112", "two pictures", draw=small), case("1212", "two channels", draw=small),
        case("2334", "as many maps as rows"), case("3342", "three by three"), case("2243"), case("4233"),
        case("2335", "another momentum", momentum=0.3), case("2325", "momentum 1", momentum=1.0),
        case("2324", "momentum 0: nothing new is remembered", momentum=0.0),
        case("2334", "another eps", eps=0.25), case("2234", "both", momentum=0.5, eps=1e-3),
        case("3235", "close to each other, so eps counts", maps=_narrow),
        case("2243", "a channel that is the same everywhere", maps=_flat),
        case("2234", "whole numbers", maps=ints), case("2324", "whole numbers throughout", draw=ints),
        case("2234", "bytes", maps=pixels), case("2334", "float32", draw=single),
        case("2345", "transposed arrays", draw=transposed), case("3243", "slices of larger arrays", draw=sliced),
        case("2135", "one channel"), case("1433", "one picture"), case("2234", "by name", by_name=True, eps=0.1),
        case("2334", "another batch of a size seen before"),
    ]  # fmt: skip


def _as_given(a) -> tuple:
    return np.asarray(a.running_mean, float), np.asarray(a.running_var, float)


def _y(a, mean: Any, var: Any, eps: float | None = None, **how) -> np.ndarray:
    given = {"gamma": a.gamma, "beta": a.beta, **how}
    return _scaled(np.asarray(a.x, float), given["gamma"], given["beta"], mean, var, a.eps if eps is None else eps)


def _in_training(of: Callable) -> Callable:
    """A row that is right in eval mode; in train mode `of` tells what is different: a dict of results."""
    return lambda a: a.instead(**of(a)) if a.training else a.right()


def _in_eval(of: Callable) -> Callable:
    return lambda a: a.right() if a.training else a.instead(**of(a))


def _now(a, axes=MAPS) -> tuple[np.ndarray, np.ndarray]:
    x = np.asarray(a.x, float)
    return x.mean(axes), x.var(axes)


def _used(a) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the variance that y is made with."""
    return _now(a) if a.training else _as_given(a)


def _sample_var(a) -> np.ndarray:
    count = a.x[:, 0].size
    return _now(a)[1] * count / (count - 1)


def _blend(a, old: Any, new: Any, momentum: float | None = None) -> np.ndarray:
    momentum = a.momentum if momentum is None else momentum
    return (1 - momentum) * np.asarray(old, float) + momentum * new


def _running(a, mean: Any, var: Any, momentum: float | None = None) -> dict:
    return {"running_mean": _blend(a, a.running_mean, mean, momentum),
            "running_var": _blend(a, a.running_var, var, momentum)}  # fmt: skip


def _over(axes: tuple[int, ...], keep: bool = True) -> Callable:
    """y normalised over other axes."""

    def of(a) -> dict:
        x = np.asarray(a.x, float)
        mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
        return {"y": _wide(a.gamma) * (x - mean) / np.sqrt(var + a.eps) + _wide(a.beta)}

    return of


def _last_axis(a) -> tuple:
    """gamma and beta run along the columns, where that fits."""
    if a.x.shape[1] not in (1, a.x.shape[3]):
        raise ValueError(f"operands could not be broadcast together with shapes {a.x.shape} {np.shape(a.gamma)}")
    plain = a.right(gamma=np.ones(len(a.gamma)), beta=np.zeros(len(a.beta)))[0]
    return a.instead(y=plain * np.asarray(a.gamma, float) + np.asarray(a.beta, float))


def _into_the_running(a) -> tuple:
    """The running statistics are written where they were given."""
    found = a.right()
    for given, new in ((a.running_mean, found[1]), (a.running_var, found[2])):
        given[...] = new
    return found


def _x_in_place(a) -> tuple:
    found = a.right()
    a.x[...] = found[0]
    return found


def _cut(a) -> tuple:
    """Whole numbers stay whole."""
    kinds = (a.x, a.running_mean, a.running_var)
    return tuple(r.astype(k.dtype) if k.dtype.kind in "iu" else r for r, k in zip(a.right(), kinds, strict=True))


# fmt: off
WRONG = [
    # the statistics of a batch
    ("each picture by itself", "That is instance norm. A channel's mean and variance are taken over the whole batch: "
     "axis "
     "(0, 2, 3).", _in_training(_over((2, 3)))),
    ("each place by itself", "A channel's mean and variance are taken over all pictures *and all places*: axis (0, "
     "2, 3).",
     _in_training(_over((0,)))),
    ("all channels together", "Each channel has its own mean and variance: axis (0, 2, 3) leaves the channels apart.",
     _in_training(_over((0, 1, 2, 3)))),
    ("across the channels", "That is layer norm, across the maps of a picture. Here each channel is normalised by "
     "itself: "
     "axis (0, 2, 3).", _in_training(_over((1, 2, 3)))),
    ("across the channels of a place", "Each channel is normalised by itself: axis (0, 2, 3).",
     _in_training(_over((1,)))),
    ("the columns are left out", "The mean is taken over pictures, rows and columns: axis (0, 2, 3).",
     _in_training(_over((0, 2)))),
    ("the rows are left out", "The mean is taken over pictures, rows and columns: axis (0, 2, 3).",
     _in_training(_over((0, 3)))),
    ("the channels are last", "The maps come as (N, C, H, W): channels are axis 1.", _in_training(_over((0, 1, 2)))),
    ("the unbiased variance in y", "y is divided by the root of the *biased* variance (÷ n). The unbiased one (÷ (n "
     "− 1)) "
     "goes into the running one only.", _in_training(lambda a: {"y": _y(a, _now(a)[0], _sample_var(a))})),
    ("the biased variance in running_var", "The running variance gets the unbiased one, n/(n − 1) times the variance "
     "that "
     "y is divided by: it shall estimate what other pictures will have.",
     _in_training(lambda a: _running(a, *_now(a)))),
    ("n counts the pictures alone", "n is the number of values of a channel, N·H·W, not N: x.size // C.",
     _in_training(lambda a: {"running_var": _blend(a, a.running_var, _now(a)[1] * len(a.x) / (len(a.x) - 1))})),
    ("n counts the places of one picture", "n is the number of values of a channel in the whole batch, N·H·W, not H·W.",
     _in_training(lambda a: {"running_var": _blend(a, a.running_var, _now(a)[1] * (n := a.x[0, 0].size) / (n - 1))})),
    ("n counts the channels, too", "n is the number of values of *one* channel, N·H·W.",
     _in_training(lambda a: {"running_var": _blend(a, a.running_var, _now(a)[1] * a.x.size / (a.x.size - 1))})),
    ("the unbiased factor the wrong way round", "n/(n − 1) makes the variance larger; (n − 1)/n smaller.",
     _in_training(lambda a: {"running_var": _blend(a, a.running_var, _now(a)[1] ** 2 / _sample_var(a)
                                                   if _now(a)[1].all() else _now(a)[1])})),
    ("divided by the variance", "y is divided by the *root* of the variance plus eps.",
     lambda a: a.instead(y=lambda y: (y - _wide(a.beta)) / np.sqrt(_wide(_used(a)[1]) + a.eps)
                         + _wide(a.beta))),
    ("not divided at all", "Take the mean away, *and* divide by √(var + eps).",
     lambda a: a.instead(y=_y(a, _used(a)[0], np.ones(len(a.gamma)), 0))),
    ("the mean is not taken away", "First x − mean, then the division.",
     lambda a: a.instead(y=_y(a, np.zeros(len(a.gamma)), _used(a)[1]))),
    ("multiplied by the root", "Divide by √(var + eps).",
     lambda a: a.instead(y=_wide(a.gamma) * (a.x - _wide(_used(a)[0]))
                         * np.sqrt(_wide(_used(a)[1]) + a.eps) + _wide(a.beta))),
    ("the mean square for the variance", "The variance is the mean of (x − mean)²; yours is the mean of x².",
     _in_training(lambda a: {"y": _y(a, _now(a)[0], (np.asarray(a.x, float) ** 2).mean(MAPS))})),
    ("the mean distance for the root", "√variance is the root of the mean *square* distance.",
     _in_training(lambda a: {"y": _y(a, _now(a)[0], np.abs(a.x - _wide(_now(a)[0])).mean(MAPS) ** 2)})),
    ("the first picture's statistics", "The mean and the variance are taken over all pictures of the batch.",
     _in_training(lambda a: {"y": _y(a, a.x[0].astype(float).mean((1, 2)), a.x[0].astype(float).var((1, 2)))})),
    ("the pictures' variances are averaged", "The variance of the whole batch is more than the mean of the pictures' "
     "own: "
     "x.var(axis=(0, 2, 3)), in one go.", _in_training(lambda a: {"y": _y(a, _now(a)[0], _now(a, (2, 3))[1].mean(0))})),
    ("the pictures' variances are averaged in running_var", "The variance of the whole batch is more than the mean "
     "of the "
     "pictures' own: take it over axis (0, 2, 3) in one go.",
     _in_training(lambda a: {"running_var": _blend(a, a.running_var, np.asarray(a.x, float).var((2, 3), ddof=1).mean(0)
                                                   if a.x[0, 0].size > 1 else _now(a)[1])})),
    ("the median", "The *mean* is taken away.",
     _in_training(lambda a: {"y": _y(a, np.median(a.x, axis=MAPS), _now(a)[1])})),
    ("the mean is added", "The mean is taken *away*.", lambda a: a.instead(y=_y(a, -_used(a)[0], _used(a)[1]))),
    ("brackets are missing", "Division binds tighter than minus: (x − mean) / √(var + eps).",
     lambda a: a.instead(y=_wide(a.gamma) * (a.x - _wide(_used(a)[0]) / np.sqrt(_wide(_used(a)[1]) + a.eps))
                         + _wide(a.beta))),
    ("largest minus smallest for the root", "Divide by √(var + eps); the span is another measure.",
     _in_training(lambda a: {"y": _y(a, _now(a)[0], np.ptp(np.asarray(a.x, float), axis=MAPS) ** 2)})),
    # eps
    ("no eps", "eps stands under the root: a channel that is the same everywhere would be divided by 0.",
     lambda a: a.instead(y=_y(a, *_used(a), eps=0))),
    ("eps beside the root", "eps stands under the root: √(var + eps), not √var + eps.",
     lambda a: a.instead(y=_y(a, (m := _used(a))[0], (np.sqrt(m[1]) + a.eps) ** 2, 0))),
    ("eps squared", "√(var + eps): eps is added to the variance as it is.",
     lambda a: a.instead(y=_y(a, *_used(a), eps=a.eps**2))),
    ("eps only against 0", "eps is *added*, also where the variance is larger: √(var + eps), no maximum.",
     lambda a: a.instead(y=_y(a, (m := _used(a))[0], np.maximum(m[1], a.eps), 0))),
    ("always 1e-5", "`eps` is an argument; 1e-5 is only its default.", lambda a: a.right(eps=1e-5)),
    ("eps is taken away", "eps is *added* under the root, so that it can never be 0.",
     lambda a: a.instead(y=_y(a, _used(a)[0], np.abs(_used(a)[1] - a.eps), 0))),
    # gamma and beta
    ("no gamma", "After the normalisation each channel is multiplied by its gamma.",
     lambda a: a.right(gamma=np.ones(len(a.gamma)))),
    ("no beta", "At the end each channel's beta is added.", lambda a: a.right(beta=np.zeros(len(a.beta)))),
    ("neither gamma nor beta", "After the normalisation come the scale gamma and the shift beta.",
     lambda a: a.right(gamma=np.ones(len(a.gamma)), beta=np.zeros(len(a.beta)))),
    ("gamma and beta changed places", "gamma multiplies, beta is added.", lambda a: a.right(gamma=a.beta,
     beta=a.gamma)),
    ("beta inside the bracket", "gamma·x̂ + beta: beta is added last, and not multiplied.",
     lambda a: a.instead(y=lambda y: y + _wide(a.beta) * (_wide(a.gamma) - 1))),
    ("beta is taken away", "At the end beta is added.", lambda a: a.right(beta=-np.asarray(a.beta, float))),
    ("gamma and beta of the first channel", "Every channel has its own gamma and beta.",
     lambda a: a.right(gamma=a.gamma[[0] * len(a.gamma)], beta=a.beta[[0] * len(a.beta)])),
    ("gamma and beta along the columns", "gamma has one number a channel, and channels are axis 1: gamma[:, None, "
     "None]. "
     "A bare `gamma * …` runs along the last axis.", _last_axis),
    ("gamma + 1", "gamma itself multiplies; it begins at 1, in PyTorch.", lambda a: a.right(gamma=1 + a.gamma)),
    # running statistics
    ("the running statistics stay", "In train mode they move: (1 − momentum)·old + momentum·new.",
     _in_training(lambda a: dict(zip(("running_mean", "running_var"), _as_given(a), strict=True)))),
    ("the running mean stays", "In train mode both running statistics move, the mean too.",
     _in_training(lambda a: {"running_mean": _as_given(a)[0]})),
    ("the running variance stays", "In train mode both running statistics move, the variance too.",
     _in_training(lambda a: {"running_var": _as_given(a)[1]})),
    ("old and new changed places", "In PyTorch momentum is the share of the *new* batch: (1 − momentum)·old + "
     "momentum·new. "
     "In Keras it is that of the old.",
     _in_training(lambda a: _running(a, _now(a)[0], _sample_var(a), 1 - a.momentum))),
    ("the batch's own statistics", "The running statistics remember: (1 − momentum)·old + momentum·new, not new alone.",
     _in_training(lambda a: {"running_mean": _now(a)[0], "running_var": _sample_var(a)})),
    ("momentum times the batch is added", "The old ones fade: (1 − momentum)·old + momentum·new.",
     _in_training(lambda a: {"running_mean": a.running_mean + a.momentum * _now(a)[0],
                             "running_var": a.running_var + a.momentum * _sample_var(a)})),
    ("a momentum of 0 is taken for none", "`momentum or 0.1` gives 0.1 for 0, too: use the argument as it comes.",
     lambda a: a.right(momentum=a.momentum or 0.1)),
    ("always 0.1", "`momentum` is an argument; 0.1 is only its default.", lambda a: a.right(momentum=0.1)),
    ("the standard deviation in running_var", "running_var gets the variance, not its root.",
     _in_training(lambda a: {"running_var": _blend(a, a.running_var, np.sqrt(_sample_var(a)))})),
    ("eps in running_var", "eps belongs under y's root alone, not into the running variance.",
     _in_training(lambda a: {"running_var": _blend(a, a.running_var, _sample_var(a) + a.eps)})),
    ("running_var round the running mean", "The batch's variance is taken round the batch's own mean.",
     _in_training(lambda a: {"running_var": _blend(a, a.running_var, (
         (a.x - _wide(a.running_mean)) ** 2).sum(MAPS) / (a.x[:, 0].size - 1))})),
    ("the statistics of y", "The running statistics are those of x, before it is normalised.",
     _in_training(lambda a: _running(a, (y := a.right()[0]).mean(MAPS), y.var(MAPS, ddof=1)))),
    ("old and new in equal shares", "(1 − momentum)·old + momentum·new: the share of the new is `momentum`.",
     _in_training(lambda a: _running(a, _now(a)[0], _sample_var(a), 0.5))),
    ("momentum times the sum", "(1 − momentum)·old + momentum·new: only the new is multiplied by momentum.",
     _in_training(lambda a: {"running_mean": a.momentum * (a.running_mean + _now(a)[0]),
                             "running_var": a.momentum * (a.running_var + _sample_var(a))})),
    ("the old does not fade in running_mean", "(1 − momentum)·old + momentum·new, for the mean too.",
     _in_training(lambda a: {"running_mean": a.running_mean + a.momentum * _now(a)[0]})),
    # the two modes
    ("the batch's statistics in eval mode", "In eval mode the running statistics normalise: a picture's result must "
     "not "
     "depend on who else is in the batch.", _in_eval(lambda a: {"y": _y(a, *_now(a))})),
    ("as in train mode", "In eval mode nothing of the batch is looked at, and nothing is remembered.",
     lambda a: a.right(training=True)),
    ("as in eval mode", "In train mode the batch's own mean and variance normalise.",
     lambda a: a.right(training=False)),
    ("the running statistics move in eval mode", "In eval mode they stay as they were.",
     _in_eval(lambda a: _running(a, _now(a)[0], _sample_var(a)))),
    ("y from the new running statistics in train mode", "In train mode y is made with this batch's own mean and "
     "variance; "
     "the running ones are for eval mode.",
     _in_training(lambda a: {"y": _y(a, *(_running(a, _now(a)[0], _sample_var(a)).values()))})),
    ("running_var is a standard deviation in eval mode", "running_var is a variance: divide by its root.",
     _in_eval(lambda a: {"y": _y(a, a.running_mean, np.asarray(a.running_var, float) ** 2)})),
    ("running_var made unbiased in eval mode", "The factor n/(n − 1) was put in when running_var was made; use it as "
     "it is.",
     _in_eval(lambda a: {"y": _y(a, a.running_mean, np.asarray(a.running_var, float)
                                 * a.x[:, 0].size / (a.x[:, 0].size - 1))})),
    ("the batch's mean in eval mode", "In eval mode nothing of the batch is looked at: running_mean is taken away.",
     _in_eval(lambda a: {"y": _y(a, _now(a)[0], a.running_var)})),
    ("the batch's variance in eval mode", "In eval mode nothing of the batch is looked at: running_var divides.",
     _in_eval(lambda a: {"y": _y(a, a.running_mean, _now(a)[1])})),
    ("nothing is normalised in eval mode", "In eval mode x is normalised as well, with the running statistics.",
     _in_eval(lambda a: {"y": _wide(a.gamma) * a.x + _wide(a.beta)})),
    ("x as it is in eval mode", "Eval mode is no identity: x is normalised with the running statistics, then gamma, "
     "beta.",
     _in_eval(lambda a: {"y": np.asarray(a.x, float)})),
    # what is returned
    ("y alone", "Three results: y, running_mean, running_var.", lambda a: a.right()[0]),
    ("the results in another order", "The results come in the order y, running_mean, running_var.",
     lambda a: a.right()[::-1]),
    ("running_mean and running_var changed places", "The order is y, running_mean, running_var.",
     lambda a: tuple(a.right()[k] for k in (0, 2, 1))),
    ("the batch's statistics are returned", "The second and third result are the *running* statistics.",
     lambda a: a.instead(running_mean=_now(a)[0], running_var=_sample_var(a))),
    ("statistics keep axes of length 1", "The running statistics have shape (C,), as they came: no keepdims.",
     lambda a: a.instead(running_mean=lambda m: m[None, :, None, None], running_var=lambda v: v[None, :, None, None])),
    ("written into the arguments", "Return new arrays: whoever called still needs the old running statistics.",
     _into_the_running),
    ("x is written over", "Return new arrays: whoever called still needs x.", _x_in_place),
    ("cut to whole numbers", "The fractions are gone: np.zeros_like(x) of whole numbers can hold none.", _cut),
    ("a result of float16", "float16 holds three digits.", lambda a: tuple(r.astype(np.float16) for r in a.right())),
    ("a ReLU at the end", "Batch norm has no ReLU in it.", lambda a: a.instead(y=lambda y: np.maximum(y, 0))),
]
# fmt: on

EXERCISE = Exercise(
    name="batch_norm", lesson="07_blocks", oracle=normalised, results=("y", "running_mean", "running_var"), wrong=WRONG,
    scale=lambda case: 1.0,
    axes={"x": "image channel row column", "y": "image channel row column"}
    | dict.fromkeys(("gamma", "beta", "running_mean", "running_var"), "channel"),
    sizes=lambda a: {"n/(n − 1)": (n := a.x[:, 0].size) / (n - 1), "(n − 1)/n": (n - 1) / n, "the batch size": len(a.x),
                     "1 − momentum": 1 - a.momentum},
    parts=[
        Part("train mode", 2, partial(_cases, training=True, only=("y",)), "y in train mode",
             "mean and variance over axis (0, 2, 3) of this batch, then gamma and beta as gamma[:, None, None]."),
        Part("running statistics", 1, partial(_cases, training=True, only=("running_mean", "running_var")),
             "what is remembered in train mode", "(1 − momentum)·old + momentum·new, with the unbiased variance."),
        Part("eval mode", 1, partial(_cases, training=False), "all three results in eval mode",
             "no mean of this batch: running_mean and running_var normalise, and stay as they were."),
    ],
)  # fmt: skip
