import numpy as np
import pytest

from cnnlab.data import digits, photograph


def test_the_digits_are_1797_pictures_of_8_by_8():
    images, labels = digits()
    assert images.shape == (1797, 8, 8)
    assert (images.min(), images.max()) == (0, 16)
    assert labels.dtype == np.int64
    assert set(labels) == set(range(10))


def test_the_splits_are_disjoint_and_complete():
    (train, train_labels), (test, test_labels) = digits("train"), digits("test")
    assert len(train) == len(train_labels) == 1437
    assert len(test) == len(test_labels) == 360
    together = np.sort(np.concatenate([train, test]).reshape(1797, -1), axis=0)
    assert np.array_equal(together, np.sort(digits()[0].reshape(1797, -1), axis=0))
    assert np.bincount(test_labels).min() >= 34
    with pytest.raises(ValueError, match="train"):
        digits("validation")


@pytest.mark.parametrize("name", ["china", "flower"])
def test_a_photograph_comes_in_any_size_and_in_grey(name):
    assert photograph(name).shape == (427, 640, 3)
    assert photograph(name, size=64).shape == (64, 64, 3)
    grey = photograph(name, size=(40, 120), grey=True)
    assert grey.shape == (40, 120)
    assert grey.dtype == np.uint8
    grey[0, 0] = 7  # it is the caller's own


def test_an_unknown_photograph_is_refused_by_name():
    with pytest.raises(ValueError, match="'china', 'flower'"):
        photograph("cat")
