"""Lesson 10, ready-made: what a network's layers return, which pixels have a say, and two kinds of reasons.

All four measure, and leave no trace: no hook, no mode, no gradient, no switch is another afterwards, errors or not.
"""

import contextlib

import torch

__all__ = ["effective_receptive_field", "feature_maps", "grad_cam", "occlusion_map"]


@contextlib.contextmanager
def _measuring(model, layers=()):
    """The model in eval mode, and a list for each of the layers that keeps what it returns."""
    modes, kept = [(module, module.training) for module in model.modules()], [[] for _ in layers]
    handles = []
    try:
        model.eval()
        for layer, outputs in zip(layers, kept, strict=True):
            handles.append(layer.register_forward_hook(lambda *given, keep=outputs: keep.append(given[2])))
        yield kept
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training


def feature_maps(model, x, layer_names):
    """What each named layer returns for x (N, C, H, W): {name: tensor}. Raises KeyError for an unknown name."""
    modules, found, handles = dict(model.named_modules()), {}, []
    layers = [modules[name] for name in layer_names]
    with _measuring(model), torch.no_grad():
        try:
            for name, layer in zip(layer_names, layers, strict=True):
                handles.append(
                    layer.register_forward_hook(lambda *given, name=name: found.update({name: given[2].cpu().clone()}))
                )
            model(x)
        finally:
            for handle in handles:
                handle.remove()
    return {name: found[name] for name in layer_names}


def effective_receptive_field(model, x):
    """How much say each pixel of x (N, C, H, W) has in the middle of the maps that the model gives: (H, W), the largest
    1 (Luo and others 2016)."""
    mine = x.detach().clone().requires_grad_(True)
    with _measuring(model), torch.enable_grad():
        y = model(mine)
        middle = y[:, :, y.shape[2] // 2, y.shape[3] // 2].sum()
        (slope,) = torch.autograd.grad(middle, mine)
    say = slope.abs().sum(dim=(0, 1)).cpu()
    return say / say.max() if say.max() > 0 else say


def occlusion_map(model, x, target, patch, stride, fill=0.0):
    """How far logit `target` falls when a patch of x (1, C, H, W) is covered, place by place (Zeiler, Fergus 2013)."""
    tops, lefts = (range(0, side - patch + 1, stride) for side in x.shape[2:])
    with _measuring(model), torch.no_grad():
        whole, falls = model(x)[0, target], []
        for top in tops:
            row = x.detach().repeat(len(lefts), 1, 1, 1)
            for one, left in zip(row, lefts, strict=True):
                one[:, top : top + patch, left : left + patch] = fill
            falls.append(whole - model(row)[:, target])
    return torch.stack(falls).cpu()


def grad_cam(model, layer_name, x, target):
    """Where a layer's maps speak for a class, for x (1, C, H, W): (h, w), the largest 1 (Selvaraju and others 2017).
    Raises KeyError for an unknown name."""
    layer = dict(model.named_modules())[layer_name]
    with _measuring(model, [layer]) as [kept], torch.enable_grad():
        logits = model(x.detach().clone().requires_grad_(True))
        (slope,) = torch.autograd.grad(logits[0, target], kept[0])
    weights = slope.mean(dim=(2, 3), keepdim=True)
    speaks = (weights * kept[0].detach()).sum(dim=1)[0].relu().cpu()
    return speaks / speaks.max() if speaks.max() > 0 else speaks
