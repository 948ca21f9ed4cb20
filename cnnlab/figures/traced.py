"""What a learner's functions say of a list of layers, beside what is so: plain numbers for the shape tracer."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from cnnlab.built import lesson_06 as course
from cnnlab.check import ask
from cnnlab.layers import LAYERS, Conv, Dense, Flatten, Pool

COUNTS = ("parameters", "macs")


@dataclass(frozen=True)
class Traced:
    """The layers that fit, one after the other, and what is known of them.

    shapes: the input's and one after each layer; none where there is no trace yet. counts: {"parameters" or "macs": an
    int for each layer}, without those that are not there yet. wrong: {"trace", "parameters" or "macs": the places
    where the learner's are others}. says: what to know, sentences. endless: functions that never came back.
    """

    layers: tuple
    shapes: tuple
    counts: dict = field(default_factory=dict)
    wrong: dict = field(default_factory=dict)
    says: tuple = ()
    endless: tuple = ()

    def row(self, name):
        """The numbers of "parameters", "macs" or "stored" (what comes out of each layer), ints, the input's first; or
        []."""
        if name == "stored":
            return [math.prod(shape) for shape in self.shapes]
        return [0, *self.counts[name]] if name in self.counts else []


def traced(layers, input_shape, trace=None, parameters=None, macs=None):
    """Ask the functions about the layers, up to the first that does not fit: a Traced.

    layers: a list of cnnlab.layers; input_shape: (C, H, W), ints; trace, parameters, macs: the learner's, each (layers,
    input_shape) -> list. None in a function's place: the course's own numbers; a text: a sentence on why there are
    none.
    """
    layers, input_shape = list(layers), tuple(input_shape)
    fit, stumble = fitting(layers, input_shape)
    layers = layers[:fit]
    says, wrong, counts, endless = [], {}, {}, []
    right = {"trace": course.trace(layers, input_shape)}
    right |= {name: getattr(course, name)(layers, input_shape) for name in COUNTS}
    for name, function in {"trace": trace, "parameters": parameters, "macs": macs}.items():
        if function is None:
            counts[name] = right[name]
            continue
        if isinstance(function, str):
            says.append(function)
            continue
        answer = ask(function, list(layers), input_shape)
        value, problem = answer.value, answer.problem or misfit(answer.name, answer.value, right[name])
        if answer.endless:
            endless.append(name)
        if problem:
            says.append(problem)
            continue
        counts[name] = [_same_kind(one) for one in value]
        wrong[name] = frozenset(k for k, pair in enumerate(zip(counts[name], right[name], strict=True)) if _not(pair))
    shapes = tuple(counts.pop("trace", ()))
    return Traced(tuple(layers), shapes, counts, wrong, tuple(dict.fromkeys([*says, *stumble])), tuple(endless))


def fitting(layers, shape):
    """How many of the layers fit one after the other on maps of `shape`, an int, and a tuple with a sentence about the
    first that does not, or ()."""
    for k, layer in enumerate(layers):
        if not isinstance(layer, LAYERS):
            return k, (f"{layer!r} is no layer: there are Conv, Pool, Flatten and Dense.",)
        if isinstance(layer, Conv | Pool) and len(shape) != 3:
            return k, (f"{layer} needs maps, and after Flatten there is one row of {shape[0]:,} numbers.",)
        if isinstance(layer, Dense) and len(shape) != 1:
            return k, (f"{layer} needs one row of numbers: put Flatten() before it.",)
        if isinstance(layer, Flatten) and len(shape) != 3:
            return k, ("There is nothing left to flatten.",)
        try:
            shape = course.trace([layer], shape)[-1]
        except ValueError:
            return k, (f"{layer} does not fit on maps of {shape[1]} × {shape[2]}.",)
    return len(layers), ()


def misfit(name, value, right):
    """A sentence where an answer is no list like the right one; None where its entries can be compared.

    name: the function's; value: what it returned, anything; right: the list of shapes or ints that is right.
    """
    if value is None:
        return f"`{name}` returned None: is its return missing?"
    if not isinstance(value, list | tuple) or len(value) != len(right):
        length = f" with {len(value)} entries" if isinstance(value, list | tuple) else ""
        return f"`{name}` returned {_kind(value)}{length}; here it is a list with {len(right)}."
    for got, wanted in zip(value, right, strict=True):
        if isinstance(wanted, tuple) and not (isinstance(got, list | tuple) and len(got) in (1, 3)):
            return f"`{name}` gave {got!r} for one layer; a shape is a tuple, (C, H, W) or (n,)."
        sides = got if isinstance(wanted, tuple) else [got]
        if not all(_counts(side) and 0 <= side < 10**15 for side in sides):
            return f"`{name}` gave {str(got)[:40]} for one layer; whole numbers from 0 are asked for."
    return None


def _kind(value):
    return {"list": "a list", "tuple": "a tuple", "dict": "a dict", "int": "a number", "float": "a number"}.get(
        type(value).__name__, "something else"
    )


def _counts(side):
    if isinstance(side, bool):
        return False
    try:
        return math.isfinite(side) and int(side) == side
    except (TypeError, ValueError):
        return False


def _same_kind(one):
    return tuple(int(side) for side in one) if isinstance(one, list | tuple) else int(one)


def _not(pair):
    return pair[0] != pair[1]


def words(layer):
    """A layer in a few words: conv 11×11 /4."""
    match layer:
        case Conv():
            extra = [f"/{layer.stride}"] * (layer.stride > 1) + [f"p{layer.padding}"] * (layer.padding > 0)
            extra += [f"d{layer.dilation}"] * (layer.dilation > 1)
            return " ".join([f"conv {layer.kernel}×{layer.kernel}", *extra])
        case Pool():
            return f"pool {layer.kernel}/{layer.stride}"
        case Flatten():
            return "flatten"
        case _:
            return "dense"


def size_words(shape):
    """A shape in words: 96×55×55."""
    return "×".join(f"{side:,}" for side in shape)


def short(n):
    """A count, an int of 0 or more, in three digits: 37.8 M."""
    for size, letter in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if n >= size:
            value = n / size
            return f"{value:.0f}{letter}" if value >= 99.5 else f"{value:.1f}{letter}"
    return str(n)
