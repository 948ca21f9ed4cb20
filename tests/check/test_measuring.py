"""What a function that only measures a model leaves behind has a name, whoever wrote the slip."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check.subject import NotebookSubject

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
