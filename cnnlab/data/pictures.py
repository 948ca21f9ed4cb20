"""Pictures with their labels, whole, in memory: what `mnist` and `cifar10` give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, repr=False, eq=False)
class Pictures:
    """One part of a data set.

    images: uint8, (N, H, W) grey or (N, 3, H, W) in colour. labels: int64 (N,), numbers into `classes`.
    stand_in: true where these are not the pictures that were asked for, but others in their place.
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    name: str
    stand_in: bool = False

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, which) -> Pictures:
        """Some of them: train[:1000], train[train.labels == 3], train[[5]]."""
        if isinstance(which, (int, np.integer)):
            raise TypeError(f"One picture is .images[{which}], its label .labels[{which}]; [:5] gives the first five.")
        return Pictures(self.images[which], self.labels[which], self.classes, self.name, self.stand_in)

    def keep_back(self, share: float = 0.1) -> tuple[Pictures, Pictures]:
        """(the pictures to learn from, the last `share` of them, kept back to choose by): both of the same kind."""
        count = len(self) - round(share * len(self))
        return self[:count], self[count:]

    def tensors(self, device="cpu"):
        """(images, labels) as torch tensors on `device`, uint8 and int64, in the same shapes: all of them at once."""
        import torch

        return torch.from_numpy(self.images).to(device), torch.from_numpy(self.labels).to(device)

    def __repr__(self) -> str:
        shape = " × ".join(str(side) for side in self.images.shape[1:])
        return f"<{self.name}: {len(self):,} pictures, {shape}, uint8, {len(self.classes)} classes>"
