"""Right answers of lesson 08, each written in another way; no check may refuse one."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def normal(images):
    if isinstance(images, torch.Tensor):
        return (images.float().unsqueeze(1) / 255 - 0.5) / 0.5
    return ((images[:, None].astype(np.float32) / 255) - 0.5) / 0.5


def normal_reshaped(images):
    floats = images.to(torch.float32) if isinstance(images, torch.Tensor) else np.float32(images)
    return floats.reshape(len(images), 1, 28, 28) / 127.5 - 1


def normal_in_double(images):
    x = images.double() if isinstance(images, torch.Tensor) else images.astype(np.float64)
    x = (x / 255 - 0.5) * 2
    return (x.float() if isinstance(x, torch.Tensor) else x.astype("float32"))[:, None, :, :]


NORMALISE = [normal, normal_reshaped, normal_in_double]


def sequential():
    return nn.Sequential(
        nn.Conv2d(1, 32, kernel_size=3, padding="same"),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, kernel_size=3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(3136, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Linear(128, 10)
        self.second = nn.Conv2d(32, 64, 3, padding=1)
        self.first = nn.Conv2d(1, 32, 3, padding=1)
        self.dense = nn.Linear(64 * 7 * 7, 128)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        x = F.relu(F.max_pool2d(self.second(x), 2))  # max and ReLU may change places
        return self.last(self.dense(x.flatten(1)).clamp(min=0))


class Nested(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = sequential()[:6]
        self.head = sequential()[6:]

    def forward(self, x):
        return self.head(self.features(x))


def last_layer_at_zero():
    """A start that gives every class the same chance; only the layers before must not begin alike."""
    model = sequential()
    for parameter in model[-1].parameters():
        nn.init.zeros_(parameter)
    return model


BUILD_SIMPLE_CNN = [sequential, Net, Nested, lambda: Nested(), last_layer_at_zero]


def epoch(model, batches, optimizer, loss_fn):
    model.train()
    total, count = 0.0, 0
    for images, labels in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * images.shape[0]
        count += images.shape[0]
    return total / count


def epoch_of_lists(model, batches, optimizer, loss_fn):
    model.train(True)
    losses, sizes = [], []
    for images, labels in list(batches):
        logits = model(images)
        loss = loss_fn(logits, labels)
        for parameter in model.parameters():
            parameter.grad = None
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        sizes.append(len(labels))
    return np.average(losses, weights=sizes)


def epoch_zeroed_last(model, batches, optimizer, loss_fn):
    model.train()
    optimizer.zero_grad()
    every = torch.tensor([])
    for images, labels in batches:
        loss = loss_fn(model(images), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        every = torch.cat([every, loss.detach().expand(len(labels))])
    return every.mean().item()


TRAIN_EPOCH = [epoch, epoch_of_lists, epoch_zeroed_last]
MENDED_LOOP_1 = [epoch, epoch_of_lists, epoch_zeroed_last]


def accuracy(model, batches):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    right = total = 0
    try:
        with torch.no_grad():
            for images, labels in batches:
                right += (model(images).argmax(1) == labels).sum().item()
                total += labels.numel()
    finally:
        for module, mode in modes.items():
            module.training = mode
    return right / total


@torch.inference_mode()
def accuracy_in_inference_mode(model, batches):
    before = [module.training for module in model.modules()]
    try:
        model.train(False)
        hits = [model(images).max(dim=1).indices.eq(labels) for images, labels in batches]
        return torch.cat(hits).double().mean().item()
    finally:
        for module, mode in zip(model.modules(), before, strict=True):
            module.training = mode


def accuracy_of_a_copy(model, batches):
    with torch.no_grad():
        return float(
            np.concatenate(
                [(_forward(model, images).argmax(-1) == labels).numpy() for images, labels in batches]
            ).mean()
        )


def _forward(model, images):
    modes = [(m, m.training) for m in model.modules()]
    try:
        return model.eval()(images)
    finally:
        for m, mode in modes:
            m.training = mode


EVALUATE = [accuracy, accuracy_in_inference_mode, accuracy_of_a_copy]


def counted(predicted, actual, classes):
    found = [[0] * classes for _ in range(classes)]
    for p, a in zip(predicted, actual, strict=True):
        found[int(a)][int(p)] += 1
    if isinstance(predicted, torch.Tensor):
        return torch.tensor(found)
    return np.array(found)


def binned(predicted, actual, classes):
    if isinstance(predicted, torch.Tensor):
        return torch.bincount(actual * classes + predicted, minlength=classes**2).reshape(classes, classes)
    pairs = actual.astype(int) * classes + predicted
    return np.bincount(pairs.astype(int), minlength=classes**2).reshape(classes, classes)


def compared(predicted, actual, classes):
    one_hot = copy.deepcopy((actual[:, None] == _numbers(classes, actual)) * 1)
    other = (predicted[:, None] == _numbers(classes, predicted)) * 1
    return one_hot.T @ other


def _numbers(classes, like):
    return torch.arange(classes) if isinstance(like, torch.Tensor) else np.arange(classes)


CONFUSION_MATRIX = [counted, binned, compared]


def shuffled(model, images, labels, optimizer, loss_fn, generator, batch_size):
    order = torch.randperm(len(images), generator=generator)
    images, labels = images[order], labels[order]
    batches = zip(images.split(batch_size), labels.split(batch_size), strict=True)
    return epoch(model, batches, optimizer, loss_fn)


def shuffled_by_index(model, images, labels, optimizer, loss_fn, generator, batch_size):
    order = torch.randperm(len(labels), generator=generator).tolist()
    chunks = [order[k : k + batch_size] for k in range(0, len(order), batch_size)]
    return epoch_of_lists(model, ((images[chunk], labels[chunk]) for chunk in chunks), optimizer, loss_fn)


def shuffled_as_a_data_set(model, images, labels, optimizer, loss_fn, generator, batch_size):
    pairs = list(zip(images, labels, strict=True))
    pairs = [pairs[k] for k in torch.randperm(len(pairs), generator=generator)]
    chunks = [pairs[k : k + batch_size] for k in range(0, len(pairs), batch_size)]
    batches = [(torch.stack([i for i, _ in chunk]), torch.stack([x for _, x in chunk])) for chunk in chunks]
    return epoch_zeroed_last(model, batches, optimizer, loss_fn)


MENDED_LOOP_2 = [shuffled, shuffled_by_index, shuffled_as_a_data_set]
