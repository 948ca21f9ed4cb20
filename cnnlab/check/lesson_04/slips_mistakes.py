"""What goes wrong in find_the_slip."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

FIND_THE_SLIP: list[Mistake] = []


def _steps(example, relu=lambda maps: np.maximum(maps, 0), stride=None, pool=np.max, sign=1, transposed=False):
    """The steps worked out, one of them perhaps in another way."""
    x, kernel = np.asarray(example["x"], float), np.asarray(example["kernel"], float)
    kh, kw = kernel.shape
    rows, columns = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    maps = np.array(
        [[np.sum(x[i : i + kh, j : j + kw] * kernel) + example["bias"] for j in range(columns)] for i in range(rows)]
    )
    size, stride = example["pool_size"], example["pool_stride"] if stride is None else stride
    after = relu(maps)
    pooled = np.array(
        [
            [pool(after[i : i + size, j : j + size]) for j in range(0, columns - size + 1, stride)]
            for i in range(0, rows - size + 1, stride)
        ]
    )
    logits = pooled.ravel() @ example["fc_weight"] + example["fc_bias"]
    raised = np.exp(logits - logits.max())
    p = raised / raised.sum()
    dlogits = sign * (p - np.eye(len(p))[example["label"]])
    outer = np.outer(pooled.ravel(), dlogits)
    return {
        "convolution": maps,
        "relu": after,
        "pool": pooled,
        "logits": logits,
        "probabilities": p,
        "loss": float(-np.log(p[example["label"]])),
        "dlogits": dlogits,
        "dfc_weight": outer.T if transposed else outer,
        "dpool": (example["fc_weight"] @ dlogits).reshape(pooled.shape),
    }


def _first(example, steps, close=1e-3, shapes=True):
    for name, value in steps.items():
        if name not in example:
            continue
        printed, value = np.asarray(example[name], float), value
        if np.shape(value) != printed.shape:
            if shapes:
                return name, value
            continue
        if not np.allclose(value, printed, atol=close, rtol=0):
            return name, value
    return None


@known(
    FIND_THE_SLIP,
    "shapes are not compared",
    "A result of 2 × 2 where 3 × 3 belongs is a slip, even if every number in it is 0.",
)
def no_shapes(example):
    return _first(example, _steps(example), shapes=False)


@known(FIND_THE_SLIP, "rounding is taken for a slip", "Printed numbers are rounded to 4 places: allow for 0.001.")
def too_exact(example):
    return _first(example, _steps(example), close=1e-9)


@known(FIND_THE_SLIP, "too forgiving", "A tolerance of 2 lets slips through: printed numbers are right to 4 places.")
def too_forgiving(example):
    return _first(example, _steps(example), close=2.0)


@known(FIND_THE_SLIP, "the printed value comes back", "Return what is *right*, worked out anew, not what is printed.")
def printed_value(example):
    found = _first(example, _steps(example))
    return found and (found[0], example[found[0]])


@known(FIND_THE_SLIP, "only the name comes back", "Return two things: the step's name and its right value.")
def only_the_name(example):
    found = _first(example, _steps(example))
    return found and found[0]


@known(FIND_THE_SLIP, "name and value changed places", "First the step's name, then its right value.")
def other_order(example):
    found = _first(example, _steps(example))
    return found and found[::-1]


@known(FIND_THE_SLIP, "the last step that differs", "Begin at the top: the first step that differs is the slip.")
def from_the_end(example):
    return _first(example, dict(reversed(_steps(example).items()))) if "dpool" in example else ("dpool", 0.0)


@known(FIND_THE_SLIP, "ReLU is forgotten", "What is negative becomes 0 before the pool.")
def without_relu(example):
    return _first(example, _steps(example, relu=lambda maps: maps))


@known(FIND_THE_SLIP, "the pool's stride is taken for its size", "The example says both: pool_size and pool_stride.")
def stride_is_size(example):
    return _first(example, _steps(example, stride=example["pool_size"]))


@known(FIND_THE_SLIP, "the pool's stride is taken for 1", "The example says it: pool_stride.")
def stride_is_one(example):
    return _first(example, _steps(example, stride=1))


@known(FIND_THE_SLIP, "average pooling", "The pool takes the largest of each window.")
def averages(example):
    return _first(example, _steps(example, pool=np.mean))


@known(FIND_THE_SLIP, "y − p in place of p − y", "The gradient at the logits is p − y: negative at the true class.")
def other_sign(example):
    return _first(example, _steps(example, sign=-1))


@known(
    FIND_THE_SLIP,
    "the outer product turned round",
    "fc_weight has a row for each feature: features first, np.outer(features, dlogits).",
)
def outer_turned(example):
    return _first(example, _steps(example, transposed=True))


@known(FIND_THE_SLIP, "always the convolution", "Not every slip is in the first step: work out all of them.")
def always_the_first(example):
    return "convolution", _steps(example)["convolution"]


@known(
    FIND_THE_SLIP,
    "each step from the printed one before",
    "That is fine for the step, if you stop at the first; here the last one that differs is returned.",
)
def last_of_all(example):
    found = None
    for name, value in _steps(example).items():
        if name in example and np.shape(value) == np.shape(example[name]):
            found = found if np.allclose(value, example[name], atol=1e-3) else (name, value)
    return found


@known(
    FIND_THE_SLIP,
    "the gradients are not looked at",
    "Three steps come after the loss: dlogits, dfc_weight and dpool.",
)
def up_to_the_loss(example):
    steps = _steps(example)
    return _first(example, {name: steps[name] for name in list(steps)[:6]})
