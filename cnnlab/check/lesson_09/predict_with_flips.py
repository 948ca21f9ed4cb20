"""predict_with_flips: the mean of the logits for pictures and for their mirror images."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.loops import loop_exercise


def averaged(model, x, *, axis=-1, together=lambda one, other: (one + other) / 2):
    """The model on the pictures and on their mirrors, and the mean of both; or another axis, or not the mean."""
    return together(model(x), model(x.flip(axis)))


def _in_one_batch(model, x):
    """In train mode one pass over both differs from two, by the batch's statistics; both are right."""
    import torch

    return model(torch.cat([x, x.flip(-1)])).reshape(2, len(x), -1).mean(dim=0)


def _way(**changed):
    return lambda model, x: averaged(model, x, **changed)


def _models(rng: np.random.Generator) -> list[Case]:
    def case(n, height, width, note, **more):
        net = [("conv", 2, 3, 3), ("norm", 3), ("relu",), ("flatten",), ("dense", 3 * (height - 2) * (width - 2), 4)]
        batches = [(rng.standard_normal((n, 2, height, width)).astype(np.float32), np.zeros(n, np.int64))]
        recipe = {"net": net, "batches": batches, "seed": int(rng.integers(1, 10**6)), "give": ("model", "images")}
        return Case((recipe | more,), note=note)

    return [
        case(1, 3, 4, "one picture"), case(3, 5, 4, "in eval mode"), case(4, 4, 6, "in train mode", training=True),
        case(3, 4, 5, "a frozen batch norm", training=True, modes=[True, False, True, True, True]),
    ]  # fmt: skip


# fmt: off
WAYS = {
    "only the mirror's logits are halved": _way(together=lambda one, other: one + other / 2),
    "only the picture's own logits are halved": _way(together=lambda one, other: one / 2 + other),
    "the mirror is taken off": _way(together=lambda one, other: (one - other) / 2),
    "the smaller of both is taken": _way(together=lambda one, other: one.minimum(other)),
    "log-softmax comes before the mean": _way(together=lambda *both: sum(one.log_softmax(1) for one in both) / 2),
    "the classes are turned round, too": _way(together=lambda one, other: (one + other.flip(-1)) / 2),
    "the classes are turned round, not the pictures": lambda model, x: (model(x) + model(x).flip(-1)) / 2,
    "all axes are turned round, the batch's too": _way(axis=(0, 1, 2, 3)),
    "rows and columns change places": lambda model, x: (model(x) + model(x.transpose(-1, -2))) / 2,
    "the pictures are averaged, not the logits": lambda model, x: model((x + x.flip(-1)) / 2),
}
WRONG = [
    ("upside down", "The mirror turns left and right, the last axis; upside-down cars were never learned.",
     _way(axis=-2)),
    ("the channels are turned round", "Axis 1 is the channels; left and right is the last axis.", _way(axis=1)),
    ("turned by half a turn", "Mirror left and right only: flip the last axis, not both.", _way(axis=(-2, -1))),
    ("the order of the batch is turned round", "Axis 0 is the batch: that mixes up the pictures.", _way(axis=0)),
    ("the sum", "Divide by two: the mean of both.", _way(together=lambda one, other: one + other)),
    ("the larger of both", "Take the mean of the two logits.", _way(together=lambda one, other: one.maximum(other))),
    ("the mirror alone", "Both count: the picture as it is and its mirror.", lambda model, x: model(x.flip(-1))),
    ("no mirror", "Run the model on the mirrored picture as well, and average.", lambda model, x: model(x)),
    ("probabilities are averaged", "Average the logits as they come; softmax is not asked for.",
     _way(together=lambda one, other: (one.softmax(1) + other.softmax(1)) / 2)),
    ("probabilities come back", "The mean of the logits is all: softmax is left to whoever wants shares.",
     _way(together=lambda one, other: ((one + other) / 2).softmax(1))),
    ("put into eval mode", "The model is taken in the mode that it is in; whoever calls has chosen it.",
     lambda model, x: averaged(model.eval(), x)),
    ("classes in place of logits", "Return the logits; argmax comes later.", lambda *given: averaged(*given).argmax(1)),
]

EXERCISE = loop_exercise(
    name="predict_with_flips", lesson="09_cifar10", reference=averaged, equal=[_in_one_batch], ways=WAYS, wrong=WRONG,
    by_a_line=True,
    fields={"value": "the logits", "modes": "the modes of the layers afterwards", "kept": "the pictures are unchanged"},
    parts=[Part("logits", 2, _models, "nets, in eval and in train mode",
                "the mirror turns left and right: the last axis. Logits are averaged, not probabilities.")],
)
