"""train_epoch: one epoch, judged by losses, weights, statistics and modes."""

from __future__ import annotations

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.lesson_08.recipes import AFTERWARDS, NORMED, PLAIN, recipe
from cnnlab.check.loops import loop_exercise


def trained(
    model, batches, optimizer, loss_fn, *, mode=True, zero="each", step="each", weigh="samples", after=False,
    give=float, change=lambda logits: logits, swap=False,
):  # fmt: skip
    """An epoch; some of its pieces may be others."""
    if mode is not None:
        model.train(mode)
    losses, sizes = [], []
    for images, labels in batches:
        if zero == "each":
            optimizer.zero_grad()
        logits = change(model(images))
        loss = loss_fn(labels, logits) if swap else loss_fn(logits, labels)
        loss.backward()
        if zero == "after backward":
            optimizer.zero_grad()
        for _ in range({"each": 1, "twice": 2}.get(step, 0)):
            optimizer.step()
        if after:
            loss = loss_fn(change(model(images)), labels)
        losses.append(loss.detach())
        sizes.append(len(labels))
    if step == "once":
        optimizer.step()
    if weigh == "batches":
        return give(sum(losses) / len(losses))
    if weigh in ("sum", "last", "first"):
        return give({"sum": sum(losses), "last": losses[-1], "first": losses[0]}[weigh])
    total = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
    return give(total / {"samples": sum(sizes), "weighed, by batches": len(losses), "not at all": 1}[weigh])


def _way(**changed):
    return lambda model, batches, optimizer, loss_fn: trained(model, batches, optimizer, loss_fn, **changed)


def _softmax(logits):
    return logits.softmax(dim=1)


WAYS = {
    "the gradients are never zeroed": _way(zero="never"),
    "nothing moves: no step, or zeroed gradients": _way(step="never"),
    "one step is taken for the whole epoch": _way(step="once"),
    "two steps are taken for each batch": _way(step="twice"),
    "it trains in eval mode": _way(mode=False),
    "the mode is left as it was": _way(mode=None),
    "the batches' means are averaged, large and small alike": _way(weigh="batches"),
    "the losses are added up": _way(weigh="sum"),
    "the losses times their pictures are added up, and never divided": _way(weigh="not at all"),
    "it is divided by the number of batches": _way(weigh="weighed, by batches"),
    "the last batch's loss is returned": _way(weigh="last"),
    "the first batch's loss is returned": _way(weigh="first"),
    "the loss is taken after the step": _way(after=True),
    "softmax comes before the loss": _way(change=_softmax),
    "log-softmax comes before the loss": _way(change=lambda logits: logits.log_softmax(dim=1)),
    "the logits have the opposite sign": _way(change=lambda logits: -logits),
    "only the first batch is used": lambda model, batches, optimizer, loss_fn: trained(
        model, [next(iter(batches))], optimizer, loss_fn
    ),
}


def _epochs(rng: np.random.Generator) -> list[Case]:
    return [
        Case((recipe(rng, PLAIN, 4),), note="one batch, one step"),
        Case((recipe(rng, PLAIN, 4, 4, optimiser=("SGD", {"lr": 0.1})),), note="two batches alike in size"),
        Case((recipe(rng, NORMED, 8, 8, training=True),)),
    ]


def _uneven(rng: np.random.Generator) -> list[Case]:
    return [
        Case((recipe(rng, PLAIN, 8, 3),), note="the last batch is smaller"),
        Case((recipe(rng, NORMED, 8, 8, 5),), note="in eval mode before"),
        Case((recipe(rng, NORMED, 6, 2, 7, optimiser=("Adam", {"lr": 0.01})),), note="three sizes"),
        Case((recipe(rng, PLAIN, 5, 4, 3, optimiser=("AdamW", {"lr": 0.02, "weight_decay": 0.1})),)),
    ]


# fmt: off
WRONG = [
    ("the gradients are never zeroed",
     "backward adds to the gradients that are there. optimizer.zero_grad() before it, in every round: once before the "
     "loop is not enough.", _way(zero="never")),
    ("the weights never move",
     "Each round needs three calls in this order: zero_grad, backward, step. Without backward there are no gradients, "
     "without step nothing uses them, and a zero_grad between the two throws them away.", _way(step="never")),
    ("one step for the whole epoch", "A step belongs to every batch, inside the loop.", _way(step="once")),
    ("trained in eval mode", "Begin with model.train(): batch norm and dropout work differently in eval mode.",
     _way(mode=False)),
    ("the mode is left as it is",
     "After an evaluation the model is in eval mode: say model.train() at the start of every epoch.", _way(mode=None)),
    ("a mean of means",
     "A small last batch must not weigh as much as a full one: multiply each loss with its number of samples.",
     _way(weigh="batches")),
    ("the sum of the losses", "Divide by the number of samples: the mean loss is asked for.", _way(weigh="sum")),
    ("divided by the number of batches",
     "The losses were weighed with their samples, so divide by the number of samples, not of batches.",
     _way(weigh="weighed, by batches")),
    ("the last batch's loss", "One batch is noisy: the mean over the whole epoch is asked for.", _way(weigh="last")),
    ("the loss after the step",
     "The loss that counts is the one that backward ran on, before the step; another forward pass is not needed.",
     _way(after=True)),
    ("a tensor comes back", "Return a plain number: loss.item(), or float(...). A tensor keeps its graph alive.",
     _way(give=lambda loss: loss)),
    ("nothing comes back", "The mean loss is what the learning curve is drawn from: return it.",
     _way(give=lambda loss: None)),
    ("softmax before the loss", "CrossEntropyLoss does the softmax itself: give it the logits as they come.",
     _way(change=_softmax)),
    ("logits and labels changed places", "The loss function takes the logits first: loss_fn(logits, labels).",
     _way(swap=True)),
    ("len() of the batches", "The batches may be any iterable, a generator too, which has no len(): count as you go.",
     lambda model, batches, optimizer, loss_fn: trained(model, batches, optimizer, loss_fn) / len(batches)),
    ("the first batch only", "A `return` inside the loop ends it after the first batch.",
     WAYS["only the first batch is used"]),
]
# fmt: on

EXERCISE = loop_exercise(
    name="train_epoch",
    lesson="08_mnist",
    reference=trained,
    fields=AFTERWARDS,
    ways=WAYS,
    wrong=WRONG,
    parts=[
        Part(
            "steps",
            2,
            _epochs,
            tests="epochs: loss, weights, batch statistics and mode afterwards",
            look="do one batch by hand: zero the gradients, loss, backward, step; and note the loss before the step.",
        ),
        Part(
            "uneven batches",
            2,
            _uneven,
            tests="epochs whose batches differ in size, three optimisers",
            look="a mean over samples weighs each batch's mean loss with the number of its samples.",
        ),
    ],
)
