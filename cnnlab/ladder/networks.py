"""The networks of the ladders."""

from __future__ import annotations

from torch import nn

from cnnlab.ladder.whiten import whiten


def simple_cnn(pool_first=False):
    """Lesson 08's network: 421,642 parameters, (N, 1, 28, 28) gives logits (N, 10).

    pool_first: pool before ReLU. max and ReLU may change places, so the result is the same, from a quarter of the work.
    """
    squeeze = [nn.MaxPool2d(2), nn.ReLU()] if pool_first else [nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3, padding=1), *squeeze),
        *(nn.Conv2d(32, 64, 3, padding=1), *squeeze),
        *(nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10)),
    )


def folded_cnn():
    """For MNIST: each 2 × 2 square of pixels becomes four channels of a 14 × 14 picture; 71,818 parameters."""

    def block(before, after):
        return nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()

    return nn.Sequential(
        nn.PixelUnshuffle(2),
        *(*block(4, 32), *block(32, 32), nn.MaxPool2d(2)),
        *(*block(32, 64), nn.Conv2d(64, 64, 3, padding=1, bias=False), nn.MaxPool2d(2), nn.BatchNorm2d(64), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(576, 10)),
    )


def small_cnn(pool_first=False, first_learned=True):
    """Lesson 09's small network: 545,290 parameters, (N, 3, 32, 32) gives logits (N, 10); pool_first as above.

    first_learned: if not, the first convolution is computed from the pictures, and neither it nor its norm is learned.
    """
    squeeze = [nn.MaxPool2d(2), nn.ReLU()] if pool_first else [nn.ReLU(), nn.MaxPool2d(2)]
    layers = (
        *(nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), *squeeze),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), *squeeze),
        *(nn.Flatten(), nn.Linear(4096, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
    )
    return nn.Sequential(*layers) if first_learned else FirstComputed(*layers)


class FirstComputed(nn.Sequential):
    """A Sequential whose first convolution comes from the pictures; from then on nothing is learned up to its norm."""

    def prepare(self, images):
        """Compute the first layer from some normalised pictures (N, 3, 32, 32)."""
        whiten(self[0], images)
        self[:2].requires_grad_(False)
