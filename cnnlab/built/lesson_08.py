"""Lesson 08, ready-made: loops that learn and loops that measure."""

import numpy as np
import torch

from cnnlab.ladder.networks import simple_cnn as build_simple_cnn

__all__ = ["build_simple_cnn", "confusion_matrix", "evaluate", "normalise", "train_epoch"]


def normalise(images):
    """uint8 (N, 28, 28), an array or a tensor, to float32 (N, 1, 28, 28) from −1 to 1, of the same kind."""
    floats = images.float() if isinstance(images, torch.Tensor) else np.asarray(images, np.float32)
    return (floats[:, None] - 127.5) / 127.5


def train_epoch(model, batches, optimizer, loss_fn):
    """Learn from each batch once, in train mode. Returns the mean loss over samples, a float."""
    model.train()
    losses, sizes = [], []
    for images, labels in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        sizes.append(len(labels))
    weights = torch.tensor(sizes, dtype=torch.float32, device=losses[0].device)
    return float((torch.stack(losses) * weights).sum() / weights.sum())


def evaluate(model, batches):
    """The share of right answers, in eval mode, without gradients; every module's mode is as before afterwards."""
    modes = {module: module.training for module in model.modules()}
    hits = []
    try:
        with torch.no_grad():
            model.eval()
            for images, labels in batches:
                hits.append(model(images).argmax(dim=1) == labels)
    finally:
        for module, training in modes.items():
            module.training = training
    return torch.cat(hits).float().mean().item()


def confusion_matrix(predicted, actual, classes):
    """Whole numbers (classes, classes): row i, column j counts the pictures of class i that were called j."""
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (np.asarray(actual), np.asarray(predicted)), 1)
    return torch.from_numpy(table) if isinstance(predicted, torch.Tensor) else table
