"""Lesson 11, ready-made: three blocks, how hard the loss pulls at each convolution, another head, weights for Keras."""

import copy

import torch
from torch import nn

from cnnlab.built.lesson_07 import conv_block


class InceptionBlock(nn.Module):
    """1 × 1 | 1 × 1 → 3 × 3 | 1 × 1 → 5 × 5 | 3 × 3 max pool → 1 × 1, joined as channels (Szegedy et al. 2014).

    b3, b5: pairs (reduce, out). (N, in_channels, H, W) gives (N, b1 + b3[1] + b5[1] + pool, H, W).
    """

    def __init__(self, in_channels, b1, b3, b5, pool):
        super().__init__()
        self.one = conv_block(in_channels, b1, 1)
        self.three = nn.Sequential(conv_block(in_channels, b3[0], 1), conv_block(*b3, 3))
        self.five = nn.Sequential(conv_block(in_channels, b5[0], 1), conv_block(*b5, 5))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv_block(in_channels, pool, 1))

    def forward(self, x):
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], dim=1)


class DenseBlock(nn.Module):
    """Each of `layers` layers, BN → ReLU → 3 × 3 convolution, reads all maps before it and adds `growth` (Huang et al.
    2017). (N, in_channels, H, W) gives (N, in_channels + layers · growth, H, W)."""

    def __init__(self, in_channels, growth, layers):
        super().__init__()
        sizes = [in_channels + k * growth for k in range(layers)]
        self.layers = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(size), nn.ReLU(), nn.Conv2d(size, growth, 3, padding=1, bias=False))
            for size in sizes
        )

    def forward(self, x):
        for layer in self.layers:
            x = torch.cat([x, layer(x)], dim=1)
        return x


class InvertedResidual(nn.Module):
    """Widen (1 × 1) → look (3 × 3 depthwise, the stride) → narrow (1 × 1, linear); plus x where the shapes are the same
    (Sandler et al. 2018). (N, in, H, W) gives (N, out, H', W')."""

    def __init__(self, in_channels, out_channels, expand, stride=1):
        super().__init__()
        wide = in_channels * expand
        widen = [nn.Conv2d(in_channels, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU6()]
        self.branch = nn.Sequential(
            *(widen if expand != 1 else []),
            nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(),
            nn.Conv2d(wide, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.adds = stride == 1 and in_channels == out_channels

    def forward(self, x):
        return x + self.branch(x) if self.adds else self.branch(x)


def gradient_norms(model, x, labels):
    """The Frobenius norm of the mean cross-entropy's gradient for each nn.Conv2d's weight, in order of first use: a
    list of floats. Leaves the model as it was."""
    used, convs = [], [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    learnt = [conv.weight.requires_grad for conv in convs]
    hooks = [conv.register_forward_pre_hook(lambda conv, _: used.append(conv)) for conv in convs]
    try:
        for conv in convs:
            conv.weight.requires_grad_(True)
        with torch.enable_grad():
            loss = nn.functional.cross_entropy(model(x), labels)
            gradients = torch.autograd.grad(loss, [conv.weight for conv in dict.fromkeys(used)])
    finally:
        for hook in hooks:
            hook.remove()
        for conv, learns in zip(convs, learnt, strict=True):
            conv.weight.requires_grad_(learns)
    return [gradient.norm().item() for gradient in gradients]


def swap_head(model, classes):
    """A deep copy in which the last nn.Linear is a fresh one with `classes` outputs, and nothing else learns. Raises
    ValueError where there is no nn.Linear."""
    names = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    if not names:
        raise ValueError(f"{type(model).__name__} has no nn.Linear to swap")
    twin = copy.deepcopy(model).requires_grad_(False)
    parent, _, leaf = names[-1].rpartition(".")
    head = nn.Linear(twin.get_submodule(names[-1]).in_features, classes)
    setattr(twin.get_submodule(parent), leaf, head)
    return twin


def nchw_to_nhwc_weights(state_dict):
    """{layer name: list of arrays, as Keras' set_weights takes them}, in the state dict's order."""
    moves = {4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}
    found = {}
    for key, value in state_dict.items():
        name, _, kind = key.rpartition(".")
        if kind != "num_batches_tracked":
            found.setdefault(name, []).append(value.cpu().numpy().transpose(moves[value.ndim]))
    return found
