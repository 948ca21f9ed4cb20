"""train_epoch: one epoch, judged by losses, weights, statistics and modes."""

import itertools

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.lesson_08.recipes import AFTERWARDS, NORMED, ONCE, PLAIN, recipe
from cnnlab.check.loops import loop_exercise


# fmt: off
def trained(model, batches, optimizer, loss_fn, *, mode=True, zero="before backward", steps=1, weigh="samples",
            after=False, give=float, change=lambda logits: logits, swap=False, most=None, at_the_end=0):
    """An epoch; some of its pieces may be others."""
    # fmt: on
    if mode is not None:
        model.train(mode)
    if zero == "before the loop":
        optimizer.zero_grad()
    losses, sizes = [], []
    for images, labels in itertools.islice(batches, most):
        logits = change(model(images))
        loss = loss_fn(labels, logits) if swap else loss_fn(logits, labels)
        if zero == "before backward":
            optimizer.zero_grad()
        loss.backward()
        for _ in range(steps):
            optimizer.step()
        if zero == "after the step":
            optimizer.zero_grad()
        if after:
            loss = loss_fn(change(model(images)), labels)
        losses.append(loss.detach())
        sizes.append(len(labels))
    for _ in range(at_the_end):
        optimizer.step()
    total, weighed = sum(losses), sum(loss * size for loss, size in zip(losses, sizes, strict=True))
    given = {"samples": weighed / sum(sizes), "weighed, by batches": weighed / len(losses), "not at all": weighed}
    given |= {"batches": total / len(losses), "sum": total, "sum, by samples": total / sum(sizes)}
    return give((given | {"last": losses[-1], "first": losses[0]})[weigh])


def way(**changed):
    """The epoch with these pieces changed."""
    return lambda *given: trained(*given, **changed)


def softmax(logits):
    return logits.softmax(dim=1)


def log_softmax(logits):
    return logits.log_softmax(dim=1)


def _own_cross_entropy(model, batches, optimizer, loss_fn):
    import torch

    return trained(model, batches, optimizer, torch.nn.functional.cross_entropy)


def epochs(rng: np.random.Generator) -> list[Case]:
    return [
        Case((recipe(rng, PLAIN, 4),), note="one batch, one step"),
        Case((recipe(rng, PLAIN, 4, 4, optimiser=("SGD", {"lr": 0.1})),), note="two batches alike in size"),
        Case((recipe(rng, NORMED, 8, 8, training=True),)),
        Case((recipe(rng, PLAIN, 4, 4, loss="likelihood"),), note="another loss than the cross-entropy"),
        Case((recipe(rng, PLAIN, 4, 4, loss="margin"),), note="a loss of margins"),
        Case((recipe(rng, PLAIN, 4, 4, left=True),), note="with gradients left over from before"),
    ]


def uneven(rng: np.random.Generator) -> list[Case]:
    return [
        Case((recipe(rng, PLAIN, 8, 3),), note="the last batch is smaller"),
        Case((recipe(rng, NORMED, 8, 8, 5),), note="in eval mode before"),
        Case((recipe(rng, NORMED, 6, 2, 7, optimiser=("Adam", {"lr": 0.01})),), note="three sizes"),
        Case((recipe(rng, PLAIN, 5, 4, 3, optimiser=("AdamW", {"lr": 0.02, "weight_decay": 0.1})),)),
    ]


# fmt: off
WAYS = {
    "the gradients are zeroed once, before the loop": way(zero="before the loop"),
    "the gradients of all batches are added up, for one step": way(zero="before the loop", steps=0, at_the_end=1),
    "the sum of the batches' losses is divided by the number of pictures": way(weigh="sum, by samples"),
    "two steps are taken for each batch": way(steps=2),
    "the losses times their pictures are added up, and never divided": way(weigh="not at all"),
    "the first batch's loss is returned": way(weigh="first"),
    "log-softmax comes first": way(change=log_softmax), "the loss is a cross-entropy of its own": _own_cross_entropy,
    "the logits have the opposite sign": way(change=lambda logits: -logits),
}
WRONG = [
    ("the gradients are never zeroed", "backward adds to the gradients that are there. optimizer.zero_grad() before "
     "it, in every round: once before the loop is not enough.", way(zero="never")),
    ("zeroed after the step alone", "The first batch meets whatever gradients were left over before: call "
     "optimizer.zero_grad() before backward.", way(zero="after the step")),
    ("the weights never move", "Each round needs three calls in this order: zero_grad, backward, step. Without "
     "backward there are no gradients, without step nothing uses them, and a zero_grad between the two throws them "
     "away.", way(steps=0)),
    ("one step for the whole epoch", "A step belongs to every batch, inside the loop.", way(steps=0, at_the_end=1)),
    ("trained in eval mode", "Begin with model.train(): batch norm and dropout work differently in eval mode.",
     way(mode=False)),
    ("the mode is left as it is", "After an evaluation the model is in eval mode: say model.train() at the start of "
     "every epoch.", way(mode=None)),
    ("a mean of means", "A small last batch must not weigh as much as a full one: multiply each loss with its number "
     "of samples.", way(weigh="batches")),
    ("the sum of the losses", "Divide by the number of samples: the mean loss is asked for.", way(weigh="sum")),
    ("divided by the number of batches", "The losses were weighed with their samples, so divide by the number of "
     "samples, not of batches.", way(weigh="weighed, by batches")),
    ("the last batch's loss", "One batch is noisy: the mean over the whole epoch is asked for.", way(weigh="last")),
    ("the loss after the step", "The loss that counts is the one that backward ran on, before the step; another "
     "forward pass is not needed.", way(after=True)),
    ("a tensor comes back", "Return a plain number: loss.item(), or float(...). A tensor keeps its graph alive.",
     way(give=lambda loss: loss)),
    ("nothing comes back", "The mean loss is what the learning curve is drawn from: return it.",
     way(give=lambda loss: None)),
    ("softmax before the loss", "CrossEntropyLoss does the softmax itself: give it the logits as they come.",
     way(change=softmax)),
    ("logits and labels changed places", "The loss function takes the logits first: loss_fn(logits, labels).",
     way(swap=True)),
    ("len() of the batches", "The batches may be any iterable, a generator too, which has no len(): count as you go.",
     lambda model, batches, *more: trained(model, batches, *more) / len(batches)),
    ("the first batch only", "A `return` inside the loop ends it after the first batch.", way(most=1)),
]

EXERCISE = loop_exercise(
    name="train_epoch", lesson="08_mnist", reference=trained, fields=AFTERWARDS | ONCE, ways=WAYS, wrong=WRONG,
    parts=[Part("steps", 2, epochs, "epochs: loss, weights, batch statistics and mode afterwards",
                "do one batch by hand: zero the gradients, loss, backward, step; and note the loss before the step."),
           Part("uneven batches", 2, uneven, "epochs whose batches differ in size, three optimisers",
                "a mean over samples weighs each batch's mean loss with the number of its samples.")],
)
