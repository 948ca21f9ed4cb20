"""Lesson 06, ready-made, and the oracles of its checks: on whatever list of layers, torch says the same."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlab import check
from cnnlab.built import lesson_06
from cnnlab.check.lesson_06 import rows
from cnnlab.check.lesson_06.macs import multiplied
from cnnlab.check.lesson_06.parameters import learned
from cnnlab.check.lesson_06.receptive_field import field
from cnnlab.check.lesson_06.rows import ALEXNET, MINI, maps, whole
from cnnlab.layers import Conv, Dense, Flatten, Pool

torch = pytest.importorskip("torch")
nn = torch.nn
CALM = settings(max_examples=60, deadline=None)
PICTURE = (3, 227, 227)


@st.composite
def networks(draw, dense=True):
    """A list of layers that fit, one after the other, and the shape of their input."""
    shape = input_shape = draw(st.tuples(st.integers(1, 5), st.integers(5, 60), st.integers(5, 60)))
    layers = []
    for _ in range(draw(st.integers(0, 7))):
        side, size = min(shape[1:]), st.integers(1, 12)
        if draw(st.booleans()):
            padding, dilation = draw(st.integers(0, 4)), draw(st.integers(1, 4))
            kernel = draw(st.integers(1, 1 + (side + 2 * padding - 1) // dilation))
            layer = Conv(draw(size), min(kernel, 11), draw(st.integers(1, 5)), padding, dilation)
        else:
            layer = Pool(draw(st.integers(1, side)), draw(st.integers(1, 5)))
        layers.append(layer)
        shape = rows.shape_after(shape, layer)
    if dense and draw(st.booleans()):
        layers += [Flatten(), *(Dense(draw(st.integers(1, 40))) for _ in range(draw(st.integers(0, 3))))]
    return layers, input_shape


def in_torch(layers, input_shape):
    """What torch makes of it without computing anything: the shape after each layer, and its parameters' number."""
    x, shapes, counts = torch.empty(1, *input_shape, device="meta"), [], []
    for layer in layers:
        match layer:
            case Conv(out):
                sizes = (layer.kernel, layer.stride, layer.padding, layer.dilation)
                made = nn.Conv2d(x.shape[1], out, *sizes, device="meta")
            case Pool():
                made = nn.MaxPool2d(layer.kernel, layer.stride)
            case Flatten():
                made = nn.Flatten()
            case Dense():
                made = nn.Linear(x.shape[1], layer.out_features, device="meta")
        x = made(x)
        shapes.append(tuple(x.shape[1:]))
        counts.append(sum(p.numel() for p in made.parameters()))
    return [input_shape, *shapes], counts


@pytest.mark.slow
@CALM
@given(networks())
def test_shapes_and_parameters_are_torchs(network):
    shapes, counts = in_torch(*network)
    assert lesson_06.trace(*network) == rows.shapes(*network) == shapes
    assert lesson_06.parameters(*network) == learned(*network) == counts


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(networks())
def test_multiplications_are_those_that_torch_counts(network):
    from torch.utils.flop_counter import FlopCounterMode

    layers, input_shape = network
    with FlopCounterMode(display=False) as counter:
        in_torch(layers, input_shape)
    assert 2 * sum(lesson_06.macs(layers, input_shape)) == counter.get_total_flops()
    assert lesson_06.macs(layers, input_shape) == multiplied(layers, input_shape)


@settings(max_examples=20, deadline=None)
@given(networks(dense=False))
def test_the_field_is_where_the_gradient_is_not_zero(network):
    layers, _ = network
    fields = lesson_06.receptive_field(layers)
    assert fields == field(layers)
    if not layers or fields[-1] > 300:
        return
    reach, step = fields[-1], math.prod(layer.stride for layer in layers)
    x = torch.zeros(1, 1, 1, reach + step, requires_grad=True)  # one row: an axis by itself, room for two values
    out = x
    for layer in layers:
        dilation = getattr(layer, "dilation", 1)
        out = nn.functional.conv2d(out, torch.ones(1, 1, 1, layer.kernel), stride=layer.stride, dilation=dilation)
    (gradient,) = torch.autograd.grad(out[0, 0, 0, 0], x)
    seen = torch.nonzero(gradient[0, 0, 0]).flatten()
    assert int(seen.max() - seen.min()) + 1 == reach


def test_alexnets_own_numbers():
    assert sum(lesson_06.parameters(ALEXNET, PICTURE)) == 62_378_344
    assert lesson_06.trace(ALEXNET, PICTURE)[9] == (9216,)
    assert sum(lesson_06.parameters(MINI, (3, 32, 32))) == 554_346


def test_a_kernel_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        lesson_06.trace([Pool(2, 2), Conv(4, 5)], (3, 8, 8))


@pytest.mark.parametrize("cases", [maps, whole])
def test_every_network_of_the_checks_fits(cases):
    import numpy as np

    for seed in range(20):
        for case in cases(np.random.default_rng(seed)):
            layers, input_shape = [*case.args, *case.kwargs.values()]
            assert all(min(shape) > 0 for shape in rows.shapes(layers, input_shape))
            assert lesson_06.trace(layers, input_shape) == rows.shapes(layers, input_shape)


def test_every_layer_of_the_shape_checks_fits():
    import numpy as np

    for exercise in check.exercises("06")[:2]:
        for seed in range(20):
            for case in exercise.parts[0].cases(np.random.default_rng(seed)):
                assert min(rows.shape_after(*case.args, *case.kwargs.values())) > 0
