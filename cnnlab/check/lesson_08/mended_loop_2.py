"""mended_loop_2: pictures and labels were shuffled apart; an epoch over both in one new order."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.lesson_08 import train_epoch
from cnnlab.check.lesson_08.recipes import AFTERWARDS, NORMED, PLAIN, recipe
from cnnlab.check.loops import loop_exercise


# fmt: off
def shuffled(model, images, labels, optimizer, loss_fn, generator, batch_size, *, moved="both", drop=0,
             epoch=train_epoch.trained):
    """An epoch over pictures and labels in a new order; some of its pieces may be others."""
    # fmt: on
    import torch

    def order():
        return torch.randperm(len(images), generator=generator)

    still = torch.arange(len(images))
    first = still if moved in ("none", "labels") else torch.randperm(len(images)) if moved == "by chance" else order()
    other = {"apart": order, "pictures": lambda: still, "labels": order}.get(moved, lambda: first)()
    starts = range(0, len(images) - drop * (batch_size - 1), batch_size)
    chunks = [slice(k, k + batch_size) for k in starts]
    batches = [(images[first][chunk], labels[other][chunk]) for chunk in chunks]
    return epoch(model, batches, optimizer, loss_fn)


def _way(**changed):
    return lambda *given: shuffled(*given, **changed)


def _drawn_only(*given):
    import torch

    torch.randperm(len(given[1]), generator=given[5])
    return shuffled(*given, moved="none")


GIVEN = ("model", "images", "labels", "optimiser", "loss", "generator", "size")


def _shuffles(rng: np.random.Generator) -> list[Case]:
    """Epochs whose end no order of the pictures changes: any fair shuffle is right."""

    def case(net, *sizes, note, alike=False, **more):
        made = recipe(rng, net, *sizes, give=GIVEN, **more)
        if alike:
            images, labels = made["batches"][0]
            made["batches"] = [(images[[0] * n], labels[[0] * n]) for n in sizes]
        return Case((made,), note=note)

    still = ("SGD", {"lr": 0.0})
    return [
        case(PLAIN, 4, 4, optimiser=still, note="8 pictures, 4 at a time, a rate of 0"),
        case(PLAIN, 5, 5, 2, optimiser=still, loss="likelihood", note="the last batch is smaller, a rate of 0"),
        case(NORMED, 6, note="a single batch"),
        case(PLAIN, 5, 5, 2, alike=True, left=True, optimiser=("Adam", {"lr": 0.01}), note="one picture, twelve times"),
    ]


# fmt: off
LEFT = AFTERWARDS | {"mixed": "each picture once, all batches mixed", "drew": "the generator drawn from",
                     "alone": "other sources of chance left alone", "kept": "the pictures as they were given"}
WAYS = {
    "only the labels are shuffled": _way(moved="labels"),
    "an order is drawn, and the pictures stay in their old one": _drawn_only,
    "the last, smaller batch is left out": _way(drop=1),
}
WRONG = [
    ("labels are still shuffled apart", "Two shuffles give two orders: shuffle *numbers* once, and use them for both, "
     "images[order] and labels[order].", _way(moved="apart")),
    ("the labels are not shuffled at all", "The pictures moved and their labels did not: labels[order] too.",
     _way(moved="pictures")),
    ("nothing is shuffled any more", "Pictures and labels are together again, but always in the same order; keep the "
     "shuffle, one for both.", _way(moved="none")),
    ("the shuffle does not use the generator", "All draws come from `generator`, so that a run can be repeated.",
     _way(moved="by chance")),
]

EXERCISE = loop_exercise(
    name="mended_loop_2", lesson="08_mnist", reference=shuffled, fields=LEFT, ways=WAYS, wrong=WRONG,
    known=[(name, says, _way(epoch=epoch)) for name, says, epoch in train_epoch.WRONG],
    parts=[Part("mended", 1, _shuffles, "epochs against a sound loop",
                "after the shuffle, is labels[0] still the label of images[0]?")],
)
