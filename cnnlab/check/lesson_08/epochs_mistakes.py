"""What goes wrong in training and evaluating loops."""

from __future__ import annotations

from cnnlab.check.cases import Mistake, known

TRAIN_EPOCH: list[Mistake] = []
EVALUATE: list[Mistake] = []
MENDED_LOOP_1: list[Mistake] = []
MENDED_LOOP_2: list[Mistake] = []


def _train(
    model,
    batches,
    optimizer,
    loss_fn,
    *,
    mode=True,
    zero="each",
    step="each",
    weigh="samples",
    after=False,
    give=float,
    change=lambda logits: logits,
    swap=False,
):
    """A training loop with some of its pieces changed."""
    if mode is not None:
        model.train(mode)
    losses, sizes = [], []
    for images, labels in batches:
        if zero == "each":
            optimizer.zero_grad()
        logits = change(model(images))
        loss = loss_fn(labels, logits) if swap else loss_fn(logits, labels)
        loss.backward()
        if step == "each":
            optimizer.step()
        if after:
            loss = loss_fn(change(model(images)), labels)
        losses.append(loss.detach())
        sizes.append(len(labels))
    if step == "once":
        optimizer.step()
    if weigh == "batches":
        return give(sum(losses) / len(losses))
    if weigh == "sum":
        return give(sum(losses))
    if weigh == "last":
        return give(losses[-1])
    total = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
    return give(total / (sum(sizes) if weigh == "samples" else len(losses)))


@known(
    TRAIN_EPOCH,
    "the gradients are never zeroed",
    "backward adds to the gradients that are there. optimizer.zero_grad() before it, in every round: once before the "
    "loop is not enough.",
)
def never_zeroed(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, zero="never")


@known(
    TRAIN_EPOCH,
    "the weights never move",
    "Each round needs three calls in this order: zero_grad, backward, step. Without backward there are no gradients, "
    "without step nothing uses them, and a zero_grad between the two throws them away.",
)
def never_moves(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, step="never")


@known(TRAIN_EPOCH, "one step for the whole epoch", "A step belongs to every batch, inside the loop.")
def one_step(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, step="once")


@known(
    TRAIN_EPOCH,
    "trained in eval mode",
    "Begin with model.train(): batch norm and dropout work differently in eval mode.",
)
def in_eval_mode(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, mode=False)


@known(
    TRAIN_EPOCH,
    "the mode is left as it is",
    "After an evaluation the model is in eval mode: say model.train() at the start of every epoch.",
)
def mode_as_it_is(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, mode=None)


@known(
    TRAIN_EPOCH,
    "a mean of means",
    "A small last batch must not weigh as much as a full one: multiply each loss with its number of samples.",
)
def mean_of_means(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, weigh="batches")


@known(TRAIN_EPOCH, "the sum of the losses", "Divide by the number of samples: the mean loss is asked for.")
def summed(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, weigh="sum")


@known(
    TRAIN_EPOCH,
    "divided by the number of batches",
    "The losses were weighed with their samples, so divide by the number of samples, not of batches.",
)
def by_batches(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, weigh="weighed, by batches")


@known(TRAIN_EPOCH, "the last batch's loss", "One batch is noisy: the mean over the whole epoch is asked for.")
def last_loss(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, weigh="last")


@known(
    TRAIN_EPOCH,
    "the loss after the step",
    "The loss that counts is the one that backward ran on, before the step; another forward pass is not needed.",
)
def after_the_step(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, after=True)


@known(
    TRAIN_EPOCH,
    "a tensor comes back",
    "Return a plain number: loss.item(), or float(...). A tensor keeps its graph alive.",
)
def a_tensor(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, give=lambda loss: loss)


@known(TRAIN_EPOCH, "nothing comes back", "The mean loss is what the learning curve is drawn from: return it.")
def nothing(model, batches, optimizer, loss_fn):
    _train(model, batches, optimizer, loss_fn)


@known(
    TRAIN_EPOCH,
    "softmax before the loss",
    "CrossEntropyLoss does the softmax itself: give it the logits as they come.",
)
def softmax_first(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, change=lambda logits: logits.softmax(dim=1))


@known(
    TRAIN_EPOCH,
    "logits and labels changed places",
    "The loss function takes the logits first: loss_fn(logits, labels).",
)
def swapped(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, swap=True)


@known(
    TRAIN_EPOCH,
    "len() of the batches",
    "The batches may be any iterable, a generator too, which has no len(): count as you go.",
)
def asks_for_len(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, weigh="sum") / len(batches)


@known(TRAIN_EPOCH, "the first batch only", "A `return` inside the loop ends it after the first batch.")
def first_batch(model, batches, optimizer, loss_fn):
    return _train(model, [next(iter(batches))], optimizer, loss_fn)


def _count(
    model,
    batches,
    *,
    mode="eval",
    keep="every",
    grad=False,
    divide="samples",
    times=1,
    dim=1,
    first=False,
    number=float,
):
    """An evaluating loop with some of its pieces changed."""
    import torch

    before = [(module, module.training) for module in model.modules()]
    top = model.training
    if mode == "eval":
        model.eval()
    elif mode == "train":
        model.train()
    right, count, shares = 0, 0, []
    try:
        with torch.set_grad_enabled(grad):
            for images, labels in batches:
                found = model(images).argmax(dim=dim)
                hits = (found[: len(labels)] == labels[: len(found)]).sum()
                right, count = right + hits, count + len(labels)
                shares.append(hits / len(labels))
                if first:
                    break
    except Exception:
        if keep == "every":
            for module, training in before:
                module.training = training
        raise
    if keep in ("every", "every, but not after an error"):
        for module, training in before:
            module.training = training
    elif keep == "top":
        model.train(top)
    elif keep == "train":
        model.train()
    if divide == "batches":
        return number(sum(shares) / len(shares))
    return number(right * times / (count if divide == "samples" else 1))


@known(
    EVALUATE,
    "evaluated in train mode",
    "model.eval() first: in train mode batch norm uses the batch's own statistics and dropout throws numbers away.",
)
def in_train_mode(model, batches):
    return _count(model, batches, mode="train")


@known(
    EVALUATE, "evaluated in the mode it came in", "The model may come straight from training: call model.eval() first."
)
def in_any_mode(model, batches):
    return _count(model, batches, mode="as it is")


@known(
    EVALUATE,
    "left in eval mode",
    "Whoever called this may go on training: put every module back into the mode that it had.",
)
def left_in_eval(model, batches):
    return _count(model, batches, keep="eval")


@known(
    EVALUATE,
    "put into train mode afterwards",
    "It may have been in eval mode before. Remember the modes, and put them back; do not guess.",
)
def put_into_train(model, batches):
    return _count(model, batches, keep="train")


@known(
    EVALUATE,
    "only the model's own mode is put back",
    "model.train(was) sets every sub-module alike, and a batch norm frozen in eval mode wakes up. Remember the "
    "mode of each module in model.modules().",
)
def top_mode_only(model, batches):
    return _count(model, batches, keep="top")


@known(
    EVALUATE,
    "the modes are lost after an error",
    "Where a batch raises, the lines after the loop never run. Put the modes back in a `finally`.",
)
def no_finally(model, batches):
    return _count(model, batches, keep="every, but not after an error")


@known(
    EVALUATE,
    "gradients are kept ready",
    "Nobody calls backward here: `with torch.no_grad():` saves the time and the memory.",
)
def with_gradients(model, batches):
    return _count(model, batches, grad=True)


@known(
    EVALUATE,
    "gradients are left off",
    "`torch.set_grad_enabled(False)` stays, and the next training has no gradients: `with torch.no_grad():` ends.",
)
def left_off(model, batches):
    import torch

    torch.set_grad_enabled(False)
    return _count(model, batches)


@known(
    EVALUATE,
    "a mean of the batches' accuracies",
    "A small last batch must not weigh as much as a full one: count right answers and pictures, divide at the end.",
)
def mean_of_batches(model, batches):
    return _count(model, batches, divide="batches")


@known(EVALUATE, "a count, not a fraction", "Divide the right answers by the number of pictures.")
def a_count(model, batches):
    return _count(model, batches, divide="nothing")


@known(EVALUATE, "percent", "A fraction between 0 and 1 is asked for; multiply by 100 where you print it.")
def percent(model, batches):
    return _count(model, batches, times=100)


@known(EVALUATE, "argmax over the batch", "The logits are (N, classes): the largest of each *row* is argmax(dim=1).")
def over_the_batch(model, batches):
    return _count(model, batches, dim=0)


@known(EVALUATE, "the first batch only", "A `return` or `break` inside the loop ends it after the first batch.")
def only_the_first(model, batches):
    return _count(model, batches, first=True)


@known(EVALUATE, "a tensor comes back", "Return a plain number: .item(), or float(...).")
def tensor_accuracy(model, batches):
    return _count(model, batches, number=lambda accuracy: accuracy)


@known(EVALUATE, "the error rate", "That is the share of *wrong* answers; accuracy is the share of right ones.")
def error_rate(model, batches):
    return 1 - _count(model, batches)


@known(EVALUATE, "errors are swallowed", "Put the modes back and let the error go on: a silent failure helps nobody.")
def swallows(model, batches):
    try:
        return _count(model, batches)
    except Exception:
        return 0.0


@known(
    MENDED_LOOP_1,
    "softmax is still before the loss",
    "CrossEntropyLoss does the softmax itself. Given probabilities it squeezes them again, and learning crawls.",
)
def still_softmax(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, change=lambda logits: logits.softmax(dim=1))


@known(
    MENDED_LOOP_1,
    "log-softmax before the loss",
    "That hides the fault: the loss is the same, but the softmax is still done twice.",
)
def log_softmax_twice(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, change=lambda logits: 2 * logits.log_softmax(dim=1))


@known(MENDED_LOOP_1, "the zero_grad got lost", "The softmax is gone, but so is optimizer.zero_grad(): keep it.")
def lost_zero_grad(model, batches, optimizer, loss_fn):
    return _train(model, batches, optimizer, loss_fn, zero="never")


def _shuffled(model, images, labels, optimizer, loss_fn, batch_size, order, other):
    images, labels = images[order], labels[other]
    starts = range(0, len(images), batch_size)
    batches = [(images[k : k + batch_size], labels[k : k + batch_size]) for k in starts]
    return _train(model, batches, optimizer, loss_fn)


@known(
    MENDED_LOOP_2,
    "labels are still shuffled apart",
    "Two shuffles give two orders: shuffle *numbers* once, and use them for both, images[order] and labels[order].",
)
def apart(model, images, labels, optimizer, loss_fn, generator, batch_size):
    import torch

    order = torch.randperm(len(images), generator=generator)
    other = torch.randperm(len(labels), generator=generator)
    return _shuffled(model, images, labels, optimizer, loss_fn, batch_size, order, other)


@known(
    MENDED_LOOP_2,
    "the labels are not shuffled at all",
    "The pictures moved and their labels did not: labels[order] too.",
)
def labels_stay(model, images, labels, optimizer, loss_fn, generator, batch_size):
    import torch

    order = torch.randperm(len(images), generator=generator)
    return _shuffled(model, images, labels, optimizer, loss_fn, batch_size, order, torch.arange(len(labels)))


@known(
    MENDED_LOOP_2,
    "nothing is shuffled any more",
    "Pictures and labels are together again, but always in the same order; keep the shuffle, one for both.",
)
def no_shuffle(model, images, labels, optimizer, loss_fn, generator, batch_size):
    import torch

    order = torch.arange(len(images))
    return _shuffled(model, images, labels, optimizer, loss_fn, batch_size, order, order)


@known(
    MENDED_LOOP_2,
    "the shuffle does not use the generator",
    "All draws come from `generator`, so that a run can be repeated.",
)
def own_chance(model, images, labels, optimizer, loss_fn, generator, batch_size):
    import torch

    order = torch.randperm(len(images))
    return _shuffled(model, images, labels, optimizer, loss_fn, batch_size, order, order)
