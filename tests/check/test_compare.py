"""Comparing: strict about what matters, deaf to rounding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cnnlab.check.compare import difference
from cnnlab.check.plain import Foreign, plain, same

ARRAYS = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.uint8]),
    hnp.array_shapes(max_dims=4, max_side=4),
)


@given(ARRAYS)
def test_everything_equals_itself(array):
    assert same(plain(array), plain(array))
    if np.isfinite(array).all():
        assert difference(array, array.copy()) is None


@given(ARRAYS)
def test_plain_data_is_a_copy(array):
    copied = plain(array)
    before = copied.copy()
    array[...] = 1
    assert same(copied, before)


@pytest.mark.parametrize("kind", [np.asarray, pytest.importorskip("torch").as_tensor])
def test_two_sums_in_another_order_are_the_same_up_to_rounding_alone(kind):
    one, other = kind(np.array([1.0, np.nan, np.inf, 0.1 + 0.2])), kind(np.array([1.0, np.nan, np.inf, 0.3]))
    assert not same([{"w": one}, 0.1 + 0.2], [{"w": other}, 0.3])
    assert same([{"w": one}, 0.1 + 0.2], [{"w": other}, 0.3], rounding=1e-8)
    assert not same(one, kind(np.array([1.0, np.nan, np.inf, 0.301])), rounding=1e-8)
    assert not same(one, kind(np.array([1.0, np.nan, 2.0, 0.3])), rounding=1e-8)
    assert not same(kind(np.array([1, 2])), kind(np.array([1, 3])), rounding=1.0)
    assert not same(kind(np.array([np.nan])), kind(np.array([np.inf])), rounding=1.0)


def test_rounding_is_no_mistake_but_a_thousandth_is():
    e = np.array([[1.0, -2.0], [3.0, 4.0]])
    assert difference(e, e * (1 + 1e-12)) is None
    assert difference(e, e.astype(np.float32) * np.float32(1 + 1e-7)) is None
    assert difference(e, e + 1e-3).kind == "values"
    assert difference(e, e.astype(np.float16) + np.float16(0.004)).kind == "values"


def test_rounding_after_a_cancellation_is_judged_by_what_went_in():
    assert difference(np.zeros((2, 2)), np.full((2, 2), 1e-9), scale=1000.0) is None
    assert difference(np.zeros((2, 2)), np.full((2, 2), 1e-3), scale=1000.0) is not None


def test_several_results_may_be_a_tuple_or_a_list():
    pair = (np.ones(2), np.zeros(2))
    assert difference(pair, [np.ones(2), np.zeros(2)]) is None
    found = difference(pair, (np.ones(2), np.ones(2)), names=("dx", "dweight"))
    assert found.label == "dweight"
    assert found.sentence.startswith("dweight:")
    assert difference(pair, (np.ones(2),)).kind == "shape"
    assert difference(pair, np.ones((2, 2))).kind == "type"


def test_dicts_are_compared_by_key():
    assert difference({"a": 1}, {"a": 1}) is None
    assert "missing ['a']" in difference({"a": 1}, {"b": 1}).sentence
    assert difference({"a": 1}, [1]).kind == "type"


@pytest.mark.parametrize("got", [5.0, True, "5", None, 6, np.float64(5), [5]])
def test_a_count_is_an_int(got):
    assert difference(5, plain(got)) is not None


@pytest.mark.parametrize("got", [5, np.int64(5), np.uint8(5)])
def test_an_int_of_any_make_is_a_count(got):
    assert difference(5, plain(got)) is None


def test_floats_are_compared_closely_and_infinity_exactly():
    assert difference(0.1 + 0.2, 0.3) is None
    assert difference(float("inf"), float("inf")) is None
    assert difference(float("inf"), 1e300) is not None
    assert difference(float("nan"), float("nan")) is None
    assert difference(1.0, float("nan")) is not None
    assert difference(1.0, None) is not None


def test_strange_things_become_foreign_and_equal_nothing():
    assert plain(object()) == Foreign("object")
    assert isinstance(plain(np.array([object()])), Foreign)
    assert plain({"a": [1, (2.5, None)]}) == {"a": [1, (2.5, None)]}
    deep = []
    deep.append(deep)
    assert isinstance(plain(deep), list)  # cut, not endless


class LyingArray(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def astype(self, *args, **kwargs):
        raise RuntimeError


def test_a_subclass_of_array_is_taken_by_its_numbers():
    lying = np.zeros((2, 2)).view(LyingArray)
    assert type(plain(lying)) is np.ndarray
    assert difference(np.ones((2, 2)), plain(lying)).kind == "values"


@pytest.mark.parametrize("number", [10**400, -(10**999)])
def test_a_whole_number_beyond_every_float_is_only_wrong(number):
    assert difference(1.5, number).kind == "values"


def test_a_number_in_float32_is_held_against_its_own_rounding():
    assert difference(100 / 3, np.array(np.float32(100 / 3))) is None
    assert difference(100 / 3, float(np.float32(100 / 3))) is not None
