"""The training loop as tutorials have it: one picture at a time through PIL and transforms, then batches of 64."""

from __future__ import annotations

import torch
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from cnnlab.ladder.measure import Clock, Run


class OneByOne(Dataset):
    """What torchvision's MNIST and CIFAR10 do for each picture: an array, a PIL image, a tensor, normalised."""

    def __init__(self, pictures, mean=0.5, std=0.5, augment=False):
        from torchvision import transforms

        self.images = pictures.images if pictures.images.ndim == 3 else pictures.images.transpose(0, 2, 3, 1)
        self.labels = pictures.labels
        moved = [transforms.RandomCrop(32, 4), transforms.RandomHorizontalFlip()] if augment else []
        self.transform = transforms.Compose([*moved, transforms.ToTensor(), transforms.Normalize(mean, std)])

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, k):
        from PIL import Image

        return self.transform(Image.fromarray(self.images[k])), int(self.labels[k])


def train_as_in_the_tutorial(
    model, optimizer, pictures, test, device, seed=0, epochs=5, looks=1, seconds=None, workers=0, **how
):
    """A Run: `epochs` epochs, the test accuracy noted `looks` times in each; ends early after `seconds`.

    test: normalised tensors (images, labels) on the device. `how` goes to OneByOne: mean, std, augment.
    """
    torch.manual_seed(seed)
    run, seen = Run("tutorial", seed), 0
    loader = DataLoader(OneByOne(pictures, **how), batch_size=64, shuffle=True, num_workers=workers)
    marks = [round(len(loader) * (k + 1) / looks) for k in range(looks)]
    clock = Clock(device)
    for _ in range(epochs):
        model.train()
        running_loss = 0.0
        for step, (images, labels) in enumerate(loader, 1):
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
            seen += len(labels)
            over = seconds is not None and clock.seconds() > seconds
            if step in marks or over:
                clock.look(run, seen, model, test)
            if over:
                return run
    return run
