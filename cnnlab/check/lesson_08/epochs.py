"""train_epoch, evaluate and the two loops to be mended: judged by losses, weights and statistics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_08.epochs_mistakes import EVALUATE, MENDED_LOOP_1, MENDED_LOOP_2, TRAIN_EPOCH
from cnnlab.check.subject import Answer, NotebookSubject, Subject

SIDE, CLASSES = 6, 3
UNBIASED = (
    "conv",
    1,
    3,
    3,
    1,
    0,
    1,
    1,
    False,
)  # a bias before a norm has no gradient but noise, which Adam makes large
NORMED = [UNBIASED, ("norm", 3), ("relu",), ("flatten",), ("dense", 48, CLASSES)]
PLAIN = [("flatten",), ("dense", 36, CLASSES)]
LOOP = ("model", "batches", "optimiser", "loss")
MANY = ("model", "images", "labels", "optimiser", "loss", "generator", "size")


def _batches(rng: np.random.Generator, *sizes: int) -> list:
    return [
        (rng.standard_normal((n, 1, SIDE, SIDE)).astype(np.float32), rng.integers(0, CLASSES, n).astype(np.int64))
        for n in sizes
    ]


def _recipe(rng: np.random.Generator, net: list, *sizes: int, **more: object) -> dict:
    return {
        "net": net,
        "seed": int(rng.integers(1, 10**6)),
        "batches": _batches(rng, *sizes),
        "optimiser": ("SGD", {"lr": 0.1, "momentum": 0.9}),
        "give": LOOP,
        **more,
    }


def _told(case: Case) -> str:
    recipe = case.args[0]
    sizes = ", ".join(str(len(labels)) for _, labels in recipe["batches"])
    net = " → ".join(str(layer[0]) for layer in recipe["net"])
    optimiser = f"; {recipe['optimiser'][0]}" if "optimiser" in recipe["give"] else ""
    return f"a net {net}; batches of {sizes} pictures{optimiser}" + (f"  ({case.note})" if case.note else "")


def _train_epoch(model, batches, optimizer, loss_fn):
    model.train()
    total, count = 0.0, 0
    for images, labels in batches:
        loss = loss_fn(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count


def _evaluate(model, batches):
    import torch

    modes = [(module, module.training) for module in model.modules()]
    right = count = 0
    try:
        model.eval()
        with torch.no_grad():
            for images, labels in batches:
                right += int((model(images).argmax(dim=1) == labels).sum())
                count += len(labels)
    finally:
        for module, training in modes:
            module.training = training
    return right / count


def _mended_loop_2(model, images, labels, optimizer, loss_fn, generator, batch_size):
    import torch

    order = torch.randperm(len(images), generator=generator)
    images, labels = images[order], labels[order]
    starts = range(0, len(images), batch_size)
    return _train_epoch(
        model, ((images[k : k + batch_size], labels[k : k + batch_size]) for k in starts), optimizer, loss_fn
    )


def _only(words: dict[str, str]):
    """An observation: the training verb's answer, these of its fields under names that a learner understands."""

    def observe(subject: Subject, case: Case) -> Answer:
        answer = subject.train(*case.args)
        if answer.trouble or not isinstance(answer.value, dict):
            return answer
        return replace(answer, value={name: answer.value.get(field) for field, name in words.items()})

    return observe


def _oracle(function, observe):
    return lambda recipe: observe(NotebookSubject(function), Case((recipe,))).value


EPOCH = _only(
    {
        "value": "the mean loss",
        "state": "weights and statistics afterwards",
        "training": "in train mode",
        "rounds": "times through the batches",
    }
)


def _epochs(rng: np.random.Generator) -> list[Case]:
    return [
        Case((_recipe(rng, PLAIN, 4),), note="one batch, one step"),
        Case((_recipe(rng, PLAIN, 4, 4, optimiser=("SGD", {"lr": 0.1})),), note="two batches alike in size"),
        Case((_recipe(rng, NORMED, 8, 8, training=True),)),
    ]


def _uneven(rng: np.random.Generator) -> list[Case]:
    return [
        Case((_recipe(rng, PLAIN, 8, 3),), note="the last batch is smaller"),
        Case((_recipe(rng, NORMED, 8, 8, 5),), note="in eval mode before"),
        Case((_recipe(rng, NORMED, 6, 2, 7, optimiser=("Adam", {"lr": 0.01})),), note="three sizes"),
        Case((_recipe(rng, PLAIN, 5, 4, 3, optimiser=("AdamW", {"lr": 0.02, "weight_decay": 0.1})),)),
    ]


train_epoch = Exercise(
    name="train_epoch",
    bound=False,
    lesson="08_mnist",
    told=_told,
    observe=EPOCH,
    oracle=_oracle(_train_epoch, EPOCH),
    parts=[
        Part(
            "steps",
            2,
            _epochs,
            tests="3 epochs: loss, weights, batch statistics and mode afterwards",
            look="do one batch by hand: zero the gradients, loss, backward, step; and note the loss before the step.",
        ),
        Part(
            "uneven batches",
            2,
            _uneven,
            tests="4 epochs whose batches differ in size, three optimisers",
            look="a mean over samples weighs each batch's mean loss with the number of its samples.",
        ),
    ],
    wrong=TRAIN_EPOCH,
)

VALUE = {"value": "the accuracy", "tracked": "gradients kept ready", "rounds": "times through the batches"}
ACCURACY = _only({**VALUE, "state": "weights and statistics afterwards"})
MODES = _only(
    {
        **VALUE,
        "modes": "the modes of the layers afterwards",
        "broke": "the error of the batches comes out",
        "restored": "gradients are on afterwards, as before",
        "probe": "logits afterwards, in the modes that were left",
    }
)
DROPPED = [UNBIASED, ("norm", 3), ("relu",), ("dropout", 0.5), ("flatten",), ("dense", 48, CLASSES)]


def _judged(rng: np.random.Generator, net: list, *sizes: int, **more: object) -> dict:
    recipe = _recipe(rng, net, *sizes, give=("model", "batches"), **more)
    del recipe["optimiser"]
    return recipe


def _accuracies(rng: np.random.Generator) -> list[Case]:
    return [
        Case((_judged(rng, PLAIN, 12),), note="one batch"),
        Case((_judged(rng, PLAIN, 20, 7),), note="the last batch is smaller"),
        Case((_judged(rng, DROPPED, 16, 16, 9),), note="in eval mode already"),
        Case((_judged(rng, PLAIN, 1, 30),), note="a batch of one"),
        Case((_judged(rng, DROPPED, 40, 24, training=True),), note="in train mode before"),
    ]


def _kept_modes(rng: np.random.Generator) -> list[Case]:
    def probe():
        return rng.standard_normal((4, 1, SIDE, SIDE)).astype(np.float32)

    mixed = [True, False, True, False, True, True]
    return [
        Case((_judged(rng, DROPPED, 8, training=True, probe=probe()),), note="in train mode before"),
        Case((_judged(rng, DROPPED, 8, probe=probe()),), note="in eval mode before"),
        Case((_judged(rng, DROPPED, 8, training=True, modes=mixed, probe=probe()),), note="a frozen batch norm"),
        Case(
            (_judged(rng, DROPPED, 8, 8, 8, training=True, probe=probe(), **{"break": 2}),),
            note="the third batch raises an error",
        ),
    ]


evaluate = Exercise(
    name="evaluate",
    bound=False,
    lesson="08_mnist",
    told=_told,
    observe=lambda subject, case: (MODES if "probe" in case.args[0] else ACCURACY)(subject, case),
    oracle=lambda recipe: _oracle(_evaluate, MODES if "probe" in recipe else ACCURACY)(recipe),
    parts=[
        Part(
            "accuracy",
            2,
            _accuracies,
            tests="5 models and batches of different sizes; eval mode, no gradients",
            look="count the right answers and the pictures over all batches, and divide once, at the end.",
        ),
        Part(
            "modes",
            2,
            _kept_modes,
            tests="4 models whose layers are in different modes; an error half-way",
            look="remember the mode of every sub-module (model.modules()) and put each back in a `finally`.",
        ),
    ],
    wrong=EVALUATE,
)

mended_loop_1 = Exercise(
    name="mended_loop_1",
    bound=False,
    lesson="08_mnist",
    told=_told,
    observe=EPOCH,
    oracle=_oracle(_train_epoch, EPOCH),
    parts=[
        Part(
            "mended",
            1,
            lambda rng: [*_epochs(rng), *_uneven(rng)],
            tests="7 epochs against a sound loop",
            look="what does the loss function expect: probabilities or logits?",
        )
    ],
    wrong=MENDED_LOOP_1,
)


def _shuffled(rng: np.random.Generator) -> list[Case]:
    return [
        Case((_recipe(rng, PLAIN, 4, 4, give=MANY),), note="8 pictures, 4 at a time"),
        Case((_recipe(rng, NORMED, 6, 6, 4, give=MANY),), note="the last batch is smaller"),
        Case((_recipe(rng, PLAIN, 5, 5, 5, 2, give=MANY, optimiser=("Adam", {"lr": 0.01})),)),
    ]


WHOLE = _only({"value": "the mean loss", "state": "weights and statistics afterwards", "training": "in train mode"})

mended_loop_2 = Exercise(
    name="mended_loop_2",
    bound=False,
    lesson="08_mnist",
    told=_told,
    observe=WHOLE,
    oracle=_oracle(_mended_loop_2, WHOLE),
    parts=[
        Part(
            "mended",
            1,
            _shuffled,
            tests="3 epochs against a sound loop",
            look="after the shuffle, is labels[0] still the label of images[0]?",
        )
    ],
    wrong=MENDED_LOOP_2,
)
