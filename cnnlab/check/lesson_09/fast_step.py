"""fast_step: one step of training in 16 bits, channels last, that does not wait; judged by weights, loss and manner."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.loops import loop_exercise

SIDE, CLASSES = 6, 3
CONV = ("conv", 3, 4, 3, 1, 0, 1, 1, False)  # a bias before a norm has no gradient but noise, which Adam enlarges
NORMED = [CONV, ("norm", 4), ("relu",), ("flatten",), ("dense", 64, CLASSES)]
PLAIN = [("conv", 3, 4, 3), ("relu",), ("flatten",), ("dense", 64, CLASSES)]
ROUNDED = 300  # rounding in 16 bits, as another processor may do it, is forgiven; Adam would make much of it
GIVEN = ("model", "images", "labels", "optimiser")
FIELDS = {
    "value": "the loss",
    "state": "afterwards",
    "rates": "the optimizer's rate",
    "half": "the kind of the network's numbers",
    "last": "the pictures channels_last",
    "kind": "what comes back",
    "whole": "the weights in 32 bits",
    "autocast": "autocast left on",
}


# fmt: off
def stepped(model, x, y, optimizer, rate, *, half="bfloat16", last=True, set_rate="before", zero="before", step=True,
            give=lambda loss: loss.detach(), change=lambda logits: logits, weights=None):
    """A step; some of its pieces may be others."""
    # fmt: on
    import torch
    from torch.nn import functional

    def put():
        for group in optimizer.param_groups[: 1 if set_rate == "first" else None]:
            group["lr"] = {"added": group["lr"] + rate, "times": group["lr"] * rate}.get(set_rate, rate)

    if set_rate not in ("never", "after"):
        put()
    if weights:
        model.to(getattr(torch, weights))
        x = x.to(getattr(torch, weights))
    if last:
        x = x.contiguous(memory_format=torch.channels_last)
    with torch.autocast(x.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
        logits = change(model(x))
    loss = functional.cross_entropy(logits.float(), y)
    if zero == "before":
        optimizer.zero_grad()
    loss.backward()
    if step:
        optimizer.step()
    if set_rate == "after":
        put()
    return give(loss)


def _way(**changed):
    return lambda *given: stepped(*given, **changed)


def _model_too(model, *given):
    import torch

    return stepped(model.to(memory_format=torch.channels_last), *given)


def _steps(rng: np.random.Generator) -> list[Case]:
    def case(net, count, rate, note, **more):
        images = rng.standard_normal((count, 3, SIDE, SIDE)).astype(np.float32)
        made = {"net": net, "seed": int(rng.integers(1, 10**6)), "training": True}
        made |= {"batches": [(images, rng.integers(0, CLASSES, count))], "give": (*GIVEN, rate)}
        return Case((made | {"optimiser": ("SGD", {"lr": 3.0})} | more,), note=note)

    return [
        case(PLAIN, 4, 0.5, "four pictures, a rate of 0.5"),
        case(NORMED, 6, 0.25, "six pictures, momentum", optimiser=("SGD", {"lr": 1.5, "momentum": 0.9})),
        case(PLAIN, 5, 0.4, "a group for each weight, gradients left over from before", left=True, groups=True),
        case(NORMED, 8, 0.3, "weight decay", optimiser=("SGD", {"lr": 2.0, "weight_decay": 0.5})),
    ]


# fmt: off
WAYS = {
    "the rate is added to the old one": _way(set_rate="added"),
    "the rate is multiplied with the old one": _way(set_rate="times"),
    "autocast is asked for float16": _way(half="float16"),
    "the weights are turned into bfloat16": _way(weights="bfloat16", half=None),
    "the logits have the opposite sign": _way(change=lambda logits: -logits),
}
WRONG = [
    ("all in 32 bits", "The forward pass belongs inside `with torch.autocast(x.device.type, torch.bfloat16):`.",
     _way(half=None)),
    ("channels are not last", "x.contiguous(memory_format=torch.channels_last) keeps the shape and puts a pixel's "
     "channels side by side.", _way(last=False)),
    ("it waits for the loss", "loss.item() and float(loss) make a GPU finish everything first: return loss.detach(), "
     "a tensor.", _way(give=float)),
    ("the loss keeps its history", "A loss that remembers how it was made keeps the whole step's memory: return "
     "loss.detach().", _way(give=lambda loss: loss)),
    ("nothing comes back", "The loss is what a curve is drawn from: return it, as a tensor.",
     _way(give=lambda loss: None)),
    ("the rate is not set", "Each group in optimizer.param_groups has a rate of its own, "
     'group["lr"]: set all of them.', _way(set_rate="never")),
    ("the first group's rate alone is set", "An optimizer may have several groups, each with a rate of its own: go "
     "through all of them.", _way(set_rate="first")),
    ("the rate is set after the step", "Set it before the optimizer's step, which uses it.", _way(set_rate="after")),
    ("the gradients are not zeroed", "backward adds to what is there: optimizer.zero_grad() before it.",
     _way(zero="never")),
    ("the weights never move", "After backward comes the optimizer's step. A zero_grad between the two throws away "
     "what it would use.", _way(step=False)),
    ("softmax before the loss", "cross_entropy does the softmax itself: give it the logits as they come.",
     _way(change=lambda logits: logits.softmax(dim=1))),
]

EXERCISE = loop_exercise(
    name="fast_step", lesson="09_cifar10", reference=stepped, equal=[_model_too], fields=FIELDS, ways=WAYS, wrong=WRONG,
    scale=ROUNDED,
    parts=[Part("step", 0, _steps, "steps: loss, weights and rate afterwards, 16 bits, channels last, no waiting",
                "rate, zero, forward in 16 bits, loss in 32, backward, step; and the loss goes back as a tensor.")],
)
