"""swap_head: a copy of a model for other classes, in which only the new last layer learns."""

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from cnnlab.check import copies, measuring
from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_10.traces import built
from cnnlab.check.plain import OTHER_FORM, Foreign, describe, is_tensor, same, shape_text
from cnnlab.check.subject import Answer, Subject
from cnnlab.check.verdict import Attempt, Named

CLOSE = 1e-4
DRAWN = (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d, nn.Linear)
ORIGINAL = {
    "parameters": "The *original's* weights have changed. Copy first, copy.deepcopy(model), and change the copy.",
    "learns": "In the *original* other parameters have requires_grad than before. Copy first, and freeze the copy.",
    "modes": "The *original's* modules are in other modes than before. Copy first, and leave the original alone.",
    "hooks": "The *original* has other modules or hooks than before. Copy first, copy.deepcopy(model), and put the new "
             "head into the copy.",
    "grads": "The *original's* .grad is not what it was. Copy first, and leave the original alone.",
    "switch": "Gradients are switched off after the call. Freezing is a matter of each parameter's requires_grad.",
}  # fmt: skip
WORDS = ("shared", "lost", "frozen", "learning", "strange", "kept rows", "buffers", "modes", "fresh", "eval")
ALONE = {  # where nothing else is wrong
    "shared": Named(
        "the copy shares something with the original", "Who trains one changes the other: copy.deepcopy(model)."
    ),
    "fresh": Named("two calls share something", "Copy, and make a new head, in every call."),
    "frozen": Named(
        "more than the head learns", "Freeze all of the copy first; then comes the fresh head, which learns."
    ),
    "modes": Named(
        "other modes", "A deep copy keeps each module's mode: set none, and build no new model of the layers."
    ),
    "eval": Named(
        "more than the head is new", "An nn.Linear takes the place of an nn.Linear: nothing before or behind it."
    ),
    "train": Named(
        "more than the head is new", "An nn.Linear takes the place of an nn.Linear: no dropout comes with it."
    ),
}


# fmt: off
def swapped(model, classes, *, copied=copy.deepcopy, which=lambda layers: layers[-1:], head_learns=(True, True),
            freeze=lambda found, model: found.requires_grad_(False), bias=lambda old: True, outputs=0,
            make=lambda old, new: new, error=ValueError, then=lambda found, model: None):
    """The copy with its new head; some of it may be done otherwise. which: of the dense layers; outputs: how
    many too many; make(old, new): the head from the old one and a fresh one; error: None gives the copy back; then:
    what is done in the end."""
    # fmt: on
    found = copied(model)
    layers = _linears(found)
    if not layers:
        if error is None:
            return found.requires_grad_(False)
        raise error("the model has no nn.Linear to swap")
    freeze(found, model)
    for name, old in which(layers):
        with torch.random.fork_rng(devices=[]):
            new = nn.Linear(old.in_features, classes + outputs, bias=bias(old))
        _put(found, name, new := make(old, new))
        *_, (_, head) = _linears(new)
        for parameter, learns in zip(head.parameters(), head_learns, strict=False):
            parameter.requires_grad_(learns)
    then(found, model)
    return found


def _put(model: nn.Module, name: str, layer: nn.Module) -> None:
    parent, _, leaf = name.rpartition(".")
    setattr(model.get_submodule(parent), leaf, layer)


def _linears(module: nn.Module) -> list[tuple[str, nn.Linear]]:
    return [(name, one) for name, one in module.named_modules() if isinstance(one, nn.Linear)]


def _right(model: Any, classes: int) -> dict:
    """What is told of a right copy."""
    width = _linears(built(model))[-1][1].in_features
    empty: dict[str, Any] = {word: [] for word in ("frozen", "lost", "strange", "shared", "modes", "buffers")}
    found = {"what": "a model", "eval": "right", "train": "right", "kept rows": False, "fresh": True}
    return empty | found | {"learning": [[classes, width], [classes]]} | _untouched(model)


def _untouched(about: Any) -> dict:
    if not isinstance(about, Mapping) or "trace" not in about:
        return {}
    model, *_ = measuring.handed_over(about, ())
    found: dict[str, Any] = {"parameters": True, "grads": True, "switch": True, "hooks": 0}
    found |= {"modes of the original": [m.training for m in model.modules()]}
    return found | {"learns of the original": [p.requires_grad for p in model.parameters()]}


def _observe(subject: Subject, case: Case) -> Answer:
    about, classes = case.args[0], (*case.args[1:], *case.kwargs.values())[0]
    answer = subject.measure(about, (classes,))
    if answer.trouble is not None or not isinstance(answer.value, dict):
        return answer
    seen = answer.value
    if case.raises is not None:
        given = seen.get("value")
        return replace(answer, value=Foreign("model" if isinstance(given, dict) else describe(given)))
    found = _record(seen.get("value"), about, classes)
    if "trace" in about:
        found |= {word: seen.get(word.removesuffix(" of the original")) for word in _untouched(about)}
    return replace(answer, value=found)


def _record(seen: Any, about: Mapping, classes: int) -> dict:
    """What is told of a copy, held against the original."""
    if not isinstance(seen, dict) or not isinstance(seen.get("parameters"), list):
        return {"what": describe(seen)}
    try:
        learns, modes = [one is True for one in seen["learns"]], dict(seen["modes"])
        given = [np.asarray(one) for one in seen["parameters"]][: len(learns)]
        buffers = [np.asarray(one) for one in seen["buffers"]]
    except OTHER_FORM:
        return {"what": "something that can not be read"}
    model = built(about)
    head, old = _linears(model)[-1]
    kept, rest = _places(((name, p) for name, p in model.named_parameters() if not name.startswith(f"{head}.")), given)
    left = [(given[k], learns[k]) for k in rest]
    weights = [one for one, _ in left if one.ndim == 2 and one.shape[1] == old.in_features]
    was = {name: one.training for name, one in measuring.handed_over(dict(about), ())[0].named_modules()}
    return {
        "what": "a model",
        "lost": [name for name, k in kept.items() if k is None],
        "frozen": [name for name, k in kept.items() if k is not None and learns[k]],
        "learning": sorted(([*one.shape] for one, learnt in left if learnt), key=len, reverse=True),
        "strange": sorted([*one.shape] for one, learnt in left if not learnt),
        "kept rows": any((one[:, None] == old.weight.detach().numpy()).all(2).any() for one in weights),
        "shared": [str(one) for one in seen["shared"]][:20] if isinstance(seen.get("shared"), list) else ["?"],
        "fresh": seen.get("fresh") is True,
        "modes": [str(name) for name, mode in modes.items() if name in was and name != head and was[name] != mode],
        "buffers": [name for name, k in _places(model.named_buffers(), buffers)[0].items() if k is None],
        **_computed(seen, model, head, left, about, classes),
    }


def _places(named: Iterable[tuple[str, Any]], arrays: list[np.ndarray]) -> tuple[dict[str, int | None], list[int]]:
    """By name which array holds a tensor's numbers, each of them once, None where none does; and which are left."""
    places, left = {}, list(range(len(arrays)))
    for name, values in named:
        places[name] = next((k for k in left if np.array_equal(arrays[k], values.detach())), None)
        left = [k for k in left if k != places[name]]
    return places, left


def _computed(seen: dict, model: Any, head: str, left: list, about: Mapping, classes: int) -> dict[str, str]:
    """Are logits and gradients those of the original's layers and the copy's new head, in eval and in train mode?"""
    raised = {word: seen[word][:200] for word in ("eval", "train") if isinstance(seen.get(word), str)}
    weights, biases = ([one for one, _ in left if one.ndim == n] for n in (2, 1))
    fits = len(weights) == 1 and [one.shape for one in biases] == [(classes,)] and len(weights[0]) == classes
    old = model.get_submodule(head)
    if raised or not fits or weights[0].shape[1] != old.in_features:
        return {"eval": "other", "train": "other"} | raised
    new = nn.Linear(old.in_features, classes)
    new.load_state_dict({"weight": torch.as_tensor(weights[0]), "bias": torch.as_tensor(biases[0])})
    _put(model, head, new)
    model.requires_grad_(False)
    new.requires_grad_(True)
    found = {}
    for word in ("eval", "train"):
        right = copies.run(model.train(word == "train"), list(new.parameters()), about["pictures"])
        found[word] = _compared(seen.get(word), right)
    return found


def _compared(seen: Any, right: list) -> str:
    """ "right", "other" where the logits are, "slopes" where only the head's gradients are, which come in any order."""
    if not isinstance(seen, list) or not seen or not _close(seen[0], right[0].detach()):
        return "other"
    if len(seen) != len(right):  # something else learns, too, or nothing: that is told by itself
        return "right"
    slopes = sorted(seen[1:], key=lambda one: -one.ndim if is_tensor(one) else 0)
    return "right" if all(_close(*pair) for pair in zip(slopes, right[1:], strict=True)) else "slopes"


def _close(one: Any, other: Any) -> bool:
    if not is_tensor(one) or one.shape != other.shape:
        return False
    return bool(((one - other).abs() <= CLOSE * max(1.0, float(other.abs().max()))).all())


def _judged(value: Any, case: Case, expected: dict) -> Difference | None:
    if not isinstance(value, dict) or value.get("what") != "a model":
        got = value.get("what") if isinstance(value, dict) else value
        also = " Is there a `return` at the end?" if got == "None" else ""
        return Difference("type", f"Expected a model, a torch nn.Module; yours returned {got}.{also}")
    wrong = _wrong(value, expected)
    return Difference("values", wrong[0]) if wrong else None


def _wrong(value: dict, expected: dict) -> list[str]:
    """A sentence for each thing that is not as expected."""
    found = []
    for word, says in ORIGINAL.items():
        at = f"{word} of the original" if word in ("modes", "learns") else word
        if at in expected and not same(value.get(at), expected[at]):
            found.append(says)
    return found + [_said(word, value[word], expected) for word in _words(value, expected)]


def _words(value: dict, expected: dict) -> list[str]:
    """What of a copy is not as expected."""
    if value.get("what") != "a model" or "lost" not in value:
        return []
    words = [*WORDS, "train"] if value.get("eval") == "right" else WORDS
    return [word for word in words if value.get(word) != expected[word]]


def _read(failing: list[Attempt], subject: Subject) -> list[str | Named]:
    """What else is wrong in the first case, and in which cases something is; with a name where it is one thing."""
    first = failing[0]
    if not isinstance(first.got, dict) or not isinstance(first.expected, dict):
        return []
    if first.got.get("what") != "a model":
        return [Named(f"{first.got.get('what')} comes back", "The copy itself is asked for, and nothing else.")]
    notes = "; ".join(one.case.note for one in failing[:4])
    wrong, words = _wrong(first.got, first.expected), _words(first.got, first.expected)
    follows = words == ["shared", "fresh"] and len(wrong) == 2  # two such copies share it as well
    alone = [ALONE[words[0]]] if (len(wrong) == 1 or follows) and words and words[0] in ALONE else []
    return [*alone, *wrong[1:3], f"Wrong for {len(failing)} of the models: {notes}."]


def _said(word: str, got: Any, expected: dict) -> str:
    new = expected["learning"]
    listed = ", ".join(repr(one) for one in got[:3]) if isinstance(got, list) else ""
    listed += f" and {len(got) - 3} more" if isinstance(got, list) and len(got) > 3 else ""
    learning = " and ".join(shape_text(tuple(one)) for one in got) if word in ("learning", "strange") else ""
    if got == "slopes":
        return "The copy gives the right logits, but no gradient reaches the new head: is there a no_grad or a detach?"
    raised = "" if got in ("other", "right") or word not in ("eval", "train") else f": it raises {got}"
    return {
        "shared": f"The copy and the original share {listed}: who trains one changes the other. copy.deepcopy(model).",
        "lost": f"{listed}: the original's numbers are not in the copy. All but the last nn.Linear stays as it was.",
        "frozen": f"{listed} can still learn. Everything but the new head has requires_grad False.",
        "learning": f"What learns besides is {learning or 'nothing'}; it should be the new head's weight, "
        f"{shape_text(tuple(new[0]))}, and its bias, {shape_text(tuple(new[1]))}.",
        "strange": f"There are parameters that are not the original's and do not learn: {learning}.",
        "kept rows": "The new head has rows of the old one. It is a fresh nn.Linear, which knows nothing yet.",
        "buffers": f"{listed}: the running statistics are not the original's.",
        "modes": f"{listed or 'The copy'}: in the copy the mode is another than before. A deep copy keeps modes.",
        "fresh": "Two calls gave models that share something. Copy, and make a new head, in every call.",
        "eval": f"The copy does not compute what the original's layers and the new head do{raised}.",
        "train": f"In eval mode the copy computes the right logits, in train mode others{raised}. What is new in it?",
    }[word]


def _told(case: Case) -> str:
    about, classes = case.args[0], (*case.args[1:], *case.kwargs.values())[0]
    note = f"  ({case.note})" if case.note else ""
    return f"a model{' in train mode' if about.get('training') else ''}, {classes} classes{note}"


def _hands(case: Case) -> tuple:
    return (*measuring.handed_over(case.args[0], ()), *case.args[1:], *case.kwargs.values())


def _complete(values: dict) -> None:
    values["model"] = built(values["model"])


SMALL = [("conv", 1, 2, 3), ("relu",), ("flatten",), ("dense", 2, 3)]
NORMED = [
    *(("conv", 2, 4, 3, 1, 1, 1, 1, False), ("norm", 4), ("relu",)),
    *(("gap", 1), ("flatten",), ("dense", 4, 5, False)),
]
DEEP = [
    ("sequence", [("conv", 2, 3, 3), ("norm", 3), ("relu",), ("gap", 1), ("flatten",)]),
    ("sequence", [("dense", 3, 4), ("relu",), ("dense", 4, 6), ("relu",), ("dropout", 0.5),
                  ("sequence", [("dense", 6, 2), ("relu",)])]),
    ("dropout", 0.2),
]  # fmt: skip
NONE = [("conv", 2, 3, 3), ("norm", 3), ("relu",), ("gap", 1), ("flatten",)]


def _cases(rng: np.random.Generator, states: list[tuple]) -> list[Case]:
    """Cases from (note, net, channels, classes, further entries of the description)."""
    found = []
    for note, net, channels, classes, more in states:
        side = 3 if net is SMALL else 9
        about = {"net": net, "seed": int(rng.integers(1, 10**6)), **more}
        about["pictures"] = rng.standard_normal((3, channels, side, side)).astype(np.float32)
        raises = ValueError if net is NONE else None
        given = ((about, classes), {}) if len(found) % 2 == 0 else ((about,), {"classes": classes})
        found.append(Case(*given, note=note, raises=raises))
    return found


def _copies(rng: np.random.Generator) -> list[Case]:
    return _cases(rng, [
        ("one dense layer, the last", SMALL, 1, int(rng.integers(4, 60)), {}),
        ("as many classes as before", SMALL, 1, 3, {}),
        ("a batch norm; the old head has no bias", NORMED, 2, int(rng.integers(6, 60)), {}),
        ("in train mode", NORMED, 2, int(rng.integers(6, 60)), {"training": True}),
        ("nested; a ReLU and dropout come after the last dense layer", DEEP, 2, 5, {}),
        ("the head is defined first, and frozen like every second parameter", "branching", 2, 3,
         {"sizes": (2, 4), "frozen": "some"}),
        ("a single class", "reusing", 2, 1, {"sizes": (2, 3)}),
        ("no dense layer", NONE, 2, 3, {}),
    ])  # fmt: skip


def _originals(rng: np.random.Generator) -> list[Case]:
    some = {"block.norm": False, "conv2": False}
    return _cases(rng, [
        ("nothing special", NORMED, 2, int(rng.integers(6, 60)), {"trace": True}),
        ("partly frozen, gradients left over", DEEP, 2, int(rng.integers(5, 60)),
         {"trace": True, "frozen": "some", "left": True}),
        ("in train mode, but for some layers", "branching", 2, 5,
         {"sizes": (2, 4), "trace": True, "training": True, "modes": some, "others": True}),
    ])  # fmt: skip


def _way(**changes: Any) -> Callable:
    return lambda a: swapped(a.model, a.classes, **changes)


def _rows(old: Any, new: Any) -> Any:
    """The new layer with as many of the old one's rows as it has room for."""
    with torch.no_grad():
        for into, out in ((new.weight, old.weight), (new.bias, old.bias)):
            if out is not None:
                n = min(len(into), len(out))
                into[:n] = out[:n]
    return new


def _stacked(old: Any, new: Any) -> Any:
    return nn.Sequential(copy.deepcopy(old), nn.Linear(old.out_features, new.out_features))


def _each(kind: Any, what: Callable) -> Callable:
    """Something that is done to each layer of a kind in the copy."""
    return lambda found, model: [what(layer) for layer in found.modules() if isinstance(layer, kind)]


# fmt: off
WRONG = [
    ("the model itself is changed", "Somebody still needs the original: copy.deepcopy(model) first, and all else on "
     "the copy.", _way(copied=lambda model: model)),
    ("a shallow copy", "copy.copy makes a new shell around the same layers. copy.deepcopy copies the layers, too.",
     _way(copied=copy.copy)),
    ("nothing is frozen", "In the copy all but the new head gets requires_grad_(False).",
     _way(freeze=lambda found, model: None)),
    ("the original is frozen", "It is the copy that is frozen; the original stays as it was.",
     _way(freeze=lambda found, model: model.requires_grad_(False))),
    ("the original is frozen as well", "Only the copy is frozen; the original stays as it was.",
     _way(then=lambda found, model: model.requires_grad_(False))),
    ("the original is put into eval mode", "The original stays in the mode that it is in.",
     _way(then=lambda found, model: model.eval())),
    ("the original's gradients are wiped out", "Leave the original's .grad alone: somebody may be training it.",
     _way(then=lambda found, model: model.zero_grad())),
    ("the original gets the new head, too", "The original keeps its own head.",
     _way(then=lambda found, model: _put(model, (last := _linears(model)[-1])[0], nn.Linear(last[1].in_features, 2)))),
    ("everything is frozen", "The new head is what learns: freeze first and put in the fresh head then, or it is "
     "frozen with the rest.", _way(then=lambda found, model: found.requires_grad_(False))),
    ("the biases learn", "Everything but the head is frozen, the biases too: go through parameters().",
     _way(freeze=lambda found, model: [parameter.requires_grad_(not name.endswith("weight"))
                                       for name, parameter in found.named_parameters()])),
    ("only convolutions are frozen", "Everything but the head is frozen: batch norms and other dense layers as well.",
     _way(freeze=_each(nn.Conv2d, lambda layer: layer.requires_grad_(False)))),
    ("batch norms learn", "Batch norm's weight and bias are parameters: frozen like the rest.",
     _way(then=_each(nn.BatchNorm2d, lambda layer: layer.requires_grad_(True)))),
    ("the statistics are reset", "A deep copy keeps the running statistics; they belong to what was learned.",
     _way(then=_each(nn.BatchNorm2d, lambda layer: layer.reset_running_stats()))),
    ("the head's bias is frozen", "The new head learns with its bias.", _way(head_learns=(True, False))),
    ("the head has no bias", "The new head has a bias, nn.Linear's default.", _way(bias=lambda old: False)),
    ("a bias only where the old head had one", "The new head has a bias in any case.",
     _way(bias=lambda old: old.bias is not None)),
    ("the first dense layer", "The *last* nn.Linear is swapped; dense layers before it stay.",
     _way(which=lambda layers: layers[:1])),
    ("the largest dense layer", "The *last* nn.Linear is swapped, also where one before it is larger.",
     _way(which=lambda layers: [max(layers, key=lambda one: one[1].weight.numel())])),
    ("every dense layer", "Only the last nn.Linear is swapped; dense layers before it stay.", _way(which=list)),
    ("the old head's rows are kept", "The new classes have nothing to do with the old ones: a fresh nn.Linear.",
     _way(make=_rows)),
    ("the old head stays, with another behind it", "The last nn.Linear is replaced, not followed by another.",
     _way(make=_stacked)),
    ("softmax behind the head", "The copy gives logits, as the original does.",
     _way(make=lambda old, new: nn.Sequential(new, nn.Softmax(1)))),
    ("one output too many", "The head has `classes` outputs.", _way(outputs=1)),
    ("one output too few", "The head has `classes` outputs.", _way(outputs=-1)),
    ("no error where there is no dense layer", "Without an nn.Linear there is nothing to swap: raise ValueError.",
     _way(error=None)),
    ("another error where there is no dense layer", "Without an nn.Linear raise ValueError, and say so in words.",
     _way(error=IndexError)),
    ("put into train mode", "A deep copy keeps every module's mode; whoever trains it will say train().",
     _way(then=lambda found, model: found.train())),
    ("put into eval mode", "A deep copy keeps every module's mode. Eval mode would hold batch norm's statistics "
     "still, but that is for the caller to choose.", _way(then=lambda found, model: found.eval())),
    ("all weights are drawn anew", "What was learned is copied; only the head is fresh.",
     _way(then=_each(DRAWN, lambda layer: layer.reset_parameters()))),
    ("the new head alone", "Return the whole copy, with the new head in it.",
     lambda a: _linears(swapped(a.model, a.classes))[-1][1]),
    ("nothing comes back", "Return the copy: the original stays as it is.", lambda a: None),
]

EXERCISE = Exercise(
    name="swap_head", lesson="11_architectures", oracle=_right, judge=_judged, observe=_observe, complete=_complete,
    wrong=WRONG, read=_read, hands=_hands, told=_told,
    parts=[
        Part("the copy", 2, _copies, "models with one dense layer, several, nested ones, and none",
             "print(copy) and list which parameters have requires_grad: the new weight and bias, and no other."),
        Part("the original", 1, _originals, "weights, modes, gradients and hooks of the original, before and after",
             "copy.deepcopy comes first; after it the original is not touched again."),
    ],
)
