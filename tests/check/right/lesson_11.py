"""Right answers of lesson 11, each written in another way; no check may refuse one."""

import collections
import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cnnlab.built.lesson_07 import conv_block


class Inception(nn.Module):
    def __init__(self, in_channels, b1, b3, b5, pool):
        super().__init__()
        self.one = conv_block(in_channels, b1, 1)
        self.three = nn.Sequential(conv_block(in_channels, b3[0], 1), conv_block(b3[0], b3[1], 3))
        self.five = nn.Sequential(conv_block(in_channels, b5[0], 1), conv_block(b5[0], b5[1], 5))
        self.pool = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv_block(in_channels, pool, 1))

    def forward(self, x):
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], dim=1)


class InceptionBackwards(nn.Module):
    """Defined and run from the last branch to the first."""

    def __init__(self, in_channels, b1, b3, b5, pool):
        super().__init__()
        self.d = conv_block(in_channels, pool, 1)
        self.c = nn.Sequential(conv_block(in_channels, b5[0], 1), conv_block(b5[0], b5[1], 5))
        self.b = nn.Sequential(conv_block(in_channels, b3[0], 1), conv_block(b3[0], b3[1], 3))
        self.a = conv_block(in_channels, b1, 1)

    def forward(self, x):
        d = self.d(F.max_pool2d(x, 3, 1, 1))
        c, b, a = self.c(x), self.b(x), self.a(x)
        return torch.concatenate((a, b, c, d), 1)


class InceptionInterleaved(nn.Module):
    """Both reductions first, then everything else, into one tensor of its own."""

    def __init__(self, in_channels, b1, b3, b5, pool):
        super().__init__()
        sizes = [(in_channels, b3[0], 1), (in_channels, b5[0], 1), (b5[0], b5[1], 5), (b3[0], b3[1], 3)]
        sizes += [(in_channels, pool, 1), (in_channels, b1, 1)]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, k, padding="same", bias=False) for a, b, k in sizes)
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for _, b, _ in sizes)

    def forward(self, x):
        def block(k, maps):
            return self.norms[k](self.convs[k](maps)).clamp(min=0)

        three, five = block(0, x), block(1, x)
        five, three = block(2, five), block(3, three)
        around = F.pad(x, (1, 1, 1, 1), value=float("-inf")).unfold(2, 3, 1).unfold(3, 3, 1).amax(dim=(4, 5))
        pooled = block(4, around)
        one = block(5, x)
        return torch.cat([one, three, five, pooled], dim=-3)


class Pixelwise(nn.Module):
    """A 1 × 1 convolution written as a dense layer on the channels of each pixel."""

    def __init__(self, before, after):
        super().__init__()
        self.mix = nn.Linear(before, after, bias=False)

    def forward(self, x):
        return self.mix(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class InceptionOfPixels(nn.Module):
    def __init__(self, in_channels, b1, b3, b5, pool):
        super().__init__()

        def one(after):
            return nn.Sequential(Pixelwise(in_channels, after), nn.BatchNorm2d(after), nn.ReLU(inplace=True))

        self.branches = nn.ModuleDict(
            {
                "pool": nn.Sequential(nn.MaxPool2d(3, 1, 1), one(pool)),
                "5": nn.Sequential(one(b5[0]), conv_block(*b5, 5)),
                "3": nn.Sequential(one(b3[0]), conv_block(*b3)),
                "1": one(b1),
            }
        )

    def forward(self, x):
        return torch.hstack([self.branches[name](x) for name in ("1", "3", "5", "pool")])


def inception_made(in_channels, b1, b3, b5, pool):
    """Factory: the four branches as a list inside a Sequential-like module."""

    class Side(nn.ModuleList):
        def forward(self, x):
            return torch.cat([branch(x) for branch in self], 1)

    (r3, o3), (r5, o5) = b3, b5
    return Side(
        [
            conv_block(in_channels, b1, 1),
            nn.Sequential(conv_block(in_channels, r3, 1), conv_block(r3, o3)),
            nn.Sequential(conv_block(in_channels, r5, 1), conv_block(r5, o5, 5)),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), conv_block(in_channels, pool, 1)),
        ]
    )


INCEPTIONBLOCK = [Inception, InceptionBackwards, InceptionInterleaved, InceptionOfPixels, inception_made]


class Dense(nn.Module):
    def __init__(self, in_channels, growth, layers):
        super().__init__()
        self.layers = nn.ModuleList()
        for k in range(layers):
            before = in_channels + k * growth
            self.layers.append(
                nn.Sequential(nn.BatchNorm2d(before), nn.ReLU(), nn.Conv2d(before, growth, 3, padding=1, bias=False))
            )

    def forward(self, x):
        for layer in self.layers:
            x = torch.cat([x, layer(x)], dim=1)
        return x


class DenseOfParts(nn.Module):
    """A list of maps; convolutions and norms in lists of their own, made from the last to the first."""

    def __init__(self, in_channels, growth, layers):
        super().__init__()
        sizes = [in_channels + k * growth for k in range(layers)]
        self.convs = nn.ModuleList([nn.Conv2d(n, growth, (3, 3), 1, "same", bias=False) for n in sizes[::-1]])
        self.norms = nn.ModuleList([nn.BatchNorm2d(n) for n in sizes[::-1]])

    def forward(self, x):
        maps = [x]
        for conv, norm in zip(reversed(self.convs), reversed(self.norms), strict=True):
            maps.append(conv(F.relu(norm(torch.cat(maps, 1)))))
        return torch.cat(maps, 1)


class Grows(nn.Module):
    """x, and what it makes of x."""

    def __init__(self, before, growth):
        super().__init__()
        self.make = nn.Sequential(
            nn.BatchNorm2d(before), nn.ReLU(inplace=True), nn.Conv2d(before, growth, 3, 1, 1, bias=False)
        )

    def forward(self, x):
        return torch.cat((x, self.make(x)), 1)


def dense_in_a_row(in_channels, growth, layers):
    return nn.Sequential(*(Grows(in_channels + k * growth, growth) for k in range(layers)))


class DenseRecursive(nn.Module):
    def __init__(self, in_channels, growth, layers):
        super().__init__()
        self.first = Grows(in_channels, growth)
        self.rest = DenseRecursive(in_channels + growth, growth, layers - 1) if layers > 1 else nn.Identity()

    def forward(self, x):
        return self.rest(self.first(x))


class DenseIntoOne(nn.Module):
    """All maps in one tensor that is made beforehand."""

    def __init__(self, in_channels, growth, layers):
        super().__init__()
        self.total = in_channels + growth * layers
        for k in range(layers):
            before = in_channels + k * growth
            setattr(self, f"norm{k}", nn.BatchNorm2d(before))
            setattr(self, f"conv{k}", nn.Conv2d(before, growth, 3, padding=1, bias=False))
        self.count = layers

    def forward(self, x):
        pieces = {0: x}
        for k in range(self.count):
            before = torch.cat([pieces[j] for j in sorted(pieces)], dim=1)
            pieces[k + 1] = getattr(self, f"conv{k}")(torch.relu(getattr(self, f"norm{k}")(before)))
        return torch.cat([*pieces.values()], dim=1)


DENSEBLOCK = [Dense, DenseOfParts, dense_in_a_row, DenseRecursive, DenseIntoOne]


class Inverted(nn.Module):
    def __init__(self, in_channels, out_channels, expand, stride=1):
        super().__init__()
        hidden = in_channels * expand
        layers = []
        if expand != 1:
            layers += [nn.Conv2d(in_channels, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6()]
        layers += [nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False)]
        layers += [nn.BatchNorm2d(hidden), nn.ReLU6(), nn.Conv2d(hidden, out_channels, 1, bias=False)]
        self.branch = nn.Sequential(*layers, nn.BatchNorm2d(out_channels))
        self.adds = stride == 1 and in_channels == out_channels

    def forward(self, x):
        return x + self.branch(x) if self.adds else self.branch(x)


class InvertedByHand(nn.Module):
    """Functions for activations; layers defined from the last to the first."""

    def __init__(self, in_channels, out_channels, expand, stride=1):
        super().__init__()
        wide = expand * in_channels
        self.stride, self.same = stride, in_channels == out_channels
        self.norm3, self.narrow = nn.BatchNorm2d(out_channels), nn.Conv2d(wide, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(wide)
        self.look = nn.Conv2d(wide, wide, 3, stride=stride, padding=1, groups=wide, bias=False)
        self.widen = None
        if expand > 1:
            self.norm1, self.widen = nn.BatchNorm2d(wide), nn.Conv2d(in_channels, wide, 1, bias=False)

    def forward(self, x):
        y = x if self.widen is None else self.norm1(self.widen(x)).clamp(0, 6)
        y = F.hardtanh(self.norm2(self.look(y)), 0.0, 6.0)
        y = self.norm3(self.narrow(y))
        return y.add(x) if self.stride == 1 and self.same else y


class InvertedOfPixels(nn.Module):
    def __init__(self, in_channels, out_channels, expand, stride=1):
        super().__init__()
        hidden = round(in_channels * expand)
        self.widen = (
            nn.Identity()
            if expand == 1
            else nn.Sequential(Pixelwise(in_channels, hidden), nn.BatchNorm2d(hidden), nn.ReLU6(inplace=True))
        )
        self.look = nn.Sequential(
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6()
        )
        self.narrow = nn.Sequential(Pixelwise(hidden, out_channels), nn.BatchNorm2d(out_channels))
        self.around = nn.Identity() if (stride, in_channels) == (1, out_channels) else None

    def forward(self, x):
        y = self.narrow(self.look(self.widen(x)))
        return y if self.around is None else self.around(x) + y


def inverted_made(in_channels, out_channels, expand, stride=1):
    class Around(nn.Module):
        def __init__(self, inside):
            super().__init__()
            self.inside = inside

        def forward(self, x):
            return self.inside(x) + x

    def layer(before, after, kernel=1, move=1, groups=1, active=True):
        conv = nn.Conv2d(before, after, kernel, move, (kernel - 1) // 2, groups=groups, bias=False)
        return [conv, nn.BatchNorm2d(after), *([nn.ReLU6()] if active else [])]

    wide = in_channels * expand
    row = nn.Sequential(
        *(layer(in_channels, wide) if expand != 1 else []),
        *layer(wide, wide, 3, stride, wide),
        *layer(wide, out_channels, active=False),
    )
    return Around(row) if stride == 1 and in_channels == out_channels else row


class InvertedAtRest(Inverted):
    """The sum in place, on a branch of its own."""

    def forward(self, x):
        y = self.branch(x)
        if self.adds:
            y += x
        return y


INVERTEDRESIDUAL = [Inverted, InvertedByHand, InvertedOfPixels, inverted_made, InvertedAtRest]


def by_groups(state_dict):
    layers = {}
    for key, value in state_dict.items():
        layer, _, kind = key.rpartition(".")
        layers.setdefault(layer, {})[kind] = value.numpy()
    found = {}
    for layer, kinds in layers.items():
        weight = kinds["weight"]
        if "running_mean" in kinds:
            found[layer] = [weight, kinds["bias"], kinds["running_mean"], kinds["running_var"]]
            continue
        found[layer] = [np.transpose(weight, (2, 3, 1, 0)) if weight.ndim == 4 else weight.T]
        if "bias" in kinds:
            found[layer].append(kinds["bias"])
    return found


def by_key(state_dict):
    found = {}
    for key, value in state_dict.items():
        layer, kind = key.rsplit(".", 1)
        if kind == "num_batches_tracked":
            continue
        array = np.asarray(value)
        if array.ndim == 4:
            array = np.moveaxis(array, (0, 1), (3, 2))
        elif array.ndim == 2:
            array = array.swapaxes(0, 1)
        found.setdefault(layer, []).append(array)
    return found


def by_permute(state_dict):
    """Tensors are moved, and copied out in the end; tuples for lists."""
    moved = {4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}
    names = dict.fromkeys(key[: key.rindex(".")] for key in state_dict)
    return {
        name: tuple(
            state_dict[f"{name}.{kind}"].permute(moved[state_dict[f"{name}.{kind}"].ndim]).contiguous().numpy()
            for kind in ("weight", "bias", "running_mean", "running_var")
            if f"{name}.{kind}" in state_dict
        )
        for name in names
    }


def by_einsum(state_dict):
    found = collections.defaultdict(list)
    for key, value in state_dict.items():
        *layer, _ = key.split(".")
        value = value.detach().cpu()
        match value.ndim:
            case 4:
                value = torch.einsum("oikl->klio", value)
            case 2:
                value = value.t()
            case 0:
                continue
        found[".".join(layer)] += [value.numpy().copy()]
    return found


def by_loops(state_dict):
    """Number by number."""
    found = collections.OrderedDict()
    for key in state_dict:
        name, kind = key[: key.rindex(".")], key[key.rindex(".") + 1 :]
        array = state_dict[key].numpy()
        if kind.startswith("num_batches"):
            continue
        if len(array.shape) == 4:
            out, inputs, height, width = array.shape
            moved = np.empty((height, width, inputs, out), array.dtype)
            for o in range(out):
                for i in range(inputs):
                    moved[:, :, i, o] = array[o, i]
            array = moved
        found.setdefault(name, [])
        found[name] = [*found[name], array.T if len(array.shape) == 2 else array]
    return found


NCHW_TO_NHWC_WEIGHTS = [by_groups, by_key, by_permute, by_einsum, by_loops]


def norms_with_switches(model, x, labels):
    """Hooks for the order; what is frozen learns for a moment."""
    used, hooks = [], []
    convs = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
    learnt = [m.weight.requires_grad for m in convs]
    try:
        for m in convs:
            hooks.append(m.register_forward_pre_hook(lambda m, _: used.append(m) if m not in used else None))
            m.weight.requires_grad_(True)
        with torch.enable_grad():
            loss = F.cross_entropy(model(x), labels)
            found = torch.autograd.grad(loss, [m.weight for m in used])
    finally:
        for hook in hooks:
            hook.remove()
        for m, learns in zip(convs, learnt, strict=True):
            m.weight.requires_grad_(learns)
    return [g.norm().item() for g in found]


def norms_of_a_copy(model, x, labels):
    """A deep copy may be treated as one likes."""
    twin = copy.deepcopy(model)
    used = {}
    for m in twin.modules():
        if isinstance(m, nn.Conv2d):
            m.register_forward_hook(lambda m, *_: used.setdefault(m))
    twin.requires_grad_(True).zero_grad(set_to_none=True)
    with torch.enable_grad():
        nn.CrossEntropyLoss()(twin(x.detach()), labels).backward()
    return [float(m.weight.grad.pow(2).sum() ** 0.5) for m in used]


def norms_functional(model, x, labels):
    """The model as a function of weights of one's own."""
    names = {m: f"{name}.weight" for name, m in model.named_modules() if isinstance(m, nn.Conv2d)}
    mine = {name: p.detach().clone().requires_grad_() for name, p in model.named_parameters()}
    buffers = {name: b.clone() for name, b in model.named_buffers()}
    used = []
    handles = [m.register_forward_pre_hook(lambda m, _: used.append(names[m])) for m in names]
    try:
        with torch.enable_grad():
            logits = torch.func.functional_call(model, {**mine, **buffers}, (x.detach().clone(),))
            loss = -logits.log_softmax(1).gather(1, labels[:, None]).mean()
        order = list(dict.fromkeys(used))
        found = torch.autograd.grad(loss, [mine[name] for name in order])
    finally:
        for handle in handles:
            handle.remove()
    return [float(np.linalg.norm(g.numpy().ravel())) for g in found]


def norms_with_a_global_hook(model, x, labels):
    used = []

    def note(m, _):
        if type(m) is nn.Conv2d and all(m is not one for one in used):
            used.append(m)

    learnt = {p: p.requires_grad for p in model.parameters()}
    handle = nn.modules.module.register_module_forward_pre_hook(note)
    try:
        for p in learnt:
            p.requires_grad = True
        with torch.set_grad_enabled(True):
            loss = nn.functional.cross_entropy(model(x), labels)
            return [torch.linalg.vector_norm(torch.autograd.grad(loss, m.weight, retain_graph=True)[0]).item()
                    for m in used]  # fmt: skip
    finally:
        handle.remove()
        for p, learns in learnt.items():
            p.requires_grad = learns


def norms_with_backward(model, x, labels):
    """backward(), and every .grad put back afterwards."""
    parameters = list(model.parameters())
    before = [(p, p.requires_grad, p.grad) for p in parameters]
    order, handles = [], []
    for m in model.modules():
        if isinstance(m, nn.Conv2d):
            handles.append(m.register_forward_hook(lambda m, i, o: order.append(m)))
    try:
        for p in parameters:
            p.grad = None
            p.requires_grad_(True)
        with torch.enable_grad():
            F.cross_entropy(model(x.detach()), labels, reduction="sum").div(len(labels)).backward()
        norms = []
        for k, m in enumerate(order):
            if m not in order[:k]:
                norms.append(np.float32(m.weight.grad.square().sum().sqrt()))
        return norms
    finally:
        for handle in handles:
            handle.remove()
        for p, learns, grad in before:
            p.requires_grad_(learns)
            p.grad = grad


GRADIENT_NORMS = [norms_with_switches, norms_of_a_copy, norms_functional, norms_with_a_global_hook, norms_with_backward]


def swapped_by_name(model, classes):
    twin = copy.deepcopy(model)
    for parameter in twin.parameters():
        parameter.requires_grad = False
    last = None
    for name, module in twin.named_modules():
        if isinstance(module, nn.Linear):
            last = name, module
    if last is None:
        raise ValueError("there is no Linear")
    parent, _, leaf = last[0].rpartition(".")
    setattr(twin.get_submodule(parent), leaf, nn.Linear(last[1].in_features, classes))
    return twin


def swapped_backwards(model, classes):
    """From the last child to the first, going down first."""

    def swap(module):
        for name, child in reversed(list(module.named_children())):
            if isinstance(child, nn.Linear):
                module._modules[name] = nn.Linear(child.weight.shape[1], classes, bias=True)
                return True
            if swap(child):
                return True
        return False

    model = copy.deepcopy(model).requires_grad_(False)
    if not swap(model):
        raise ValueError("no head found")
    return model


def swapped_in_its_place(model, classes):
    """The old layer gets a new weight and a new bias."""
    twin = copy.deepcopy(model)
    linears = [module for module in twin.modules() if type(module) is nn.Linear]
    if not linears:
        raise ValueError
    twin.requires_grad_(False)
    head = linears[-1]
    head.out_features = classes
    head.weight = nn.Parameter(torch.empty(classes, head.in_features))
    head.bias = nn.Parameter(torch.empty(classes))
    head.reset_parameters()
    return twin


def swapped_with_zeros(model, classes):
    """A head that begins with zeros, put in by its full name, and the rest frozen afterwards."""
    names = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    try:
        name = names[-1]
    except IndexError:
        raise ValueError(f"{type(model).__name__} has no nn.Linear") from None
    twin = copy.deepcopy(model)
    head = nn.Linear(twin.get_submodule(name).in_features, classes)
    nn.init.zeros_(head.weight), nn.init.zeros_(head.bias)
    twin.set_submodule(name, head)
    for key, parameter in twin.named_parameters():
        parameter.requires_grad_(key in (f"{name}.weight", f"{name}.bias"))
    return twin


class NoHeadError(ValueError):
    pass


class Swap:
    """An object that is called; the parents are found before the copy is made."""

    def __call__(self, model, classes):
        twin = copy.deepcopy(model)
        where = [(parent, key) for parent in twin.modules() for key, child in parent.named_children()
                 if isinstance(child, nn.Linear)]  # fmt: skip
        order = [module for module in twin.modules() if isinstance(module, nn.Linear)]
        if not order:
            raise NoHeadError("nothing to swap")
        [parameter.requires_grad_(False) for parameter in twin.parameters()]
        parent, key = next((p, k) for p, k in where if getattr(p, k) is order[-1])
        new = nn.Linear(order[-1].in_features, classes)
        nn.init.xavier_uniform_(new.weight)
        setattr(parent, key, new)
        return twin


SWAP_HEAD = [swapped_by_name, swapped_backwards, swapped_in_its_place, swapped_with_zeros, Swap()]
