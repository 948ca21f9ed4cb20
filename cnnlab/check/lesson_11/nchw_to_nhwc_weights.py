"""nchw_to_nhwc_weights: a torch state dict, layer by layer as the lists of arrays that Keras' set_weights takes."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import describe, is_tensor, shape_text
from cnnlab.check.subject import Subject
from cnnlab.check.verdict import Attempt, Named

CONV = (2, 3, 1, 0)
TORCH_AXES = {4: ("out", "in", "kh", "kw"), 2: ("out", "in")}
NAMES = {
    **{"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"},
    "num_batches_tracked": "num_batches_tracked",
}


# fmt: off
def converted(state_dict, *, conv=CONV, dense=(1, 0), norm=(0, 1, 2, 3), biased=(1, 2, 4), count=False, depthwise=None,
              layer=lambda name: name, moved=np.transpose, spread=lambda variance: variance, absent=None):
    """The weights layer by layer; some of it may be done otherwise. norm: the order of a batch norm's four; biased: how
    many axes the weights of layers have whose biases are kept; layer: the name of a layer, from the start of its
    keys."""
    # fmt: on
    layers: dict[str, dict[str, np.ndarray]] = {}
    for key, tensor in state_dict.items():
        name, _, last = key.rpartition(".")
        layers.setdefault(layer(name), {})[last if layer(name) == name else key] = np.asarray(tensor)
    found: dict[str, list] = {}
    for name, tensors in layers.items():
        arrays = []
        is_norm = any(key.rpartition(".")[2] == "running_mean" for key in tensors)
        for key, array in tensors.items():
            last = key.rpartition(".")[2]
            if array.ndim > 1:
                apart = depthwise if array.ndim == 4 and array.shape[1] == 1 else None
                arrays.append(moved(array, apart or (conv if array.ndim == 4 else dense)))
            elif last == "num_batches_tracked":
                arrays += [array] if count else []
            elif last == "running_var":
                arrays.append(spread(array))
            elif last != "bias" or is_norm or _weight_of(tensors).ndim in biased:
                arrays.append(array)
        if is_norm:
            arrays = [arrays[k] for k in norm if k < len(arrays)] + (arrays[4:] if count else [])
        elif absent is not None and len(arrays) == 1:
            arrays.append(absent(arrays[0]))
        found[name] = arrays
    return found


def _weight_of(tensors: Mapping) -> np.ndarray:
    return next((array for key, array in tensors.items() if key.endswith("weight")), np.zeros(1))


def nchw_to_nhwc(state_dict: Mapping) -> dict[str, list[np.ndarray]]:
    """The right lists."""
    return converted(state_dict)


def _layers(*layers: tuple[str, tuple], rng: np.random.Generator, whole: bool = False) -> dict[str, Any]:
    """A state dict of (name, sizes) pairs: four sizes are a convolution's weight, two a dense layer's, one is batch
    norm's; a last True adds a bias."""
    def drawn(shape: tuple) -> Any:
        array = rng.integers(-9, 10, shape) if whole else rng.standard_normal(shape)
        return torch.as_tensor(array.astype(np.float32))

    state: dict[str, Any] = {}
    for name, sizes in layers:
        shape = tuple(size for size in sizes if size is not True)
        state[f"{name}.weight"] = drawn(shape)
        if len(shape) == 1:
            state[f"{name}.bias"], state[f"{name}.running_mean"] = drawn(shape), drawn(shape)
            state[f"{name}.running_var"] = drawn(shape).abs() + 2
            state[f"{name}.num_batches_tracked"] = torch.tensor(int(rng.integers(3, 90)))
        elif len(shape) < len(sizes):
            state[f"{name}.bias"] = drawn(shape[:1])
    return state


def _laid_otherwise(state: dict[str, Any]) -> dict[str, Any]:
    """The same numbers, the weights of convolutions in another order in memory."""
    return {
        key: value.to(memory_format=torch.channels_last) if value.ndim == 4 else value for key, value in state.items()
    }


# fmt: off
def _convolutions(rng: np.random.Generator) -> list[Case]:
    def case(*layers, note, otherwise=lambda state: state, **more):
        return Case((otherwise(_layers(*layers, rng=rng, **more)),), note=note)

    a, b, c = (int(one) for one in rng.permutation(np.arange(2, 6))[:3])
    named = rng.permutation(["norm.bias_net", "running_mean", "weights.0", "bn"]).tolist()
    return [
        case(("conv", (2, 1, 1, 3)), whole=True, note="one filter of 1 × 3 for each output"),
        case(("0", (a, b, 3, 2, True)), ("2", (c, a, 1, 1)), note="with and without a bias"),
        case(("stem.conv", (3, 3, 3, 3, True)), note="all sizes alike"),
        case(("look", (a, 1, 3, 2)), ("pair", (2 * a, b, 2, 3, True)), note="depthwise, grouped"),
        case((named[0], (b, a, 2, 3)), (named[1], (b, b, 3, 3, True)), (named[2], (a, b, 1, 2, True)),
             (named[3], (c, a, 2, 1)), otherwise=_laid_otherwise, note="names that say something else"),
    ]


def _networks(rng: np.random.Generator) -> list[Case]:
    def case(*layers, note, **more):
        return Case((_layers(*layers, rng=rng, **more),), note=note)

    a, b, c = (int(one) for one in rng.permutation(np.arange(2, 6))[:3])
    last = rng.permutation(["bn_free", "Conv", "weight", "norm.1"]).tolist()
    return [
        case(("fc", (2, 3, True)), whole=True, note="a dense layer"),
        case(("norm", (3,)), whole=True, note="a batch norm"),
        case(("a.fc", (a, b)), ("b.fc", (b, b, True)), note="with and without a bias"),
        case(("z.0", (a, 3, 3, 3)), ("z.1", (a,)), ("stage.0.conv", (b, a, 2, 3, True)), ("stage.0.norm", (b,)),
             ("head", (c, b, True)), ("bias", (a, c, True)), note="a network, its names in no alphabet"),
        case((last[0], (a,)), (last[1], (c, a, True)), (last[2], (c, 1, 3, 3)), (last[3], (b,)),
             note="names that say something else"),
        case(("net.1", (a, b, True)), ("net.10", (b, c, True)), ("net", (c, 2, 1, 3)), note="names that begin alike"),
    ]
# fmt: on


def _judged(value: Any, case: Case, expected: dict) -> Difference | None:
    if not isinstance(value, dict):
        words = f"Expected a dict, a layer's name → the list of its arrays; yours returned {describe(value)}."
        return Difference("type", words)
    missing = [name for name in expected if name not in value]
    extra = [name for name in value if name not in expected]
    if missing or extra:
        said = [f"{words} {_quoted(names)}" for words, names in (("missing", missing), ("too much", extra)) if names]
        return Difference("shape", f"Names of layers: {'; '.join(said)}. A layer is what stands before the last dot.")
    for name, arrays in expected.items():
        found = _list_differs(name, arrays, value[name])
        if found is not None:
            return found
    if list(value) != list(expected):
        words = f"The layers come in the order {_quoted(list(value))}; the state dict's is {_quoted(list(expected))}."
        return Difference("values", words)
    return None


def _list_differs(name: str, expected: list, got: Any) -> Difference | None:
    if not isinstance(got, list | tuple):
        return Difference("type", f"{name!r}: a list of arrays is expected, and yours is {describe(got)}.")
    if len(got) != len(expected):
        s = "" if len(expected) == 1 else "s"
        return Difference("shape", f"{name!r}: {len(expected)} array{s} for set_weights, and yours are {len(got)}.")
    for k, (one, other) in enumerate(zip(expected, got, strict=True)):
        if is_tensor(other):
            tensor = f"{name!r}: array {k} is a torch tensor; set_weights takes NumPy arrays: .numpy()."
            return Difference("type", tensor)
        found = difference(one, other, 1.0)
        if found is None and not np.array_equal(one, other):  # what is only moved is the same to the last digit
            found = Difference("values", "The numbers are close, and not the same: they are to be moved alone.")
        if found is not None:
            label = f"{name!r}, array {k}"
            pair = (found.expected, found.got, found.wrong) if one.ndim <= 2 else ()
            return Difference(found.kind, f"{label}: {found.sentence}", *pair, label=label)
    return None


def _state_told(case: Case) -> str:
    """ "a state dict of '0.weight' 5 × 3 × 3 × 2, '0.bias' 5"."""
    shapes = [f"{key!r} {shape_text(value.shape) or 'a number'}" for key, value in case.args[0].items()]
    return f"a state dict of {', '.join(shapes)}  ({case.note})"


def _quoted(names: Sequence) -> str:
    return ", ".join(repr(name) for name in names[:6]) + (", …" if len(names) > 6 else "")


def _read(failing: list[Attempt], subject: Subject) -> Sequence[str | Named]:
    """For the first layer that is wrong: which tensors its arrays are, and with which axes."""
    attempt = failing[0]
    if not isinstance(attempt.got, dict) or attempt.args is None:
        return []
    if set(attempt.got) < set(attempt.expected):
        return [Named("layers are missing", "Each layer of the state dict has its list, be it a list of one.")]
    if set(attempt.got) != set(attempt.expected):
        return [Named("other names of layers", "A layer's name is all before its keys' last dot, letter by letter.")]
    state = {key: np.asarray(value) for key, value in attempt.args.state_dict.items()}
    for name, arrays in attempt.expected.items():
        got = attempt.got.get(name)
        if not isinstance(got, list | tuple) or not all(isinstance(one, np.ndarray) or is_tensor(one) for one in got):
            return [Named("a layer without its list of arrays", "Under each name stands a list of NumPy arrays.")]
        if isinstance(got, list | tuple) and _list_differs(name, arrays, got) is not None:
            told = _told(name, arrays, [np.asarray(one) if is_tensor(one) else one for one in got], state)
            return [Named(*told[0]), *(line for _, line in told[1:])] if told else []
    return []


def _told(name: str, expected: list, got: list, state: Mapping[str, np.ndarray]) -> list[tuple[str, str]]:
    """Names of what is wrong in a layer's list, each with its sentence."""
    own = {key.rpartition(".")[2]: value for key, value in state.items() if key.rpartition(".")[0] == name}
    is_norm = "running_mean" in own
    wanted = [NAMES[key] if is_norm else key for key in own if key != "num_batches_tracked"]
    order = [
        next((said for said, right in zip(wanted, expected, strict=True) if _turned(one, right)), "") for one in got
    ]
    if is_norm and (len(got) < len(wanted) or all(order) or not any(order)):
        said = ", ".join(one or "something else" for one in order)
        name_of = (
            f"{_missing(wanted, order)} is missing" if len(got) < len(wanted) else "a batch norm's arrays are others"
        )
        return [(name_of, f"{name!r}: yours are [{said}]; [{', '.join(wanted)}] is right.")] if got else []
    if len(got) == len(expected) == 2 and _is(got[0], expected[1]):
        return [("the bias stands first", f"{name!r}: set_weights wants the weight before it.")]
    if len(got) < len(expected) and all(order):
        lost = _missing(wanted, order)
        return [
            (f"{'the' if lost == 'weight' else 'a'} {lost} is missing", f"{name!r}: {' and '.join(wanted)}, in a list.")
        ]
    lines = []
    for said, one, other in zip(wanted, expected, got, strict=False):
        if not isinstance(other, np.ndarray) or _is(other, one):
            continue
        number = _other_numbers(f"{name!r}: the {said}", one, other)
        if number is None and one.ndim > 1:
            number = _axes(name, own["weight"], other)
        lines.append(number or (f"the {said} is changed", f"{name!r}: it comes as it is; yours holds other numbers."))
    if len(got) > len(expected):
        lines.append(("an array too many", f"{name!r}: {' and '.join(wanted)} is all that this layer has."))
    return lines


def _missing(wanted: list[str], order: list[str]) -> str:
    return next(one for one in wanted if one not in order)


def _turned(array: Any, right: np.ndarray) -> bool:
    """Is it that array, its axes in whatever order?"""
    if not isinstance(array, np.ndarray) or sorted(array.shape) != sorted(right.shape):
        return False
    return any(_is(array, right.transpose(order)) for order in itertools.permutations(range(right.ndim)))


def _other_numbers(what: str, right: np.ndarray, got: np.ndarray) -> tuple[str, str] | None:
    """The right array in another kind of number, rounded, or with axes of length 1 too many."""
    if got.shape != right.shape:
        if got.ndim <= right.ndim or not np.array_equal(got.squeeze(), right.squeeze()):
            return None
        return "an axis too many", f"{what} has shape {shape_text(right.shape)}, and yours {shape_text(got.shape)}."
    if got.dtype != right.dtype and np.array_equal(right.astype(got.dtype), got):
        return "another kind of number", f"{what} is {right.dtype}, and yours {got.dtype}: .numpy() alone keeps it."
    if any(np.array_equal(right.round(digits), got) for digits in range(7)):
        return "numbers that are rounded", f"{what} is to be moved, and no number in it changed."
    return None


def _is(array: Any, expected: np.ndarray) -> bool:
    return isinstance(array, np.ndarray) and np.array_equal(array, expected)


def _axes(name: str, weight: np.ndarray, got: np.ndarray) -> tuple[str, str]:
    axes = TORCH_AXES[weight.ndim]
    right = CONV if weight.ndim == 4 else (1, 0)
    for turned, order in itertools.product(_subsets(weight.ndim), itertools.permutations(range(weight.ndim))):
        if np.array_equal(np.flip(weight, turned).transpose(order), got):
            said, wanted, back = (", ".join(axes[k] for k in some) for some in (order, right, turned))
            if turned:
                return (
                    "an axis runs backwards",
                    f"{name!r}: turned round along {back}. Nothing is flipped: axes are moved.",
                )
            says = f"{name!r}: the weight comes with the axes ({said}); ({wanted}) is right."
            return "another order of axes", says
    if got.size == weight.size and np.array_equal(got.ravel(), weight.ravel()):
        says = f"{name!r}: the numbers stand in the old order, in a new shape: transpose moves axes, reshape does not."
        return "reshaped, not transposed", says
    says = f"{name!r}: the weight has shape {shape_text(got.shape)}, and numbers that no order of the axes gives."
    return "a weight that is not only turned", says


def _subsets(count: int) -> list[tuple[int, ...]]:
    return [some for size in range(count + 1) for some in itertools.combinations(range(count), size)]


def _way(**changes: Any) -> Callable:
    return lambda a: converted(a.state_dict, **changes)


def _told_by_names(a: Any) -> dict:
    """What is called a norm is one, and nothing else is."""
    found: dict[str, list] = {}
    for key, array in a.state_dict.items():
        name, _, last = key.rpartition(".")
        if "norm" in name or "bn" in name:
            found.setdefault(name, []).extend([] if last == "num_batches_tracked" else [np.asarray(array)])
        elif last in ("weight", "bias"):
            found.setdefault(name, []).append(np.asarray(array).transpose({4: CONV, 2: (1, 0), 1: (0,)}[array.ndim]))
    return found


def _told_by_the_beginning(a: Any) -> dict:
    """All that begins like a layer's name is that layer's."""
    one = {key: converted({key: tensor})[key.rpartition(".")[0]] for key, tensor in a.state_dict.items()}
    names = dict.fromkeys(key.rpartition(".")[0] for key in one)
    return {name: [array for key in one if key.startswith(name) for array in one[key]] for name in names}


# fmt: off
WRONG = [
    ("the axes are not moved", "torch keeps (out, in, kh, kw), Keras (kh, kw, in, out): a transpose with four numbers.",
     _way(conv=(0, 1, 2, 3))),
    ("pictures' axes for weights", "NCHW → NHWC is the pictures' move, (0, 2, 3, 1). A weight's is (kh, kw, in, out): "
     "the filters come last.", _way(conv=(0, 2, 3, 1))),
    ("inputs and filters are swapped", "(kh, kw, in, out): the inputs come before the filters.",
     _way(conv=(2, 3, 0, 1))),
    ("all axes in reverse order", ".T turns round all four axes, the kernel's two as well. Rows stay rows: (2, 3, 1, "
     "0).", _way(conv=(3, 2, 1, 0))),
    ("rows and columns are swapped, and inputs and filters too", "Height comes before width, and the inputs before the "
     "filters: (kh, kw, in, out).",
     _way(conv=(3, 2, 0, 1))),
    ("the kernel is turned round", "Both libraries correlate: no kernel is flipped.",
     _way(moved=lambda array, order: np.flip(array, (*range(2, array.ndim),)).transpose(order))),
    ("reshaped, not transposed", "reshape deals the same numbers out anew, in the old order; transpose moves the axes.",
     _way(moved=lambda array, order: array.reshape(array.transpose(order).shape))),
    ("the dense layer is not transposed", "nn.Linear keeps (out, in), Dense (in, out).", _way(dense=(0, 1))),
    ("a depthwise weight is laid out for DepthwiseConv2D", "Conv2D with groups is asked for: (kh, kw, in/groups, "
     "out), as for any other. DepthwiseConv2D would want the last two swapped.", _way(depthwise=(2, 3, 0, 1))),
    ("num_batches_tracked comes along", "A batch norm has four arrays in Keras; torch's count of batches is left out.",
     _way(count=True)),
    ("the statistics come first", "A batch norm's four are [gamma, beta, moving_mean, moving_variance].",
     _way(norm=(2, 3, 0, 1))),
    ("mean and variance are swapped", "A batch norm's four are [gamma, beta, moving_mean, moving_variance].",
     _way(norm=(0, 1, 3, 2))),
    ("gamma and beta are swapped", "A batch norm's four are [gamma, beta, moving_mean, moving_variance].",
     _way(norm=(1, 0, 2, 3))),
    ("the statistics are left out", "The running statistics are weights to Keras: four arrays for a batch norm.",
     _way(norm=(0, 1))),
    ("the standard deviation", "running_var is a variance, and Keras' moving_variance too: no square root.",
     _way(spread=np.sqrt)),
    ("biases are forgotten", "A layer's bias comes after its weight, as it is.", _way(biased=())),
    ("the dense layers' biases are forgotten", "A layer's bias comes after its weight, in dense layers too.",
     _way(biased=(4,))),
    ("zeros for a bias that is not there", "A layer with bias=False has one array only (use_bias=False in Keras).",
     _way(absent=lambda weight: np.zeros(weight.shape[-1], np.float32))),
    ("None for a bias that is not there", "A layer with bias=False has one array only; set_weights counts them.",
     _way(absent=lambda weight: None)),
    ("the first part of the name", "A layer's name is all that stands before the *last* dot: 'stage.0.conv'.",
     _way(layer=lambda name: name.split(".")[0])),
    ("the last part of the layer's name", "A layer's name is all that stands before the *last* dot: 'stage.0.conv', "
     "not 'conv'.", _way(layer=lambda name: name.rpartition(".")[2])),
    ("underscores in the names", "The name stays as it is, with its dots: 'stage.0.conv'.",
     _way(layer=lambda name: name.replace(".", "_"))),
    ("one entry for each key", "One list for each *layer*: weight and bias together, under what stands before the last "
     "dot.", lambda a: {key: converted({key: tensor})[key.rpartition(".")[0]]
                        for key, tensor in a.state_dict.items() if not key.endswith("tracked")}),
    ("a batch norm told by its name", "Names are anybody's choice. A batch norm is the layer that has running_mean.",
     _told_by_names),
    ("names that begin alike", "`startswith` takes net.10 for net.1. Compare the whole of what stands before the last "
     "dot.", _told_by_the_beginning),
    ("sorted by name", "The layers come in the state dict's order, which is the network's.",
     lambda a: dict(sorted(converted(a.state_dict).items()))),
    ("in reverse order", "The layers come in the state dict's order.",
     lambda a: dict(reversed(converted(a.state_dict).items()))),
    ("tensors, not arrays", "set_weights takes NumPy arrays: .numpy().",
     lambda a: {name: [torch.as_tensor(np.ascontiguousarray(one)) for one in arrays]
                for name, arrays in converted(a.state_dict).items()}),
    ("a bare array where there is one", "A list in every case, be it a list of one: set_weights takes lists.",
     lambda a: {name: one if len(one) > 1 else one[0] for name, one in converted(a.state_dict).items()}),
    ("one list for all", "A dict is asked for: each layer's name, and the list of its arrays.",
     lambda a: [array for arrays in converted(a.state_dict).values() for array in arrays]),
    ("a list of pairs", "A dict is asked for: each layer's name, and the list of its arrays.",
     lambda a: list(converted(a.state_dict).items())),
]

EXERCISE = Exercise(
    name="nchw_to_nhwc_weights", lesson="11_architectures", oracle=nchw_to_nhwc, judge=_judged, wrong=WRONG, read=_read,
    told=_state_told,
    parts=[
        Part("convolutions", 1, _convolutions, "convolutions with and without bias, depthwise and grouped",
             "print the shapes: (out, in, kh, kw) goes in, (kh, kw, in, out) comes out."),
        Part("networks", 2, _networks, "dense layers, batch norms, and a network with nested names",
             "print the dict's keys and how many arrays stand under each: 1 or 2, and 4 for a batch norm."),
    ],
)
