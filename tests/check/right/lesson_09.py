"""Right answers of lesson 09, each written in another way; no check may refuse one."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def crop_in_a_loop(x, generator, padding=4):
    n, _, h, w = x.shape
    padded = F.pad(x, (padding, padding, padding, padding))
    out = torch.empty_like(x)
    for k in range(n):
        i = int(torch.randint(2 * padding + 1, (1,), generator=generator))
        j = int(torch.randint(2 * padding + 1, (1,), generator=generator))
        picture = padded[k, :, i : i + h, j : j + w]
        out[k] = picture.flip(-1) if torch.rand(1, generator=generator).item() < 0.5 else picture
    return out


def crop_by_index(x, generator, padding=4):
    n, c, h, w = x.shape
    flips = torch.rand(n, generator=generator) < 0.5
    offsets = torch.randint(0, 2 * padding + 1, (2, n), generator=generator)
    x = torch.where(flips[:, None, None, None], x.flip(3), x)
    padded = F.pad(x, (padding,) * 4)
    rows = offsets[0][:, None] + torch.arange(h)
    columns = offsets[1][:, None] + torch.arange(w)
    return padded[
        torch.arange(n)[:, None, None, None],
        torch.arange(c)[:, None, None],
        rows[:, None, :, None],
        columns[:, None, None, :],
    ]


def crop_by_hand(x, generator, padding=4):
    n, c, h, w = x.shape
    wide = torch.zeros((n, c, h + 2 * padding, w + 2 * padding), dtype=x.dtype)
    wide[:, :, padding : padding + h, padding : padding + w] = x
    draws = torch.rand((n, 3), generator=generator)
    out = []
    for picture, (a, b, f) in zip(wide, draws.tolist(), strict=True):
        i, j = int(a * (2 * padding + 1)), int(b * (2 * padding + 1))
        cut = picture[:, i : i + h, j : j + w]
        out.append(torch.fliplr(cut.permute(1, 2, 0)).permute(2, 0, 1) if f >= 0.5 else cut)
    return torch.stack(out)


RANDOM_CROP_FLIP = [crop_in_a_loop, crop_by_index, crop_by_hand]


def small_sequential():
    def block(a, b):
        return [nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)]

    head = [nn.Flatten(), nn.Linear(4096, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)]
    return nn.Sequential(*block(3, 32), *block(32, 64), *head)


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(128, 10)
        self.hidden = nn.Linear(64 * 8 * 8, 128)
        self.norms = nn.ModuleList([nn.BatchNorm2d(32), nn.BatchNorm2d(64)])
        self.convs = nn.ModuleList([nn.Conv2d(3, 32, 3, padding="same"), nn.Conv2d(32, 64, 3, padding="same")])

    def forward(self, x):
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = F.relu(F.max_pool2d(norm(conv(x)), 2))
        x = F.dropout(F.relu(self.hidden(x.flatten(1))), 0.5, training=self.training)
        return self.out(x)


BUILD_SMALL_CNN = [small_sequential, Small, lambda: nn.Sequential(small_sequential()[:8], small_sequential()[8:])]


class Block(nn.Module):
    def __init__(self, a, b, stride, shortcut_first):
        super().__init__()
        self.first = shortcut_first
        self.skip = (
            nn.Identity()
            if a == b and stride == 1
            else nn.Sequential(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b))
        )
        self.body = nn.Sequential(
            nn.Conv2d(a, b, 3, stride, 1, bias=False),
            nn.BatchNorm2d(b),
            nn.ReLU(inplace=True),
            nn.Conv2d(b, b, 3, 1, 1, bias=False),
            nn.BatchNorm2d(b),
        )

    def forward(self, x):
        if self.first:
            skip = self.skip(x)
            return F.relu(skip + self.body(x))
        return F.relu(self.body(x) + self.skip(x))


def residual(width=32, shortcut_first=False):
    layers = [nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    for a, b, stride in [(1, 1, 1), (1, 1, 1), (1, 2, 2), (2, 2, 1), (2, 4, 2), (4, 4, 1)]:
        layers.append(Block(a * width, b * width, stride, shortcut_first))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * width, 10))


class Residual(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.head = nn.Linear(4 * width, 10)
        self.net = residual(width)[:-3]

    def forward(self, x):
        return self.head(self.net(x).mean(dim=(2, 3)))


BUILD_RESIDUAL_NET = [residual, lambda width=32: residual(width, shortcut_first=True), Residual]


def cycle(step, total, peak, warmup=0.3):
    top = warmup * (total - 1)
    if step < top:
        return peak * step / top
    return peak * (1 + math.cos(math.pi * (step - top) / (total - 1 - top))) / 2


def cycle_in_numpy(step, total, peak, warmup=0.3):
    t, top = step / (total - 1), warmup
    return np.float64(peak * t / top) if t < top - 1e-15 else peak * np.cos(np.pi / 2 * (t - top) / (1 - top)) ** 2


def cycle_by_interpolation(step, total, peak, warmup=0.3):
    end = total - 1
    if warmup * end > step:
        return float(np.interp(step, [0, warmup * end], [0, peak]))
    angle = np.interp(step, [warmup * end, end], [0, math.pi])
    return float(peak * 0.5 * (1.0 + np.cos(angle)))


ONE_CYCLE = [cycle, cycle_in_numpy, cycle_by_interpolation]


def both(model, x):
    return (model(x) + model(torch.flip(x, dims=[3]))) / 2


def both_stacked(model, x):
    return torch.stack([model(x), model(x.flip(-1))]).mean(0)


def both_in_one_batch(model, x):
    first, second = model(torch.cat([x, torch.fliplr(x.permute(2, 3, 0, 1)).permute(2, 3, 0, 1)])).chunk(2)
    return first.lerp(second, 0.5)


PREDICT_WITH_FLIPS = [both, both_stacked, both_in_one_batch]


def by_loop(predicted, actual, classes):
    found = []
    for k in range(classes):
        mine = [int(p) == k for p, a in zip(predicted, actual, strict=True) if int(a) == k]
        found.append(sum(mine) / len(mine) if mine else float("nan"))
    return torch.tensor(found) if isinstance(predicted, torch.Tensor) else np.array(found)


def by_matrix(predicted, actual, classes):
    if isinstance(predicted, torch.Tensor):
        counts = torch.bincount(actual * classes + predicted, minlength=classes**2).reshape(classes, classes)
        return counts.diagonal() / counts.sum(1)
    counts = np.zeros((classes, classes))
    np.add.at(counts, (actual, predicted), 1)
    with np.errstate(all="ignore"):
        return counts.diagonal() / counts.sum(axis=1)


def by_mask(predicted, actual, classes):
    if isinstance(predicted, torch.Tensor):
        return torch.stack([(predicted[actual == k] == k).float().mean() for k in range(classes)])
    masks = [actual == k for k in range(classes)]
    return np.array([np.mean(predicted[m] == k) if m.any() else np.nan for k, m in enumerate(masks)])


ACCURACY_BY_CLASS = [by_loop, by_matrix, by_mask]


def step_of_the_solution(model, x, y, optimizer, rate):
    for group in optimizer.param_groups:
        group["lr"] = rate
    x = x.contiguous(memory_format=torch.channels_last)
    with torch.autocast(x.device.type, torch.bfloat16):
        loss = F.cross_entropy(model(x), y)  # autocast computes it in 32 bits
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.detach()


def step_zeroed_first(model, x, y, optimizer, rate):
    optimizer.zero_grad(set_to_none=False)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(x.to(memory_format=torch.channels_last))
    loss = nn.CrossEntropyLoss()(logits.float(), y)
    loss.backward()
    for group in optimizer.param_groups:
        group.update(lr=rate)
    optimizer.step()
    return loss.data


def step_all_within(model, x, y, optimizer, rate):
    model = model.to(memory_format=torch.channels_last)
    [group.__setitem__("lr", rate) for group in optimizer.param_groups]
    for weight in model.parameters():
        weight.grad = None
    with torch.autocast("cpu", torch.bfloat16):
        loss = -model(x.contiguous(memory_format=torch.channels_last)).float().log_softmax(1)[range(len(y)), y].mean()
        loss.backward()
    optimizer.step()
    return loss.detach().clone()


FAST_STEP = [step_of_the_solution, step_zeroed_first, step_all_within]
