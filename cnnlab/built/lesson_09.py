"""Lesson 09, ready-made: pictures moved and mirrored, the two networks, the schedule, and what is measured."""

import math

import numpy as np
import torch

from cnnlab.ladder.networks import small_cnn as build_small_cnn
from cnnlab.ladder.residual import residual_net

__all__ = [
    "accuracy_by_class",
    "build_residual_net",
    "build_small_cnn",
    "fast_step",
    "one_cycle",
    "predict_with_flips",
    "random_crop_flip",
]


def random_crop_flip(x, generator, padding=4):
    """x (N, C, H, W): each picture moved by up to `padding` pixels, zeros coming in, and mirrored every other time."""
    n, _, height, width = x.shape
    top, left = torch.randint(2 * padding + 1, (2, n), generator=generator).to(x.device)
    turned = (torch.rand(n, generator=generator) < 0.5).to(x.device)
    padded = torch.nn.functional.pad(x, (padding,) * 4)
    windows = padded.unfold(2, height, 1).unfold(3, width, 1)
    moved = windows[torch.arange(n, device=x.device), :, top, left]
    return torch.where(turned[:, None, None, None], moved.flip(3), moved)


def build_residual_net(width=32):
    """(N, 3, 32, 32) gives logits (N, 10): a stem, three stages of two residual blocks, average, dense."""
    return residual_net(width)


def one_cycle(step, total, peak, warmup=0.3):
    """The learning rate at a step: straight up from 0 to the peak, then half a cosine down to 0."""
    last = total - 1
    top = warmup * last
    if step < top:
        return peak * step / top
    return peak * (1 + math.cos(math.pi * (step - top) / (last - top))) / 2


def predict_with_flips(model, x):
    """The mean of the logits for the pictures and for their mirror images, in whatever mode the model is in."""
    return (model(x) + model(x.flip(3))) / 2


def accuracy_by_class(predicted, actual, classes):
    """(classes,) shares of the pictures of each class that were called so; NaN for a class without pictures."""
    kind = torch if isinstance(predicted, torch.Tensor) else np
    of = kind.bincount(actual, minlength=classes)
    right = kind.bincount(actual[predicted == actual], minlength=classes)
    with np.errstate(invalid="ignore"):
        return right / of


def fast_step(model, x, y, optimizer, rate):
    """One step of training in bfloat16, the pictures x (N, C, H, W) channels last; the loss, a detached tensor."""
    optimizer.zero_grad()
    with torch.autocast(x.device.type, torch.bfloat16):
        loss = torch.nn.functional.cross_entropy(model(x.contiguous(memory_format=torch.channels_last)).float(), y)
    loss.backward()
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    return loss.detach()
