"""What a function that only measures a model leaves behind has a name, whoever wrote the slip."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check.subject import NotebookSubject
from tests.check import right

pytestmark = pytest.mark.slow  # models are built and run in each

torch = pytest.importorskip("torch")


def listening(before=lambda model, x: x, late=False, removes=True):
    """feature_maps, but for what is done before the pass, when names are looked up, and whether hooks are removed."""

    def feature_maps(model, x, layer_names):
        layers = dict(model.named_modules())
        found, handles = {}, []
        for name, layer in [(name, layers[name]) for name in layer_names]:
            own = None if late else name

            def hook(module, inputs, output, own=own):
                found[own or name] = output.detach().clone()  # noqa: B023 (that is the slip)

            handles.append(layer.register_forward_hook(hook))
        try:
            with torch.no_grad():
                model(before(model, x))
        finally:
            for handle in handles if removes else ():
                handle.remove()
        return found

    return feature_maps


def test_a_model_with_lazy_layers_is_no_error_of_the_function():
    def swap_head(model, classes):
        twin = copy.deepcopy(model).requires_grad_(False)
        for name, layer in twin.named_modules():
            if isinstance(layer, torch.nn.Linear):
                parent, _, leaf = name.rpartition(".")
        if not any(isinstance(layer, torch.nn.Linear) for layer in twin.modules()):
            return torch.nn.Sequential(twin, torch.nn.LazyLinear(classes))
        old = getattr(twin.get_submodule(parent), leaf)
        setattr(twin.get_submodule(parent), leaf, torch.nn.Linear(old.in_features, classes))
        return twin

    with pytest.raises(check.CheckFailed, match="ValueError is expected; yours returned a value"):
        check.swap_head(swap_head, part="the copy")


@pytest.mark.parametrize(
    ("how", "part", "name"),
    [
        ({"before": lambda model, x: model.double() and x.double()}, "leave no trace", "a parameter is changed"),
        (
            {"before": lambda model, x: model.requires_grad_(False) and x},
            "leave no trace",
            "requires_grad is not put back",
        ),
        ({"removes": False}, "leave no trace", "a hook stays"),
        ({"late": True}, "values", "names are missing"),
    ],
    ids=["float64", "frozen", "hooks", "late"],
)
def test_a_slip_is_named(how, part, name):
    check.feature_maps(listening(), part=part)
    with pytest.raises(check.CheckFailed) as failed:
        check.feature_maps(listening(**how), part=part)
    assert name in " ".join(str(failed.value).split())


def by_name(find):
    """feature_maps whose layers are found in another way."""

    def feature_maps(model, x, layer_names):
        modules = dict(model.named_modules())
        found, layers = {}, [(name, find(modules, name)) for name in layer_names]
        handles = [
            layer.register_forward_hook(lambda m, i, out, name=name: found.update({name: out.detach().clone()}))
            for name, layer in layers
        ]
        try:
            with torch.no_grad():
                model(x)
        finally:
            for handle in handles:
                handle.remove()
        return found

    return feature_maps


def ends(modules, name):
    return next((module for other, module in modules.items() if other.endswith(name)), None) or modules[name]


@pytest.mark.parametrize(
    ("find", "part", "name"),
    [
        (ends, "values", "the first name that ends alike"),
        (lambda modules, name: modules.get(name) or ends(modules, name), "leave no trace", "an unknown name raises no"),
        (
            lambda modules, name: next(module for other, module in modules.items() if other == name),
            "leave no trace",
            "StopIteration in place of KeyError",
        ),
    ],
    ids=["ends", "exact, then ends", "next"],
)
def test_layers_are_found_by_their_whole_names(find, part, name):
    check.feature_maps(by_name(lambda modules, name: modules[name]), part=part)
    with pytest.raises(check.CheckFailed, match=f"Looks like: {name}"):
        check.feature_maps(by_name(find), part=part)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_a_map_that_is_enlarged_is_named_whatever_lies_between_its_numbers(mode):
    def grad_cam(*args):
        found, x = right.answers(check.exercise("grad_cam"))[0](*args), args[2]
        return torch.nn.functional.interpolate(found[None, None], x.shape[2:], mode=mode)[0, 0]

    with pytest.raises(check.CheckFailed, match="Looks like: as large as x"):
        check.grad_cam(grad_cam, part="values")


def one_head(made={}):  # noqa: B006 (that is the slip)
    def swap_head(model, classes):
        twin, new = copied(model, classes)
        setattr(*new, made.setdefault((getattr(*new).in_features, classes), getattr(*new)))
        return twin

    return swap_head


def one_memory(model, classes):
    twin, _ = copied(model, classes)
    for name, parameter in model.named_parameters():
        if name in dict(twin.named_parameters()) and not twin.get_parameter(name).requires_grad:
            twin.get_parameter(name).data = parameter.data
    return twin


def copied(model, classes):
    """A right copy, and where its head is: the parent and the name there."""
    twin = copy.deepcopy(model).requires_grad_(False)
    names = [name for name, layer in twin.named_modules() if isinstance(layer, torch.nn.Linear)]
    if not names:
        raise ValueError("no dense layer")
    parent, _, leaf = names[-1].rpartition(".")
    place = twin.get_submodule(parent), leaf
    setattr(*place, torch.nn.Linear(getattr(*place).in_features, classes))
    return twin, place


@pytest.mark.parametrize(
    ("function", "name"),
    [(one_head(), "two calls share something"), (one_memory, "the copy shares something with the original")],
)
def test_what_is_shared_is_named(function, name):
    with pytest.raises(check.CheckFailed, match=f"Looks like: {name}"):
        check.swap_head(function, part="the copy")


def norms(keep=lambda conv: True, of=lambda found: found):
    """gradient_norms of some of the convolutions; a frozen one has a gradient as well."""

    def gradient_norms(model, x, labels):
        convs = [one for one in model.modules() if isinstance(one, torch.nn.Conv2d)]
        learnt, used = {conv: conv.weight.requires_grad for conv in convs}, []
        handles = [conv.register_forward_pre_hook(lambda conv, _: used.append(conv)) for conv in convs]
        try:
            kept = [conv for conv in convs if keep(conv)]
            for conv in convs:
                conv.weight.requires_grad_(True)
            with torch.enable_grad():
                loss = torch.nn.functional.cross_entropy(model(x), labels)
            kept = [conv for conv in dict.fromkeys(used) if conv in kept]
            return of([g.norm().item() for g in torch.autograd.grad(loss, [conv.weight for conv in kept])])
        finally:
            for handle in handles:
                handle.remove()
            for conv in convs:
                conv.weight.requires_grad_(learnt[conv])

    return gradient_norms


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (norms(keep=lambda conv: conv.weight.requires_grad), "frozen weights are left out"),
        (norms(of=lambda found: sorted(found, reverse=True)), "they are sorted, the largest first"),
        (norms(of=lambda found: sum(one**2 for one in found) ** 0.5), "one norm for all"),
    ],
)
def test_other_norms_have_a_name(function, name):
    with pytest.raises(check.CheckFailed, match=f"Looks like: {name}"):
        check.gradient_norms(function, part="values")


def moved(last=lambda arrays: arrays, layer=lambda name: name):
    def nchw_to_nhwc_weights(state_dict):
        found = {}
        for key, value in state_dict.items():
            name, _, kind = key.rpartition(".")
            if kind != "num_batches_tracked":
                axes = {4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}[value.ndim]
                found.setdefault(layer(name), []).append(value.numpy().transpose(axes))
        return {name: last(arrays) for name, arrays in found.items()}

    return nchw_to_nhwc_weights


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (moved(lambda arrays: arrays[-1:]), "the weight is missing"),
        (moved(lambda arrays: arrays[:3]), "moving_variance is missing"),
        (moved(lambda arrays: [one.astype("float16") for one in arrays]), "another kind of number"),
        (moved(lambda arrays: [one.round(2) for one in arrays]), "numbers that are rounded"),
        (moved(lambda arrays: [one[..., None] if one.ndim == 1 else one for one in arrays]), "an axis too many"),
        (moved(lambda arrays: [arrays[0][::-1], *arrays[1:]]), "an axis runs backwards"),
    ],
)
def test_other_arrays_have_a_name(function, name):
    with pytest.raises(check.CheckFailed, match=f"Looks like: {name}"):
        check.nchw_to_nhwc_weights(function)


@pytest.mark.parametrize("word", ["hooks", "learns", "modes", "x"])
def test_whatever_a_worker_says_was_left_no_check_is_broken(word):
    import torch

    exercise = check.exercise("occlusion_map")

    class Worker(NotebookSubject):
        def measure(self, about, args):
            answer = super().measure(about, args)
            said = (
                {**answer.value, word: torch.zeros(0) if word == "hooks" else [np.zeros(2)]} if answer.value else None
            )
            return replace(answer, value=said)

    def one(part):
        return exercise.run(exercise.part(part), Worker(exercise.oracle, seconds=None))

    assert not one("leave no trace").passed


@pytest.mark.parametrize("word", ["parameters", "hooks", "modes"])
def test_whatever_a_worker_says_of_the_original_no_check_is_broken(word):
    exercise = check.exercise("swap_head")

    class Worker(NotebookSubject):
        def measure(self, about, args):
            answer = super().measure(about, args)
            return replace(answer, value={**answer.value, word: np.zeros(0)}) if answer.value else answer

    swapped = right.answers(exercise)[0]
    assert exercise.run(exercise.part("the original"), NotebookSubject(swapped, seconds=None)).passed
    assert not exercise.run(exercise.part("the original"), Worker(swapped, seconds=None)).passed
