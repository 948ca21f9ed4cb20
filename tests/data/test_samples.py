import numpy as np
import pytest

from cnnlab.data import digits, photograph

SHOWN = [("china", (96, 144), True), ("china", (227, 227), False), ("flower", 12, True), ("china", (36, 48), True)]
SHOWN += [("flower", (224, 224), False), ("china", (1000, 30), False)]  # in lessons and explorers; and one drawn out


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


def test_the_stored_arrays_are_scikit_learns():
    datasets = pytest.importorskip("sklearn.datasets")
    from sklearn.model_selection import train_test_split

    images, labels = datasets.load_digits(return_X_y=True)
    assert np.array_equal(digits()[0].reshape(1797, 64), images)
    assert np.array_equal(digits()[1], labels)
    tests = np.sort(train_test_split(np.arange(1797), test_size=360, stratify=labels, random_state=0)[1])
    assert np.array_equal(digits("test")[0].reshape(360, 64), images[tests])
    for name in ("china", "flower"):
        assert np.array_equal(photograph(name), datasets.load_sample_image(f"{name}.jpg"))


@pytest.mark.parametrize(("name", "size", "grey"), SHOWN)
def test_a_photograph_is_resized_as_pillow_does_it_to_the_bit(name, size, grey):
    image = pytest.importorskip("PIL.Image")
    height, width = (size, size) if isinstance(size, int) else size
    scale = min(427 / height, 640 / width)
    top, left = max((427 - height * scale) / 2, 0), max((640 - width * scale) / 2, 0)
    box = (left, top, left + width * scale, top + height * scale)
    resized = image.fromarray(photograph(name)).resize((width, height), image.Resampling.LANCZOS, box=box)
    assert np.array_equal(photograph(name, size, grey), resized.convert("L") if grey else resized)
