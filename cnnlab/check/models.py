"""Exercises whose function builds a torch model: it is filled with given numbers and judged by what it computes.

The learner's model and a reference are filled alike, by the parameters' shapes and the order in which a forward pass
uses those of one shape, so layers may have any names and be defined in any order. Then come logits in train and in eval
mode (the statistics of the first are in the second), a batch of one picture, and gradients: what does not learn is
found by its 0.
"""

import functools
import inspect
import itertools
import math
import operator
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from cnnlab.check import errors
from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, told_apart
from cnnlab.check.exercise import BENCHES_KEPT, CheckBroken, Exercise, Row
from cnnlab.check.plain import OTHER_FORM, Foreign, describe, is_tensor, same, shape_text
from cnnlab.check.subject import Answer, Mishap, NotebookSubject, Ref, Subject
from cnnlab.check.verdict import Attempt, Kind, Named

CLOSE = 1e-5  # of the largest logit
CLOSE_SLOPES = 1e-3
MODES = {"train": True, "eval": False}
SHAPES = ("shapes",)  # Case.results where values are not looked at
STAGES = ("parameters", "steps", "output", "wrote", "train", "eval", "one", "twice", "slopes", "start", "shared")
SLIPS = ("AttributeError", "NameError", "TypeError", "KeyError", "UnboundLocalError")  # no matter of shapes
NO_NORM = "no batch norm"
BENT = ("relu", "gelu", "silu", "tanh", "clamp", "maximum", "where", "threshold", "elu", "hardswish", "mul")
JOINING = ("torch.cat", "torch.stack", "a slice, […]")
LARGEST_KERNEL = 64  # whose paddings are tried
LARGE = 1_000_000  # weights; two such models are not compared for weights that they share
ALWAYS_TRAINING = Named(
    "batch norm in eval mode as in training",
    "In eval mode a picture's result does not depend on the others of its batch: batch norm takes the running mean and "
    "variance then. nn.BatchNorm2d with its defaults does (not with track_running_stats=False, nor F.batch_norm with "
    "training=True).",
)
HIDDEN = Named(
    "a model without weights",
    "Layers in a plain list, or made in forward, are hidden from parameters(), and no optimiser finds them: make them "
    "in __init__, into nn.Sequential or nn.ModuleList.",
)
TOLD_AS = {"dilation": "dilation (rate)", "kernel_size": "kernel", "min_val": "lower bound", "max_val": "upper bound"}
SAID_OF = {
    "wrote": Named(
        "it writes into its input",
        "Write y = x + y in place of x += y, and no inplace=True in a step that gets x itself: x is still needed.",
    ),
    "one": Named(
        "a batch of one loses its axis",
        "A single picture keeps its batch axis: squeeze() takes away every axis of length 1, that one too.",
    ),
    "start": Named(
        "weights that begin alike",
        "Each layer draws its weights when it is made: leave them as they come, or draw them at random.",
    ),
    "twice": Named(
        "the same model again",
        "Layers are made outside the function, in a default argument or in the class: make them inside.",
    ),
    "shared": Named(
        "layers that are shared",
        "Layers are made outside the function, in a default argument or in the class: make them inside.",
    ),
}
SAID = {
    **{"conv2d": "convolution", "batch_norm": "batch norm", "max_pool2d": "max pooling", "linear": "dense layer"},
    **{"relu": "ReLU", "relu_": "ReLU", "flatten": "flatten", "dropout": "dropout", "add": "sum", "__add__": "sum"},
    **{"_max_pool2d": "max pooling", "boolean_dispatch": "pooling", "avg_pool2d": "average pooling", "mean": "mean"},
    **{"adaptive_avg_pool2d": "average pooling", "leaky_relu": "leaky ReLU", "add_": "sum", "__iadd__": "sum"},
    **{"__getitem__": "a slice, […]", "cat": "torch.cat", "concat": "torch.cat", "stack": "torch.stack"},
    **{"group_norm": "group norm", "instance_norm": "instance norm", "layer_norm": "layer norm"},
    **{"hardtanh": "a ReLU that is cut off (ReLU6, Hardtanh)", "relu6": "ReLU6", "gelu": "GELU", "silu": "SiLU"},
}


def model_exercise(
    name: str,
    lesson: str,
    references: Sequence[Callable],
    parts: Sequence[Part],
    wrong: Sequence[Row],
    told: Callable[[Case], str],
    parameter_names: Sequence[str] = (),
    close: float = CLOSE,
    output: str = "logits",
    any_order: bool = False,
) -> Exercise:
    """An exercise about a function that builds a model.

    references: functions of the same arguments; the learner's model has to do what any of them does (two where the
    branches of a block may run in either order). A case's arguments are (seed, pictures, *the function's own); with
    results=SHAPES only the shapes are looked at. parameter_names: what to call the parameters, in order of use. output:
    what to call that which the model returns, in the plural. any_order: the branches of a block may run in any order,
    so parameters are told apart by their shapes.
    """
    judge = _Judge(tuple(references), tuple(parameter_names), close, output, any_order)
    return Exercise(
        name=name,
        lesson=lesson,
        parts=parts,
        wrong=wrong,
        bound=False,
        observe=judge.observe,
        oracle=judge.expected,
        judge=judge.differs,
        read=judge.read,
        hands=lambda case: tuple(case.args[2:]),
        told=told,
        like=references[0],
        builds=True,
    )


class _Judge:
    def __init__(
        self, references: tuple[Callable, ...], names: tuple[str, ...], close: float, output: str, any_order: bool
    ):
        self.references, self.names, self.close, self.output = references, names, close, output
        self.any_order = any_order
        self._expected: dict[tuple, list[dict]] = {}

    def expected(self, seed: int, x: np.ndarray, *args: Any, **kwargs: Any) -> list[dict]:
        """What each reference does. Raises CheckBroken where one does nothing."""
        key = (seed, zlib.crc32(x.tobytes()), str(args), str(kwargs))
        if key not in self._expected:
            case = Case((seed, x, *args), kwargs)
            found = [_observed(NotebookSubject(one, seconds=None), case) for one in self.references]
            self._expected[key] = [_sound(answer) for answer in found]
            while len(self._expected) > BENCHES_KEPT:
                self._expected.pop(next(iter(self._expected)))
        return self._expected[key]

    def observe(self, subject: Subject, case: Case) -> Answer:
        """Build the learner's model, and look only as far as it is like a reference."""
        known = [self._steps_of(k, case) for k in range(len(self.references))]
        right = None if SHAPES[0] in case.results else self.expected(*case.args, **case.kwargs)

        def as_right(seen: dict) -> bool:
            return right is None or any(self._train_differ(seen, one, case) is None for one in right)

        return _observed(subject, case, known, as_right, self.any_order)

    def _steps_of(self, k: int, case: Case) -> dict:
        _, x, *args = case.args
        return self._steps(k, x.shape, tuple(args), tuple(case.kwargs.items()))

    @functools.lru_cache(256)  # noqa: B019 (a handful of judges, as long as the process; shapes alone)
    def _steps(self, k: int, shape: tuple, args: tuple, kwargs: tuple) -> dict:
        subject = NotebookSubject(self.references[k], seconds=None)
        built = subject.build(*args, **dict(kwargs))
        return _sound(subject.model("steps", built.value, np.zeros(shape, np.float32)))

    def _swapped(self, failing: list[Attempt], k: int) -> Named | None:
        """Two arguments in each other's place, where what is built then has the learner's shapes in every failing
        case."""
        of = inspect.signature(self.references[k])
        names = [name for name, one in of.parameters.items() if one.kind is one.POSITIONAL_OR_KEYWORD]
        seen = [one for one in failing if isinstance(one.got, dict)]
        for one, other in itertools.combinations(names, 2):
            alike = []
            for attempt in seen:
                given = of.bind(*attempt.case.args[2:], **attempt.case.kwargs)
                given.apply_defaults()
                had = {name: given.arguments[name] for name in names}
                if had[one] != had[other] and type(had[one]) is type(had[other]):
                    alike.append(self._as_built_with({**had, one: had[other], other: had[one]}, attempt, k))
                if not all(alike):
                    break
            if alike and all(alike):
                says = (
                    f"What comes then is what yours makes. In the first line stand {', '.join(names)}, in this order."
                )
                return Named(f"{one} and {other} are swapped", says)
        return None

    def _as_built_with(self, given: dict, attempt: Attempt, k: int) -> bool:
        """Has the learner's model the shapes that the reference has with other arguments?"""
        subject, got = NotebookSubject(self.references[k], seconds=None), attempt.got
        built = subject.build(**given)
        answer = subject.model("steps", built.value, attempt.case.args[1]) if isinstance(built.value, Ref) else built
        seen = None if answer.trouble is not None else _plain_steps(answer.value)
        return seen is not None and (bool(seen["error"]), sorted(seen["parameters"]), seen["output"]) == (
            bool(got["error"]), sorted(got["parameters"]), got["output"])  # fmt: skip

    def differs(self, seen: Any, case: Case, expected: list[dict]) -> Difference | None:
        """What is wrong with a model; told for the reference that it is most like."""
        if not isinstance(seen, dict):
            return Difference("type", f"Expected a model, a torch nn.Module; yours returned {describe(seen)}.")
        found = [self._one(seen, case, one) for one in expected]
        if any(difference is None for _, difference in found):
            return None
        return max(found, key=lambda pair: pair[0])[1]

    def _one(self, seen: dict, case: Case, expected: dict) -> tuple[int, Difference | None]:
        for stage, name in enumerate(STAGES):
            if name in ("train", "eval", "one", "slopes", "start") and SHAPES[0] in case.results:
                continue
            found = getattr(self, f"_{name}_differ")(seen, expected, case)
            if found is not None:
                return stage, found
        return len(STAGES), None

    def _parameters_differ(self, seen: dict, expected: dict, case: Case) -> Difference | None:
        wanted, got = expected["parameters"], seen["parameters"]
        for k, shape in enumerate(wanted):
            if got[k : k + 1] != [shape]:
                yours = f"in yours {shape_text(got[k])} comes there" if k < len(got) else "in yours there is none"
                broke = f" Then it breaks off: {seen['error'][:300]}" if seen["error"] and k >= len(got) - 1 else ""
                order = "Parameters are looked at in the order in which a picture meets them."
                order = "" if self.any_order else f" {order}"
                name = self._name(k, case)
                return Difference("shape", f"{name} has shape {shape_text(shape)}, and {yours}.{order}{broke}")
        return None

    def _name(self, k: int, case: Case) -> str:
        names = self.names or _names_of_parameters(self.references[0], case)
        return names[k] if k < len(names) else f"parameter {k}"

    def _steps_differ(self, seen: dict, expected: dict, case: Case) -> Difference | None:
        wanted, got = _maps(expected["steps"]), _maps(seen["steps"])
        if [name for name, _ in wanted] == [name for name, _ in got] or seen["error"]:
            for k, ((name, shape), (_, other)) in enumerate(zip(wanted, got, strict=False)):
                if shape != other:
                    count = sum(earlier == name for earlier, _ in wanted[: k + 1])
                    after = f"After {_said(name)} {count} the maps are {shape_text(shape[1:])}"
                    return Difference("shape", f"{after}; yours are {shape_text(other[1:])}.")
        if seen["error"]:
            return Difference("shape", f"{_pictures(case)} do not get through: {seen['error'][:300]}")
        return None

    def _output_differ(self, seen: dict, expected: dict, case: Case) -> Difference | None:
        wanted, got = expected["parameters"], seen["parameters"]
        if len(got) != len(wanted):
            return Difference("shape", f"There are {len(got)} weights and biases; {len(wanted)} are right.")
        if seen["unused"]:
            return Difference("shape", f"{seen['unused']} of its weights and biases are not used in the forward pass.")
        if seen["output"] is None:
            return Difference("type", f"The model's forward has to return the {self.output}, one tensor.")
        if seen["output"] != expected["output"]:
            shape = shape_text(expected["output"])
            return Difference(
                "shape", f"{_pictures(case)} give {self.output} of shape {shape}; yours {shape_text(seen['output'])}."
            )
        return None

    def _wrote_differ(self, seen: dict, expected: dict, case: Case) -> Difference | None:
        if seen["wrote"]:
            words = "Its forward writes into what it gets, and whoever called it still needs that as it was."
            return Difference(Kind.CHANGED_INPUT, words)
        return None

    def _train_differ(self, seen: dict, expected: dict, case: Case) -> Difference | None:
        return self._logits_differ(seen, expected, "train", "in train mode")

    def _eval_differ(self, seen: dict, expected: dict, case: Case) -> Difference | None:
        found = self._logits_differ(seen, expected, "eval", "in eval mode")
        right = "; in train mode they are right. What acts differently in training, and what does it keep?"
        return found and Difference(
            "values", found.sentence.rstrip(".") + right, found.expected, found.got, found.wrong
        )

    def _one_differ(self, seen: dict, expected: dict, case: Case) -> Difference | None:
        return self._logits_differ(seen, expected, "one", "for a batch of one picture")

    def _logits_differ(self, seen: dict, expected: dict, what: str, words: str) -> Difference | None:
        e, g = expected[what], seen.get(what)
        if not isinstance(g, np.ndarray):
            return Difference("type", f"The {self.output} {words} are {describe(g)}.")
        if e.shape != g.shape:
            return Difference(
                "shape", f"The {self.output} {words} have shape {shape_text(g.shape)}; {shape_text(e.shape)} is right."
            )
        wrong = ~(np.abs(e - g) <= self.close * max(1.0, float(np.abs(e).max())))
        if not wrong.any():
            return None
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        one, other = told_apart(float(e[at]), float(g[at]))
        words = f"Filled with the same numbers, it gives other {self.output} {words}: {other} where {one} is right."
        return Difference("values", words, e, g, wrong, label=self.output)

    def _slopes_differ(self, seen: dict, expected: dict, case: Case) -> Difference | None:
        got, wanted = seen.get("slopes"), expected["slopes"]
        if not isinstance(got, list) or len(got) != len(wanted):
            return Difference("type", "The gradients of its weights can not be computed.")
        for k, (right, yours) in enumerate(zip(wanted, got, strict=True)):
            if not _same_slope(right, yours):
                name = self._name(k - 1, case) if k else "the picture"
                if _same_slope((0.0, 0.0), yours):
                    words = f"No gradient reaches {name}: it is frozen, or .detach() or no_grad stands on the way."
                    return Difference("values", f"The {self.output} are right, but not all of it learns. {words}")
                return Difference("values", f"The {self.output} are right, but the gradient for {name} is another.")
        return None

    def _start_differ(self, seen: dict, expected: dict, case: Case) -> Difference | None:
        if seen["flat"] and not expected["flat"]:
            words = "every weight begins as one and the same number, so all filters of a layer learn the same"
            return Difference("values", f"Filled with other numbers it is right, but {words}.")
        return None

    def _shared_differ(self, seen: dict, expected: dict, case: Case) -> Difference | None:
        if seen.get("shared"):
            return Difference(
                "values", "Two models share weights: to fill one changes the other. Make every layer anew."
            )
        return None

    def _twice_differ(self, seen: dict, expected: dict, case: Case) -> Difference | None:
        if seen.get("twice"):
            return Difference("values", "Two calls returned one and the same model. Build a fresh one in every call.")
        return None

    def read(self, failing: list[Attempt], subject: Subject) -> Sequence[str | Named]:
        """Which parameters are other ones, or the first step that gives something else; with a name where one fits."""
        attempt = failing[0]
        if isinstance(attempt.got, Foreign) and attempt.got.kind.split()[0] in ("list", "tuple"):
            return [Named("layers in a row, and no module", "Put them in order into nn.Sequential(*layers).")]
        if not isinstance(attempt.got, dict) or not attempt.expected:
            return []
        ranks = [self._one(attempt.got, attempt.case, one) for one in attempt.expected]
        nearest = max(range(len(ranks)), key=lambda k: ranks[k][0])
        stage = STAGES[min(ranks[nearest][0], len(STAGES) - 1)]
        if attempt.got.get("slopes") is None and stage == "slopes":
            return []
        expected, names = (
            attempt.expected[nearest],
            self.names or _names_of_parameters(self.references[0], attempt.case),
        )
        if stage in ("parameters", "steps", "output"):
            if attempt.got["error"].startswith(SLIPS):
                return _broken(attempt.got)
            unused = 0 if attempt.got["error"] else attempt.got["unused"]
            known = self._steps_of(nearest, attempt.case)
            if swapped := self._swapped(failing, nearest):
                return [swapped]
            if expected["parameters"] and not attempt.got["parameters"] and _maps(attempt.got["steps"]):
                return [HIDDEN]
            parameters = other_parameters(expected["parameters"], attempt.got["parameters"], names, unused)
            if norms := _other_norms(known, attempt.got):
                return [norms, *(line for line in parameters if isinstance(line, str) and NO_NORM not in norms.name)]
            told = (
                parameters
                or _other_sizes(expected, attempt.got, attempt.case)
                or _broken(attempt.got)
                or _other_output(expected, attempt.got, attempt.case.args[1].shape)
            )
            if told or SHAPES[0] in attempt.case.results:
                return told
        if stage == "slopes":
            return _not_learning(expected["slopes"], attempt.got["slopes"], ("the picture", *names))
        if stage in SAID_OF:
            return [SAID_OF[stage]]
        x, got = attempt.case.args[1], attempt.got
        if np.array_equal(got.get(stage), x):
            return [Named("the input comes back", "forward returns x as it came: what its layers make of x is lost.")]
        if stage == "eval" and _hangs_on_the_batch(got, self.close):
            return [ALWAYS_TRAINING]
        theirs = _trace(subject, attempt.case, stage)
        reference = NotebookSubject(self.references[nearest], seconds=None)
        ours = attempt.case.once((nearest, stage), lambda: _trace(reference, attempt.case, stage))
        told = first_step_without_equal(ours, theirs) if self.any_order else first_other_step(ours, theirs)
        name = told_otherwise(ours, theirs, self.any_order) if told else None
        name = name or (another_order_of_steps(ours, theirs) if told else None)
        if not told and (told := _in_another_order(expected[stage], attempt.got.get(stage))):
            name = Named("the maps in another order", "What is joined stands in the order of the exercise's text.")
        if ours and theirs and not told:
            told = "all steps are there, of the right size. Is what forward returns what the last of them gave, and is "
            told += "each constant (eps, a slope) the default one?"
        return [one for one in (name, f"{told[:1].upper()}{told[1:]}") if one]


def _other_sizes(expected: dict, got: dict, case: Case) -> Sequence[str | Named]:
    """The first layer that makes maps of another size, and with which stride and padding that would come."""
    if got["output"] is None and not got["error"]:
        says = (
            "None where a `return` is missing, or several things at once: it ends with `return` and one tensor alone."
        )
        return [Named("what forward returns is no tensor", says)]
    kernels = [shape[2] for shape in got["parameters"] if len(shape) == 4]
    before, counts = case.args[1].shape[2:], {"convolution": 0, "max pooling": 0}
    for (name, shape), (other_name, other) in zip(_maps(expected["steps"]), _maps(got["steps"]), strict=False):
        counts[name] += 1
        if name != other_name:
            return []
        if shape[2:] != other[2:]:
            made, of, right = (shape_text(sides) for sides in (other[2:], before, shape[2:]))
            told = f"{name.capitalize()} {counts[name]} makes {made} of {of}, where {right} is right"
            if name != "convolution":
                order = "nn.MaxPool2d(kernel, stride, padding), which moves by its kernel where no stride is given"
                return [Named(f"another {name}", f"It is {order}."), f"{told}: another kernel, stride or padding."]
            kernel = kernels[counts[name] - 1]
            return _named_size(told, _how(before, kernel, other[2:]), _how(before, kernel, shape[2:]), kernel)
        before = shape[2:]
    return []


Window = tuple[int, int]  # a stride and a padding


def _how(size: Sequence[int], kernel: int, sides: Sequence[int]) -> list[Window]:
    """The strides and paddings with which a square kernel makes `sides` of `size`."""
    tried = itertools.product(range(1, max(size) + 1), range(min(kernel, LARGEST_KERNEL) + 1))
    return [
        (stride, padding)
        for stride, padding in tried
        if all((one + 2 * padding - kernel) // stride + 1 == side for one, side in zip(size, sides, strict=True))
    ]


def _named_size(told: str, yours: list[Window], right: list[Window], kernel: int) -> Sequence[str | Named]:
    """With which stride and padding such maps come: those nearest to the right ones."""
    if not yours or not right:
        return []
    best = min(right, key=lambda one: (one[1] not in (kernel // 2, 0), one[0], -one[1]))
    near = min(yours, key=lambda one: ((one[0] != best[0]) + (one[1] != best[1]), one))
    words = [
        f"stride {stride} and {f'padding {padding}' if padding else 'no padding'}" for stride, padding in (near, best)
    ]
    kinds = {(stride == best[0]) - (padding == best[1]) for stride, padding in yours}
    name = "another padding" if near[0] == best[0] else "another stride" if near[1] == best[1] else ""
    name = "another stride or padding" if {1, -1} <= kinds else name
    says = "It is nn.Conv2d(in, out, kernel, stride, padding), in that order or by name."
    line = f"{told}: as with {words[0]}, for {words[1]}."
    return [Named(name, says), line] if name else [f"{line} {says}"]


def _other_norms(known: dict, got: dict) -> Named | None:
    """Batch norms that are left out, are others or stand on other maps, where all layers have the right shapes."""
    pair = known, got
    of = [Counter(_said(name) for name, _ in one["steps"]) for one in pair]
    flat = [[shape for shape in one["parameters"] if len(shape) == 1] for one in pair]
    deep = [sorted(shape for shape in one["parameters"] if len(shape) > 1) for one in pair]
    wanted, found, fewer = of[0]["batch norm"], of[1]["batch norm"], len(flat[0]) - len(flat[1])
    if got["error"] or got["unused"] or "train" in got or deep[0] != deep[1] or not wanted:
        return None
    others = [name for name in of[1] if name.endswith(" norm") and name != "batch norm"]
    if found < wanted and others:
        return Named(f"{others[0]} for batch norm", "The text asks for batch norm, nn.BatchNorm2d(channels).")
    if not found and len(flat[1]) <= len(deep[1]):  # else it is written by hand
        bent = any(word in name for name, _ in got["steps"] for word in BENT)
        also = "" if bent or not of[0]["ReLU"] else ", and no ReLU"
        return Named(f"{NO_NORM}{also}", f"The text has {wanted} of them: nn.BatchNorm2d(channels).")
    if found and found != wanted and fewer == 2 * (wanted - found):
        name = "a batch norm is left out" if found < wanted else "a batch norm too many"
        return Named(name, f"The text has {wanted}, and yours has {found}.")
    if found == wanted and fewer < 0:
        return Named("a bias too many", "A convolution that batch norm follows has none: bias=False.")
    if found == wanted and fewer == 0 and flat[0] != flat[1]:
        says = "It has as many channels as the maps that it stands on: what comes before it, and what after?"
        return Named("batch norm in another place", says)
    if found == wanted and not flat[1]:
        says = "With its defaults it has both, and they learn: leave affine out."
        return Named("batch norm without its scale and shift", says)
    if found == wanted and len(flat[1]) < 2 * wanted:
        says = (
            "Each place has a norm of its own, with its scale and shift: is one used twice, or made with affine=False?"
        )
        return Named("fewer batch norms than places", says)
    return None


def _hangs_on_the_batch(got: dict, close: float) -> bool:
    """Is the first picture's result in eval mode another where it comes alone?"""
    alone, among = got.get("one"), got.get("eval")
    if not isinstance(alone, np.ndarray) or not isinstance(among, np.ndarray) or alone.shape != among[:1].shape:
        return False
    return bool((np.abs(alone - among[:1]) > close * max(1.0, float(np.abs(among).max()))).any())


def _other_output(known: dict, seen: dict, given: tuple) -> Sequence[str | Named]:
    """What was done to maps of the right layers that come out in another shape."""
    expected, got = known["output"], seen["output"]
    if got is not None and len(got) < len(expected):
        says = f"They have the sides {shape_text(got)}: nothing is flattened, squeezed or averaged at the end."
        return [Named("axes are missing in the result", says)]
    if got is None or len(got) != 4 or len(expected) != 4:
        return []
    if got[0] != expected[0]:
        says = "The batch is axis 0, and channels are axis 1: torch.cat joins along axis 0 where no dim is given."
        return [Named(f"{'more' if got[0] > expected[0] else 'fewer'} pictures come out than went in", says)]
    sides = [[shape[2:] for _, shape in _maps(one["steps"])] for one in (known, seen)]
    at_the_end = sides[0] == sides[1]
    if at_the_end and any(side > right for side, right in zip(got[2:], expected[2:], strict=True)):
        says = "Nothing is padded or enlarged after the last layer, and maps are joined as channels, dim=1."
        return [Named("the maps are made larger at the end", says)]
    if got[2:] == expected[2:]:
        if got[1] == 2 * expected[1]:
            return [
                Named(
                    "joined, where it is to be added", "torch.cat puts maps beside maps; x + y adds number to number."
                )
            ]
        if got[1] == expected[1] - given[1]:
            return [
                Named("the input is missing in the result", f"Its {given[1]} maps belong to what is returned, too.")
            ]
        if got[1] == expected[1] + given[1]:
            return [Named("the input is joined on as well", f"The {given[1]} maps that came in do not belong to it.")]
        if got[1] < expected[1]:
            return [
                Named("maps are missing in the result", "Not all that was made is returned: look at what is joined.")
            ]
    if got[1] == expected[1] and all(side < right for side, right in zip(got[2:], expected[2:], strict=True)):
        return [
            Named("the maps are made smaller at the end", "Nothing is pooled, cut or left out after the last layer.")
        ]
    return []


def _broken(seen: dict) -> list[Named]:
    """The usual mistake behind what a forward pass raised."""
    error, _, message = seen["error"].partition(": ")
    return errors.named(Mishap("raised", error, message)) if error else []


def _not_learning(wanted: list, got: list, names: Sequence[str]) -> Sequence[str | Named]:
    idle = [n for n, w, g in zip(names, wanted, got, strict=False) if _same_slope((0.0, 0.0), g) and any(w)]
    if not idle:
        cut = (
            "Every parameter learns, but its gradient is another: does .detach(), .data or no_grad cut one of its ways?"
        )
        return [Named("one of the gradient's ways is cut", cut)]
    if {n for n, w in zip(names[1:], wanted[1:], strict=False) if any(w)} <= set(idle):
        says = "All of it is frozen, or the whole forward pass stands under no_grad, or its result is detached."
        return [Named("none of it learns", says), "No gradient reaches any of its weights."]
    if idle == [names[0]]:
        says = "Blocks before this one would never learn: x is detached, or goes by way of .data or NumPy."
        return [Named("no gradient reaches the input", says)]
    says = "It is frozen (requires_grad=False), detached, or under no_grad."
    return [Named("not all of it learns", says), f"No gradient reaches {_listed(idle)}."]


def _sound(answer: Answer) -> dict:
    """What a reference did. Raises CheckBroken where that is an error: never the learner's fault."""
    if answer.trouble is not None or not isinstance(answer.value, dict):
        raise CheckBroken(f"a reference does not work: {answer.problem or answer.value}")
    return answer.value


def _observed(
    subject: Subject,
    case: Case,
    known: list[dict] | None = None,
    as_right: Callable[[dict], bool] = lambda seen: True,
    any_order: bool = False,
) -> Answer:
    """What a built model does, as plain data; only its shapes where they are not those of a known one, and no more
    than its logits in train mode where these are not `as_right`."""
    seed, x, *args = case.args
    built = subject.build(*args, **case.kwargs)
    if built.trouble is not None:
        return built
    if not isinstance(built.value, Ref):
        kind = describe(built.value).removeprefix("a ").removeprefix("an ").removeprefix("the ")
        value = built.value if built.value is None or isinstance(built.value, str) else Foreign(kind)
        return Answer(value=value, printed=built.printed, name=built.name)
    answer = subject.model("steps", built.value, x)
    seen = None if answer.trouble is not None else _plain_steps(answer.value)
    if seen is None:
        return answer if answer.trouble is not None else Answer(value="no record of its steps", name=built.name)
    seen["parameters"] = _as_convolutions(seen["parameters"], known or [])
    if any_order and known:
        _put_in_order(seen, known[0])
    alike = known is None or any(_alike(one, seen) for one in known)
    if alike and not seen["wrote"] and SHAPES[0] not in case.results:
        trouble = _with_values(subject, built.value, case, seen, as_right)
        if trouble is not None:
            return trouble
    again = subject.build(*args, **case.kwargs)
    seen["twice"], seen["shared"] = same(again.value, built.value), False
    if seen["twice"]:  # what it has been through counts, and is no matter
        seen.pop("slopes", None)
    weights = sum(int(np.prod(shape)) for shape in seen["parameters"])
    if isinstance(again.value, Ref) and isinstance(seen.get("eval"), np.ndarray) and weights < LARGE:
        subject.model("fill", again.value, seed + 1, x)
        still = _array(subject.model("forward", built.value, x).value)
        seen["shared"] = not seen["twice"] and not (
            isinstance(still, np.ndarray) and np.array_equal(still, seen["eval"])
        )
    if "train" in seen:  # what gives the same numbers by other functions, or in another order, is the same
        seen["steps"] = _maps(seen["steps"])
    seen.pop("order", None)
    return Answer(value=seen, printed=built.printed, name=built.name)


def _with_values(subject: Subject, ref: Ref, case: Case, seen: dict, as_right: Callable[[dict], bool]) -> Answer | None:
    """Fill it, and note logits and gradients; the answer with the trouble where there is one."""
    seed, x = case.args[:2]
    answer = subject.model("fill", ref, seed, x)
    for mode, training in MODES.items():
        for act in (lambda: subject.model("mode", ref, training), lambda: subject.model("forward", ref, x)):  # noqa: B023
            answer = act() if answer.trouble is None else answer
        seen[mode] = _array(answer.value)
        if answer.trouble is None and not as_right(seen):
            return None
    if answer.trouble is None:
        answer = subject.model("forward", ref, x[:1])
        seen["one"] = _array(answer.value)
    if answer.trouble is None and isinstance(seen["eval"], np.ndarray):
        dout = np.random.default_rng(seed).standard_normal(seen["eval"].shape).astype(np.float32)
        answer = subject.model("slopes", ref, x, dout)
        seen["slopes"] = _plain_slopes(answer.value, seen.get("order"))
    return answer if answer.trouble is not None else None


def _array(value: Any) -> Any:
    return np.asarray(value) if is_tensor(value) or isinstance(value, np.ndarray) else value


def _plain_steps(found: Any) -> dict | None:
    """The record of a forward pass; None where it is none."""
    try:
        return {
            "parameters": [_shape(sides) for sides in found["parameters"]],
            "steps": [(str(name), _shape(sides)) for name, sides in found["steps"]],
            "output": None if found["output"] is None else _shape(found["output"]),
            "unused": min(int(found["unused"]), len(found["parameters"])) if found["steps"] else 0,
            "flat": bool(found["flat"]),
            "wrote": bool(found["wrote"]),
            "error": str(found["error"]),
        }
    except OTHER_FORM:
        return None


def _shape(sides: Any) -> tuple[int, ...]:
    return tuple(int(side) for side in sides)


def _as_convolutions(shapes: list[tuple], known: list[dict]) -> list[tuple]:
    """A dense layer on the channels of each pixel is a 1 × 1 convolution, and one on windows in rows (im2col) a larger
    one: its weight, told as that of the convolution where a known model has that and no such dense layer."""
    wanted = list(dict.fromkeys(shape for one in known for shape in one["parameters"]))
    known_as = {shape: next((one for one in wanted if _is_another_form(shape, one)), shape) for shape in shapes}
    return [shape if shape in wanted else known_as[shape] for shape in shapes]


def _is_another_form(shape: tuple, conv: tuple) -> bool:
    if len(shape) not in (2, 3) or len(conv) != 4 or shape[0] != conv[0]:
        return False
    sides, others = ([side for side in one[1:] if side != 1] for one in (shape, conv))
    return sides == others or (len(shape) == 2 and shape[1] == math.prod(conv[1:]))


def _plain_slopes(found: Any, order: Sequence[int] | None) -> list[np.ndarray] | None:
    """Those of the picture and of each parameter, in an order of these that was found before; in one array each, since
    the rounding of a sum is that of what was summed."""
    try:
        parameters = found["parameters"] if order is None else [found["parameters"][k] for k in order]
        return [np.array([float(a), float(b)]) for a, b in [found["x"], *parameters]]
    except OTHER_FORM:
        return None


def _put_in_order(seen: dict, known: dict) -> None:
    """Parameters and maps in the order of a known model, whatever the order in which branches ran: those of one shape
    are alike, and what has no like stays behind what it followed."""
    count = len(seen["parameters"]) - seen["unused"]
    seen["order"] = [
        *_order_of(known["parameters"], seen["parameters"][:count]),
        *range(count, len(seen["parameters"])),
    ]
    seen["parameters"] = [seen["parameters"][k] for k in seen["order"]]
    kinds = [[(_said(name), shape[1:2]) for name, shape in one["steps"]] for one in (known, seen)]
    seen["steps"] = [seen["steps"][k] for k in _order_of(*kinds)]


def _order_of(wanted: Sequence, got: Sequence) -> list[int]:
    """The places of `got` with which its items come in the order of `wanted`."""
    places: dict[Any, list[int]] = {}
    for k, one in enumerate(wanted):
        places.setdefault(one, []).append(k)
    after, keys = -1, []
    for j, one in enumerate(got):
        after = places[one].pop(0) if places.get(one) else after
        keys.append((after, j))
    return [j for _, j in sorted(keys)]


def _same_slope(one: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray) -> bool:
    slack = CLOSE_SLOPES * max(one[1], 1e-6)
    return abs(one[0] - other[0]) <= slack and abs(one[1] - other[1]) <= slack


def _alike(known: dict, seen: dict) -> bool:
    parts = ("parameters", "output")
    return not seen["error"] and not seen["unused"] and all(known[part] == seen[part] for part in parts)


def _maps(steps: list) -> list[tuple[str, tuple]]:
    """The steps that change a picture's size."""
    return [
        (_said(name), shape)
        for name, shape in steps
        if _said(name) in ("convolution", "max pooling") and len(shape) == 4
    ]


def _pictures(case: Case) -> str:
    x = case.args[1]
    return f"{len(x)} pictures of {shape_text(x.shape[1:])}"


def _said(name: str) -> str:
    plain = name if name in SAID else name.removeprefix("_").removesuffix("_with_indices")
    return SAID.get(plain, plain)


@functools.lru_cache(32)
def _cached_names(reference: Callable, shape: tuple, args: tuple, kwargs: tuple) -> tuple[str, ...]:
    from cnnlab.check import verbs

    return tuple(verbs.layers_in_order(reference(*args, **dict(kwargs)), np.zeros(shape, np.float32)))


def _names_of_parameters(reference: Callable, case: Case) -> tuple[str, ...]:
    return _cached_names(reference, case.args[1].shape, tuple(case.args[2:]), tuple(case.kwargs.items()))


def _trace(subject: Subject, case: Case, mode: str) -> list:
    """Step by step what a fresh, filled model does in a mode; nothing where it can not be had."""
    seed, x, *args = case.args
    built = subject.build(*args, **case.kwargs)
    if not isinstance(built.value, Ref):
        return []
    answers = [subject.model("fill", built.value, seed, x), subject.model("mode", built.value, True)]
    if mode == "eval":
        answers += [subject.model("forward", built.value, x), subject.model("mode", built.value, False)]
    answers.append(subject.model("trace", built.value, x))
    if any(answer.trouble is not None for answer in answers) or not isinstance(answers[-1].value, list):
        return []
    try:
        return [
            (str(name), _shape(sides), float(size), {str(key): str(value)[:40] for key, value in how.items()})
            for name, sides, size, how in answers[-1].value
        ]
    except OTHER_FORM:
        return []


def first_other_step(ours: list, theirs: list) -> str:
    """Where two forward passes part; each a list of (function, shape, mean size, …). "" where it can not be told."""
    k, at = _apart(ours, theirs)
    if k < len(ours):
        return _parting(ours, k, theirs[at:])
    rest = [_said(name) for name, *_ in theirs[at:]]
    return f"all steps are there; after the last one comes {rest[0]}, which should not." if rest else ""


def _apart(ours: list, theirs: list) -> tuple[int, int]:
    """The places at which two passes part; as many as there are where one has no such step."""
    at, again = 0, False  # how many of the learner's steps are used up; is the last of them met a second time?
    for k, (_, shape, size, *_) in enumerate(ours):
        found = next((j for j in range(max(at - 1, 0), len(theirs)) if _same_step(theirs[j], shape, size)), None)
        if found is None:  # a step that changes nothing, and does in the learner's, is what they part at
            idle = again and at < len(theirs) and _said(theirs[at][0]) == _said(ours[k - 1][0])
            return k - idle, at
        at, again = max(at, found + 1), found < at
    return len(ours), at


def told_otherwise(ours: list, theirs: list, any_order: bool) -> Named | None:
    """The step at which two passes part is of the right kind, and was told something else (an eps, a stride), or got
    the right maps joined in another order. None where it is not that."""
    if any_order:
        step, other, joined = *_without_equal(ours, theirs), False
    else:
        k, at = _apart(ours, theirs)
        step, other = (steps[j] if j < len(steps) else None for steps, j in ((ours, k), (theirs, at)))
        joined = all(j and _said(steps[j - 1][0]) == "torch.cat" for steps, j in ((ours, k), (theirs, at)))
    if step is None or other is None or step[0] != other[0] or len(step) < 4:
        return None
    said, right, yours = _said(step[0]), step[3], other[3]
    changed = [key for key in right if key in yours and right[key] != yours[key]]
    if "training" in changed:
        says = (
            "In train mode batch norm takes the mean and variance of the batch: does something put it into eval mode?"
        )
        return ALWAYS_TRAINING if yours["training"] == "True" else Named("batch norm in training as in eval mode", says)
    changed.sort(key="padding".__eq__)  # which may only follow from another
    if changed:
        lines = [f"{TOLD_AS.get(key, key)} {right[key]}, and yours has {yours[key]}" for key in changed]
        return Named(f"another {TOLD_AS.get(changed[0], changed[0])} in {said}", f"Right is {'; '.join(lines)}.")
    if joined and step[1] == other[1]:
        return Named(
            "joined in another order", "The maps are the right ones; torch.cat joins them in the text's order."
        )
    return None


def _without_equal(ours: list, theirs: list) -> tuple:
    """The first step of `ours` that has no equal, and the one of its kind that stands for it, where branches may run in
    any order."""
    free = list(theirs)
    for step in ours:
        found = next((one for one in free if _same_step(one, step[1], step[2])), None)
        if found is None:
            kin = [one for one in free if one[:2] == step[:2] and not any(_same_step(s, *one[1:3]) for s in ours)]
            return step, next(iter(kin), None)
        free.remove(found)
    return None, None


def another_order_of_steps(ours: list, theirs: list) -> Named | None:
    """The one step by which two forward passes differ in kind: left out, one more, or another in its place; None where
    it is not that simple. Branches may run in any order."""
    known, found = ([_said(name) for name, *_ in steps] for steps in (ours, theirs))
    extra = len(found) - len(known)
    for k in range(len(found) - 2 * extra + 1) if extra > 1 else ():
        if found[k : k + extra] == found[k + extra : k + 2 * extra] and found[:k] + found[k + extra :] == known:
            return Named("some of it runs twice", "Call each part once, keep what it gave, and go on with that.")
    less, more = ({one for one in a if a.count(one) > b.count(one)} for a, b in ((known, found), (found, known)))
    if len(less) > 1 or len(more) > 1:
        return None
    was, now = next(iter(less), ""), next(iter(more), "")
    counts = known.count(was) - found.count(was), found.count(now) - known.count(now)
    if was and now and counts[0] == counts[1]:
        return Named(f"{now} for {was}", f"The text asks for {was} there.")
    if was and not now:
        return Named(f"no {was}" if was not in found else f"a {was} is left out", f"The text has {was} there.")
    if now == "pad" and not was:
        return Named(
            "another kind of padding", "The padding is zeros, the convolution's own: padding=…, no padding_mode."
        )
    if now in JOINING and now in known and not was:  # it is written in many ways
        return None
    if now and not was:
        return Named(f"{now}, and there is none" if now not in known else f"a {now} too many", "It is not in the text.")
    return Named("the steps come in another order", "Go through the text step by step.") if known != found else None


def _in_another_order(expected: Any, got: Any) -> str:
    """Are they the right maps, one by one, in another order? "" where they are not."""
    if not isinstance(got, np.ndarray) or got.shape != expected.shape or got.ndim < 2:
        return ""
    slack = CLOSE * max(1.0, float(np.abs(expected).max()))
    count = expected.shape[1]
    places = [[j for j in range(count) if np.abs(got[:, k] - expected[:, j]).max() <= slack] for k in range(count)]
    if {j for found in places for j in found} != set(range(count)) or not all(places):
        return ""
    first = next((k for k in range(count) if k not in places[k]), None)
    if first is None:
        return ""
    return f"all maps are right, but in another order: where map {first} should come, yours has map {places[first][0]}."


def first_step_without_equal(ours: list, theirs: list) -> str:
    """As `first_other_step`, where branches may run in any order."""
    free = list(theirs)
    for k, (name, shape, size, *_) in enumerate(ours):
        found = next((one for one in free if _same_step(one, shape, size)), None)
        if found is None:
            if any(_said(one[0]) == _said(name) and one[1] == shape for one in free):
                return f"{_numbered(ours, k)} gives other numbers: is it another one, or does it get other maps?"
            return f"no step of yours gives what {_numbered(ours, k)} should: {shape_text(shape[1:])}."
        free.remove(found)
    return f"all steps are there, and {_said(free[-1][0])} as well, which should not." if free else ""


def _same_step(step: tuple, shape: tuple, size: float) -> bool:
    return step[1] == shape and abs(step[2] - size) <= 1e-5 * max(abs(size), 1e-6)


def _numbered(steps: list, k: int) -> str:
    """What to call a step: "convolution 2" where there are several."""
    said = _said(steps[k][0])
    count, of = sum(_said(one[0]) == said for one in steps[: k + 1]), sum(_said(one[0]) == said for one in steps)
    return f"{said} {count}" if of > 1 else said


def _parting(ours: list, k: int, rest: list) -> str:
    start = f"up to {_numbered(ours, k - 1)} all is as it should be; then" if k else "the first step,"
    name, shape, *_ = ours[k]
    goes_on = _said(rest[0][0]) if rest else "nothing"
    if rest and goes_on == _said(name):
        if rest[0][1] != shape:
            sizes = f"gives {shape_text(rest[0][1][1:])}, where {shape_text(shape[1:])} is right"
            return f"{start} {_numbered(ours, k)} {sizes}."
        why = "another kernel, padding, stride, rate or constant, or maps in another order?"
        return f"{start} {_numbered(ours, k)} gives other numbers: {why}"
    return f"{start} {_numbered(ours, k)} should come, and yours goes on with {goes_on}."


def other_parameters(wanted: list, got: list, names: Sequence[str], unused: int = 0) -> Sequence[str | Named]:
    """What tells two lists of parameters' shapes apart: a sentence for each difference, three at most, and before them
    a name where all are of one kind. unused: how many of `got`, the last ones, no forward pass meets."""
    got, idle = got[: len(got) - unused], got[len(got) - unused :]
    biased = [name.endswith("bias") for name in names]
    if got != wanted and not idle:
        if sorted(got) == sorted(wanted):
            return [
                Named("the layers come in another order", "They are the right ones: which does the picture meet first?")
            ]
        if got == [w for w, n, bias in zip(wanted, names, biased, strict=False) if not (bias and n.startswith("conv"))]:
            return ["The convolutions have no biases."]
        if got == [w for w, bias in zip(wanted, biased, strict=False) if not bias]:
            return ["None of the layers has a bias."]
    lines, kinds, outputs = [], set(), ()
    for kind, group in itertools.groupby(_aligned(wanted, got), key=operator.itemgetter(0)):
        at = [(i, j) for _, i, j in group]
        first, many = at[0][0], len(at) > 1
        if kind == "missing":
            kinds.add("a layer too few" if any(len(wanted[i]) > 1 for i, _ in at) else "a norm or a bias too few")
            lines.append(f"{_listed([names[i] for i, _ in at])} {'are' if many else 'is'} missing.")
        elif kind == "extra":
            what = {"1 × 1 layer" if got[j][2:] == (1, 1) else "layer" for _, j in at if len(got[j]) > 1}
            kinds.add(f"a {min(what, key=len, default='norm or a bias')} too many")
            after = f"after {names[first - 1]}" if first else "at the start"
            count = f"are {len(at)} parameters" if many else "is one parameter"
            lines.append(f"There {count} too many {after}: {_shapes(got[j] for _, j in at)}.")
        for i, j in at if kind == "both" else ():
            follows = len(got[j]) == 1 and outputs == (wanted[i][0], got[j][0])  # a bias for each output
            if not follows and wanted[i] != got[j]:
                kinds.add(_kind_of_other(wanted[i], got[j]))
                lines.append(_replaced(names[i], wanted[i], got[j]))
            outputs = (wanted[i][0], got[j][0])
    made = f"{len(idle)} of its weights and biases are made, but not used: {_shapes(idle)}." if idle else ""
    kinds -= {"other numbers of channels"} if "another kernel" in kinds else set()
    for follows in ("a convolution with groups", "another number of inputs in a dense layer"):
        kinds -= {follows} if len(kinds) > 1 else set()
    kinds -= {"a dense layer of another size"} if "other numbers of channels" in kinds else set()
    layers = sum(len(shape) > 1 for shape in wanted) - sum(len(shape) > 1 for shape in got)
    if len(kinds) > 1 and layers:  # what differs besides follows from that, or is told below
        kinds = {"a layer too few" if layers > 0 else "a layer too many"}
    named = [] if len(kinds) != 1 else [Named(*_of_parameters(kinds.pop(), bool(idle)))]
    if idle and not lines:
        says = (
            "What __init__ makes and forward does not use is stored all the same, and never learns. Make it only where "
        )
        named = [Named("more layers are made than are used", f"{says}it has its turn.")]
    return [*named, *lines[: 2 if made else 3], *filter(None, [made])]


def _kind_of_other(wanted: tuple, got: tuple) -> str:
    if len(wanted) == len(got) == 4 and wanted[2:] != got[2:]:
        return "another kernel" if wanted[:2] == got[:2] else "another layer"
    if len(wanted) == len(got) == 2:
        inputs = wanted[0] == got[0]
        return "another number of inputs in a dense layer" if inputs else "a dense layer of another size"
    fewer = len(wanted) == len(got) == 4 and wanted[0] == got[0] and wanted[1] > got[1] > 0
    groups = fewer and wanted[1] / got[1] in (2, 4, 8, wanted[1]) and not wanted[0] % (wanted[1] // got[1])
    return "a convolution with groups" if groups else "other numbers of channels"


def _of_parameters(name: str, idle: bool) -> tuple[str, str]:
    """A name for parameters that differ, and what to do."""
    if idle and name.endswith("too few"):
        return (
            "a layer that is made, but not used",
            "Each layer of __init__ has its turn in forward: which was left out?",
        )
    return name, {
        "a layer too few": "Count the layers of the text and yours. One in a plain list, or made in forward, is "
        "none, and one that is used twice is one.",
        "a norm or a bias too few": "Go through the text layer by layer: which has a batch norm, which a bias?",
        "a layer too many": "Count the layers of the text and yours: each has its place, none comes twice.",
        "a 1 × 1 layer too many": "Count the layers of the text and yours. Is it a projection, for a stride or "
        "for other channels that should not be there?",
        "a norm or a bias too many": "Go through the text layer by layer: which has a batch norm, which a bias?",
        "a convolution with groups": "Every map that goes out is made from all that come in: leave groups out.",
        "another layer": "Read the layers of the text once more: kernels, and how many maps come in and go out.",
        "another kernel": "Read the kernel of each layer in the text once more.",
        "another number of inputs in a dense layer": "It is maps × height × width of what flatten gets. Print that "
        "shape: which step before it (a pool, a padding, a mean) makes it another?",
        "other numbers of channels": "Write down for each layer how many maps come in and how many go out.",
        "a dense layer of another size": "Write down for each of them how many numbers come in and how many go out.",
    }[name]


def _aligned(wanted: list, got: list) -> Sequence[tuple[str, int, int]]:
    """What belongs together, ("both", its place in wanted, in got), what is "missing" and what "extra": with as few
    differences as can be, and what is missing or too much as late as can be."""

    @functools.cache
    def rest(i: int, j: int) -> tuple[int, tuple]:
        ways = []
        for kind, k, m, cost in (("both", 1, 1, 0), ("extra", 0, 1, 2), ("missing", 1, 0, 2)):
            if i + k > len(wanted) or j + m > len(got) or (k and m and len(wanted[i]) != len(got[j])):
                continue
            more, steps = rest(i + k, j + m)
            ways.append((more + (cost or int(wanted[i] != got[j])), ((kind, i, j), *steps)))
        return min(ways, key=operator.itemgetter(0), default=(0, ()))

    return rest(0, 0)[1]


def _shapes(shapes: Iterable[tuple]) -> str:
    return ", ".join([shape_text(shape) for shape in shapes][:3])


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{names[0]} and {len(names) - 1} more"


def _replaced(name: str, wanted: tuple, got: tuple) -> str:
    if len(wanted) == len(got) == 4:
        for k, side in enumerate(("outputs (filters)", "input channels", "kernel rows", "kernel columns")):
            if wanted[k] != got[k] and wanted[:k] + wanted[k + 1 :] == got[:k] + got[k + 1 :]:
                return f"{name}: {got[k]} {side}, where {wanted[k]} are right."
        if wanted[2:] != got[2:] and wanted[:2] == got[:2]:
            return f"{name}: a kernel of {got[2]} × {got[3]}, where {wanted[2]} × {wanted[3]} is right."
    if len(wanted) == len(got) == 2:
        for k, side in enumerate(("outputs", "inputs")):
            if wanted[1 - k] == got[1 - k]:
                return f"{name}: {got[k]} {side}, where {wanted[k]} are right."
    return f"{name}: {shape_text(got)}, where {shape_text(wanted)} is right."


def made_once(make: Callable) -> Callable:
    """A function that gives the same model in every call with the same arguments: a mistake of many exercises."""
    return functools.cache(make)


def begun_at(value: float, make: Callable) -> Callable:
    """A function that gives a model whose weights and biases all begin as `value`: a mistake of many exercises."""

    def made(*args: Any, **kwargs: Any) -> Any:
        model = make(*args, **kwargs)
        for parameter in model.parameters():
            parameter.data.fill_(value)
        return model

    return made


def in_a_row(pieces: Mapping[str, Callable | None], **changes: Callable | None) -> Any:
    """An nn.Sequential of pieces by name, each made by a function of `nn`; some are others, or left out (None)."""
    from torch import nn

    made = {**pieces, **changes}
    return nn.Sequential(*(make(nn) for make in made.values() if make is not None))
