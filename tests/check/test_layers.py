"""The layers of lesson 06: what they take, how they read, and how they pass between learner and check."""

import dataclasses
import pickle

import numpy as np
import pytest

from cnnlab.check.plain import Foreign, describe, plain, same
from cnnlab.layers import LAYERS, Conv, Dense, Flatten, Pool, pair

NETWORK = [Conv(96, 11, stride=4), Pool(3, 2), Conv(8, 3, padding=1, dilation=2), Flatten(), Dense(1000)]


def test_they_read_as_they_are_written():
    text = "[Conv(96, 11, stride=4), Pool(3, 2), Conv(8, 3, padding=1, dilation=2), Flatten(), Dense(1000)]"
    assert repr(NETWORK) == text
    assert eval(text) == NETWORK


def test_sizes_come_by_position_and_by_name():
    assert Conv(4, 3, 2, 1, 5) == Conv(out_channels=4, kernel=3, stride=2, padding=1, dilation=5)
    assert (Conv(4, 3).stride, Conv(4, 3).padding, Conv(4, 3).dilation) == (1, 0, 1)
    with pytest.raises(TypeError):
        Pool(3)  # a stride has to be said


def test_equal_sizes_are_equal_layers_and_kinds_differ():
    assert Conv(4, 3) == Conv(4, 3)
    assert len({Pool(3, 2), Pool(3, 2), Conv(3, 2), Flatten(), Flatten()}) == 3


def test_none_can_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        NETWORK[0].stride = 1


def test_numpys_ints_are_ints():
    layer = Conv(np.int64(4), np.uint8(3))
    assert type(layer.out_channels) is type(layer.kernel) is int
    assert layer == Conv(4, 3)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Conv(4.0, 3), TypeError, r"Conv: out_channels is a whole number \(int\), and got 4.0"),
        (lambda: Conv(4, (3, 3)), TypeError, r"Conv: kernel is one whole number, for both axes, and got \(3, 3\)"),
        (lambda: Conv(4, 3, stride="2"), TypeError, "Conv: stride is a whole number .* got '2'"),
        (lambda: Conv(4, True), TypeError, "Conv: kernel is a whole number .* got True"),
        (lambda: Pool(3, None), TypeError, "Pool: stride is a whole number .* got None"),
        (lambda: Conv(4, 3, stride=0), ValueError, "Conv: stride is at least 1, and got 0"),
        (lambda: Conv(4, 3, padding=-1), ValueError, "Conv: padding is at least 0, and got -1"),
        (lambda: Dense(0), ValueError, "Dense: out_features is at least 1, and got 0"),
    ],
)
def test_a_size_that_can_not_be_says_which_and_why(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_they_match_by_position_and_can_be_pickled():
    match NETWORK[0]:
        case Conv(out, kernel, stride):
            assert (out, kernel, stride) == (96, 11, 4)
    assert pickle.loads(pickle.dumps(NETWORK)) == NETWORK


def test_they_are_plain_data():
    copy = plain(NETWORK)
    assert same(copy, NETWORK)
    assert copy[0] is not NETWORK[0]
    assert not same(plain(Conv(4, 3)), plain(Conv(4, 5)))
    assert describe(Conv(96, 11, stride=4)) == "Conv(96, 11, stride=4)"


class Sly(Conv):
    def __eq__(self, other):
        return True


def test_a_layer_that_lies_is_no_layer():
    bent = Conv(4, 3)
    object.__setattr__(bent, "kernel", [3])
    assert plain([Sly(4, 3), bent]) == [Foreign("Sly"), Foreign("Conv")]
    grown = Conv(4, 3)
    object.__setattr__(grown, "extra", 1)
    assert plain(grown) == Foreign("Conv")


def test_a_layer_changed_behind_its_back_is_seen():
    layer = Conv(4, 3)
    before = plain([layer])
    object.__setattr__(layer, "kernel", 5)
    assert not same(before, plain([layer]))


def test_all_are_listed():
    assert {layer.__name__ for layer in LAYERS} == {"Conv", "Pool", "Flatten", "Dense"}


@pytest.mark.parametrize("value", [(2, 3), [2, 3], np.array([2, 3])])
def test_a_size_of_two_numbers_is_height_and_width(value):
    assert pair(value) == (2, 3)


@pytest.mark.parametrize("value", [2, np.int64(2), np.array(2)])
def test_a_size_of_one_number_counts_for_both_axes(value):
    assert pair(value) == (2, 2)


@pytest.mark.parametrize("value", [(), (2,), (1, 2, 3)])
def test_a_size_of_other_lengths_is_refused(value):
    with pytest.raises(ValueError, match="unpack"):
        pair(value)
