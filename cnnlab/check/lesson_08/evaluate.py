"""evaluate: the share of right answers; and nothing that shows afterwards that it was called."""

import contextlib
import itertools
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.lesson_08.recipes import DROPPED, ONCE, PLAIN, SIDE, TWO_NORMS, recipe
from cnnlab.check.loops import loop_exercise


# fmt: off
def evaluated(model, batches, *, mode=False, keep="each", grad=False, by="pictures", times=1, most=None,
              choose=lambda logits: logits.argmax(dim=1), number=float):
    """The accuracy; some of the pieces may be others. keep: which modes are put back."""
    # fmt: on
    import torch

    before, top, broke = [(module, module.training) for module in model.modules()], model.training, True
    if mode is not None:
        model.train(mode)
    right, count, shares = 0, 0, []
    try:
        with torch.set_grad_enabled(grad):
            for images, labels in itertools.islice(batches, most):
                found = choose(model(images))
                hits = (found[: len(labels)] == labels[: len(found)]).sum()
                right, count = right + hits, count + len(labels)
                shares.append(hits / len(labels))
        broke = False
    finally:
        if keep == "each" or (keep == "each, but not after an error" and not broke):
            for module, training in before:
                module.training = training
    if keep in ("top", "train"):
        model.train(top or keep == "train")
    over = {"pictures": count, "nothing": 1, "the number of batches": len(shares)}
    means = {"batches": sum(shares) / max(len(shares), 1), "the last batch": shares[-1]}
    return number(means[by] if by in means else right * times / over[by])


def _way(**changed):
    return lambda *given: evaluated(*given, **changed)


def _left_off(model, batches):
    import torch

    torch.set_grad_enabled(False)
    return evaluated(model, batches)


def _swallows(model, batches):
    def until_it_breaks():
        with contextlib.suppress(RuntimeError):
            yield from batches

    return evaluated(model, until_it_breaks())


def _judged(rng: np.random.Generator, net: list, *sizes: int, note: str, **more: Any) -> Case:
    return Case((recipe(rng, net, *sizes, give=("model", "batches"), **more),), note=note)


def _accuracies(rng: np.random.Generator) -> list[Case]:
    return [
        _judged(rng, PLAIN, 12, note="one batch"), _judged(rng, PLAIN, 20, 7, note="the last batch is smaller"),
        _judged(rng, DROPPED, 16, 16, 9, note="in eval mode already"),
        _judged(rng, PLAIN, 1, 30, note="a batch of one"),
        _judged(rng, DROPPED, 40, 24, training=True, note="in train mode before"),
    ]  # fmt: skip


def _kept_modes(rng: np.random.Generator) -> list[Case]:
    def case(*sizes, note, net=DROPPED, training=True, **more):
        probe = rng.standard_normal((4, 1, SIDE, SIDE)).astype(np.float32)
        return _judged(rng, net, *sizes, note=note, training=training, probe=probe, **more)

    return [
        case(8, note="in train mode before"), case(8, training=False, note="in eval mode before"),
        case(8, modes=[True, False, True, False, True, True], note="a frozen batch norm"),
        case(8, net=TWO_NORMS, modes=[True, False, *[True] * 5], note="one of two batch norms is frozen"),
        case(8, 5, 8, note="the third batch raises an error", **{"break": 2}),
    ]  # fmt: skip


def _fields(case: Case) -> dict[str, str]:
    fields = {"value": "the accuracy", "tracked": "gradients kept ready", **ONCE}
    if "probe" not in case.args[0]:
        return {**fields, "state": "afterwards"}
    return {**fields, "training": "in train mode afterwards", "modes": "the modes of the layers afterwards",
            "broke": "the error of the batches comes out",
            "restored": "gradients are on afterwards, as before",
            "probe": "logits afterwards, in the modes that were left"}  # fmt: skip


# fmt: off
WAYS = {
    "the last batch's accuracy is returned": _way(by="the last batch"),
    "it is divided by the number of batches": _way(by="the number of batches"),
    "the smallest logit is taken, not the largest": _way(choose=lambda logits: logits.argmin(dim=1)),
    "the fraction is cut to a whole number, or one argmax is taken over the whole batch": _way(number=int),
}
WRONG = [
    ("evaluated in train mode", "model.eval() first: in train mode batch norm uses the batch's own statistics and "
     "dropout throws numbers away.", _way(mode=True)),
    ("evaluated in the mode it came in", "The model may come straight from training: call model.eval() first.",
     _way(mode=None)),
    ("left in eval mode", "Whoever called this may go on training: put every module back into the mode that it had.",
     _way(keep="none")),
    ("only the model's own mode is put back", "model.train(was) sets every sub-module alike, and a batch norm frozen "
     "in eval mode wakes up. Remember the mode of each module in model.modules().", _way(keep="top")),
    ("put into train mode afterwards", "It may have been in eval mode before. Remember the modes, and put them back; "
     "do not guess.", _way(keep="train")),
    ("the modes are lost after an error", "Where a batch raises, the lines after the loop never run. Put the modes "
     "back in a `finally`.", _way(keep="each, but not after an error")),
    ("gradients are kept ready", "Nobody calls backward here: `torch.no_grad()` saves the time and the memory.",
     _way(grad=True)),
    ("gradients are left off", "`torch.set_grad_enabled(False)` stays, and the next training has no gradients: "
     "A `with` block of `torch.no_grad()` ends by itself.", _left_off),
    ("a mean of the batches' accuracies", "A small last batch must not weigh as much as a full one: count right "
     "answers and pictures, divide at the end.", _way(by="batches")),
    ("a count, not a fraction", "Divide the right answers by the number of pictures.", _way(by="nothing")),
    ("percent", "A fraction between 0 and 1 is asked for; multiply by 100 where you print it.", _way(times=100)),
    ("argmax over the batch", "The logits are (N, classes): the largest of each *row* is argmax(dim=1).",
     _way(choose=lambda logits: logits.argmax(dim=0))),
    ("the first batch only", "A `return` or `break` inside the loop ends it after the first batch.", _way(most=1)),
    ("a tensor comes back", "Return a plain number: .item(), or float(...).", _way(number=lambda accuracy: accuracy)),
    ("the error rate", "That is the share of *wrong* answers; accuracy is the share of right ones.",
     lambda *given: 1 - evaluated(*given)),
    ("errors are swallowed", "Put the modes back and let the error go on: a silent failure helps nobody.", _swallows),
]

EXERCISE = loop_exercise(
    name="evaluate", lesson="08_mnist", reference=evaluated, fields=_fields, ways=WAYS, wrong=WRONG,
    parts=[Part("accuracy", 2, _accuracies, "models and batches of different sizes; eval mode, no gradients",
                "count the right answers and the pictures over all batches, and divide once, at the end."),
           Part("modes", 2, _kept_modes, "models whose layers are in different modes; an error half-way",
                "remember the mode of every sub-module (model.modules()) and put each back in a `finally`.")],
)
