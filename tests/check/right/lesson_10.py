"""Right answers of lesson 10, each written in another way; no check may refuse one."""

import contextlib
import copy

import torch
import torch.nn.functional as F


@contextlib.contextmanager
def listening(layers, keep):
    handles = []
    try:
        for name, layer in layers.items():
            handles.append(layer.register_forward_hook(lambda m, i, out, name=name: keep(name, out)))
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextlib.contextmanager
def in_eval_mode(model):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    try:
        yield model
    finally:
        for m, mode in modes:
            m.training = mode


def maps_by_hooks(model, x, layer_names):
    found = {}
    layers = {name: model.get_submodule(name) for name in layer_names}
    with torch.no_grad(), listening(layers, lambda name, out: found.__setitem__(name, out.clone())):
        model(x)
    return found


def maps_in_eval_mode(model, x, layer_names):
    wanted = dict.fromkeys(layer_names)
    known = dict(model.named_modules())
    handles = []
    for name in [name for name in wanted if name not in known]:
        raise ValueError(f"no layer {name!r}; there are {', '.join(known)}")

    def hook_for(name):
        def hook(module, inputs, output):
            wanted[name] = output.detach().cpu().clone()

        return hook

    with in_eval_mode(model):
        try:
            handles += [known[name].register_forward_hook(hook_for(name)) for name in wanted]
            model(x.detach())
        finally:
            while handles:
                handles.pop().remove()
    return wanted


def maps_of_a_copy(model, x, layer_names):
    other = copy.deepcopy(model)
    for module in other.modules():
        module._forward_hooks.clear()
        module._forward_pre_hooks.clear()
    found = {}
    for name in layer_names:
        dict(other.named_modules())[name].register_forward_hook(
            lambda m, i, o, name=name: found.update({name: o.detach().clone()})
        )
    other.eval()
    model(x)  # whatever the model raises, whoever asks hears of it
    other(x.detach())
    return {name: found[name] for name in layer_names}


def maps_one_pass_a_name(model, x, layer_names):
    out = {}
    for name in layer_names:
        layer = dict(model.named_modules()).get(name)
        if layer is None:
            raise KeyError(name)
        kept = []
        handle = layer.register_forward_hook(lambda m, i, o, kept=kept: kept.append(o.data.clone()))
        try:
            with torch.inference_mode(False), torch.no_grad():
                model(x)
        finally:
            handle.remove()
        out[name] = kept[-1]
    return out


class Recorder:
    def __init__(self):
        self.maps = {}

    def __call__(self, model, x, layer_names):
        maps = {}
        before = torch.is_grad_enabled()
        modules = {name: module for name, module in model.named_modules() if name in layer_names}
        if len(modules) < len(set(layer_names)):
            raise AttributeError("a layer is missing")
        stack = contextlib.ExitStack()
        with stack:
            stack.callback(torch.set_grad_enabled, before)
            torch.set_grad_enabled(False)
            for name, module in modules.items():
                keep = lambda m, i, o, name=name: maps.update({name: torch.empty_like(o).copy_(o)})  # noqa: E731
                stack.callback(module.register_forward_hook(keep).remove)
            model(x)
        return maps


FEATURE_MAPS = [maps_by_hooks, maps_in_eval_mode, maps_of_a_copy, maps_one_pass_a_name, Recorder()]


def field_plain(model, x):
    x = x.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        y = model(x)
        s = y[:, :, y.shape[2] // 2, y.shape[3] // 2].sum()
        (g,) = torch.autograd.grad(s, x)
    g = g.abs().sum(dim=(0, 1))
    return g / g.max() if g.max() > 0 else torch.zeros_like(g)


def field_without_switches(model, x):
    mine = torch.tensor(x.tolist(), requires_grad=True)
    y = model(mine)
    pick = torch.zeros_like(y)
    pick[..., y.size(-2) // 2, y.size(-1) // 2] = 1
    slope = torch.autograd.grad(y, mine, grad_outputs=pick)[0]
    found = torch.einsum("nchw->hw", slope.abs())
    return torch.where(found.max() > 0, found / found.max().clamp(min=1e-30), found)


def field_by_backward_on_x_alone(model, x):
    with in_eval_mode(model), torch.enable_grad():
        leaf = x.detach().clone()
        leaf.requires_grad = True
        y = model(leaf)
        h, w = y.shape[-2:]
        y[:, :, h // 2, w // 2].sum().backward(inputs=[leaf])
    total = leaf.grad.abs().sum(0).sum(0)
    top = float(total.max())
    return total / top if top else total


def field_of_a_copy(model, x):
    model(x.detach())
    twin = copy.deepcopy(model).eval()
    leaf = torch.nn.Parameter(x.detach().clone())
    with torch.set_grad_enabled(True):
        y = twin(leaf)
        y[..., y.shape[2] // 2, y.shape[3] // 2].sum().backward()
    total = leaf.grad.detach().abs().flatten(0, 1).sum(0)
    return torch.nan_to_num(total / total.max(), nan=0.0)


def field_image_by_image(model, x):
    with in_eval_mode(model), torch.enable_grad():
        total = torch.zeros(x.shape[-2:])
        for image in x.detach().split(1):
            leaf = image.clone().requires_grad_()
            y = model(leaf)
            for filters in y[0, :, y.shape[2] // 2, y.shape[3] // 2].sum().reshape(1):
                total += torch.autograd.grad(filters, leaf, retain_graph=True)[0][0].abs().sum(0)
    return total / total.max() if total.any() else total


def field_with_grads_put_back(model, x):
    kept = [(p, p.grad) for p in model.parameters()]
    was = x.requires_grad, x.grad
    for p, _ in kept:
        p.grad = None
    try:
        with torch.enable_grad():
            x.grad = None
            x.requires_grad_(True)
            y = model(x)
            y[:, :, y.shape[2] // 2, y.shape[3] // 2].sum().backward()
            total = x.grad.abs().sum((0, 1))
    finally:
        for p, grad in kept:
            p.grad = grad
        x.requires_grad_(was[0])
        x.grad = was[1]
    return total / total.max() if total.max() else total


EFFECTIVE_RECEPTIVE_FIELD = [
    field_plain, field_without_switches, field_by_backward_on_x_alone, field_of_a_copy, field_image_by_image,
    field_with_grads_put_back,
]  # fmt: skip


def occlusion_in_loops(model, x, target, patch, stride, fill=0.0):
    rows = (x.shape[2] - patch) // stride + 1
    columns = (x.shape[3] - patch) // stride + 1
    out = torch.zeros(rows, columns)
    with in_eval_mode(model), torch.no_grad():
        whole = model(x)[0, target].item()
        for i in range(rows):
            for j in range(columns):
                covered = x.clone()
                covered[:, :, i * stride : i * stride + patch, j * stride : j * stride + patch] = fill
                out[i, j] = whole - model(covered)[0, target].item()
    return out


def occlusion_in_one_batch(model, x, target, patch, stride, fill=0.0):
    height, width = x.shape[2:]
    tops = range(0, height - patch + 1, stride)
    lefts = range(0, width - patch + 1, stride)
    batch = x.detach().repeat(len(tops) * len(lefts) + 1, 1, 1, 1)
    for k, (top, left) in enumerate((t, le) for t in tops for le in lefts):
        batch[k, :, top : top + patch, left : left + patch] = fill
    with torch.no_grad():
        logits = model(batch)[:, target]
    return (logits[-1] - logits[:-1]).view(len(tops), len(lefts))


def occlusion_with_masks(model, x, target, patch, stride, fill=0.0):
    x = x.detach()
    n = x.shape[-1] * x.shape[-2]
    spots = F.unfold(torch.arange(n).reshape(1, 1, *x.shape[-2:]).float(), patch, stride=stride)[0].long().T
    before = model(x).detach()[0, target]
    found = []
    for places in spots:
        mask = torch.zeros(n, dtype=torch.bool)
        mask[places] = True
        found.append(before - model(torch.where(mask.view(x.shape[-2:]), torch.tensor(fill), x)).detach()[0, target])
    return torch.stack(found).reshape((x.shape[-2] - patch) // stride + 1, -1)


def occlusion_that_puts_back(model, x, target, patch, stride, fill=0.0):
    work = x.detach().clone()
    with torch.no_grad():
        score = lambda: float(model(work)[0][target])  # noqa: E731
        start, rows = score(), []
        top = 0
        while top + patch <= work.shape[2]:
            row, left = [], 0
            while left + patch <= work.shape[3]:
                window = work[..., top : top + patch, left : left + patch]
                kept = window.clone()
                window.fill_(fill)
                row.append(start - score())
                window.copy_(kept)
                left += stride
            rows.append(row)
            top += stride
    return torch.tensor(rows)


@torch.no_grad()
def occlusion_decorated(model, x, target, patch, stride, fill=0.0):
    modes = {m: m.training for m in model.modules()}
    try:
        model.eval()
        base = model(x)[0, target]
        windows = x[0].unfold(1, patch, stride).unfold(2, patch, stride)
        out = base.new_empty(windows.shape[1:3])
        for i, j in torch.cartesian_prod(*map(torch.arange, windows.shape[1:3])).tolist():
            y = x.clone()
            y[0].narrow(1, i * stride, patch).narrow(2, j * stride, patch).fill_(fill)
            out[i, j] = base - model(y)[0, target]
    finally:
        for m, mode in modes.items():
            m.train(mode) if not list(m.children()) else setattr(m, "training", mode)
    return out.double()


OCCLUSION_MAP = [
    occlusion_in_loops, occlusion_in_one_batch, occlusion_with_masks, occlusion_that_puts_back, occlusion_decorated
]  # fmt: skip


def cam_by_autograd(model, layer_name, x, target):
    kept = {}
    layers = {"a": model.get_submodule(layer_name)}
    with torch.enable_grad(), listening(layers, kept.__setitem__):
        logits = model(x.detach().clone().requires_grad_(True))
        (slope,) = torch.autograd.grad(logits[0, target], kept["a"])
    weights = slope.mean(dim=(2, 3), keepdim=True)
    found = (weights * kept["a"]).sum(dim=1)[0].relu().detach()
    return found / found.max() if found.max() > 0 else found


def cam_without_x(model, layer_name, x, target):
    frozen = [p for p in model.parameters() if not p.requires_grad]
    if len(frozen) == len(list(model.parameters())):
        x = x.detach().clone().requires_grad_()
    kept = []
    if layer_name not in dict(model.named_modules()):
        raise KeyError(layer_name)
    handle = dict(model.named_modules())[layer_name].register_forward_hook(lambda *given: kept.append(given[2]))
    try:
        slope = torch.autograd.grad(model(x)[0, target], kept[0])[0]
    finally:
        handle.remove()
    weights = slope[0].sum((1, 2))
    found = torch.einsum("d,dhw->hw", weights, kept[0][0].detach()).clamp(min=0)
    return found / (found.max() + 1e-12)


def cam_by_a_leaf(model, layer_name, x, target):
    """The layer's output is put on a leaf of its own, and the gradient is that of the leaf."""
    kept = []

    def replace(module, inputs, output):
        leaf = output.detach().clone().requires_grad_(True)
        kept.append(leaf)
        return leaf.clone()

    with in_eval_mode(model), torch.enable_grad():
        handle = model.get_submodule(layer_name).register_forward_hook(replace)
        try:
            score = model(x.detach())[:, target].sum()
            score.backward(inputs=kept)
        finally:
            handle.remove()
    (a,) = kept
    found = F.relu((a.grad[0].mean((1, 2), keepdim=True) * a.detach()[0]).mean(0))
    top = found.max().item()
    return found / top if top > 0 else torch.zeros_like(found)


def cam_by_a_hook_on_the_tensor(model, layer_name, x, target):
    store = {}
    layer = dict(model.named_modules())[layer_name]
    grads = [(p, None if p.grad is None else p.grad.clone()) for p in model.parameters()]

    def forward(module, inputs, output):
        store["a"] = output.detach().clone()
        output.register_hook(lambda grad: store.__setitem__("g", grad.detach()))

    with torch.enable_grad():
        handle = layer.register_forward_hook(forward)
        try:
            model(x.detach().clone().requires_grad_(True))[0][target].backward()
        finally:
            handle.remove()
            for p, grad in grads:
                p.grad = grad
    total = sum(float(g.mean()) * a for g, a in zip(store["g"][0], store["a"][0], strict=True))
    total = torch.maximum(total, torch.zeros(()))
    return total.div(total.max()) if total.any() else total


def cam_with_backward_hook(model, layer_name, x, target):
    twin = copy.deepcopy(model)
    store = {}
    model(x.detach())
    layer = twin.get_submodule(layer_name)
    layer.register_forward_hook(lambda m, i, o: store.__setitem__("a", o.detach().clone()))
    layer.register_full_backward_hook(lambda m, gi, go: store.__setitem__("g", go[0].detach().clone()))
    with torch.enable_grad():
        logits = twin(x.detach().clone().requires_grad_(True))
        logits.backward(torch.zeros_like(logits).index_fill(1, torch.tensor([target]), 1.0))
    found = (store["g"].mean((2, 3), True) * store["a"]).sum(1).squeeze(0).clamp_min(0)
    return found if not found.any() else found / found.amax()


GRAD_CAM = [
    cam_by_autograd, cam_without_x, cam_by_a_leaf, cam_by_a_hook_on_the_tensor, cam_with_backward_hook
]  # fmt: skip
