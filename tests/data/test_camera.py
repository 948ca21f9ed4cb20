import numpy as np
import pytest

from cnnlab.data import camera_frame, camera_frames, tiny_frame


def test_the_first_frame_is_five_rows_of_00111():
    assert tiny_frame().tolist() == [[0, 0, 1, 1, 1]] * 5
    assert np.issubdtype(tiny_frame().dtype, np.integer)


@pytest.mark.parametrize("size", [16, (16, 40), (64, 48), (97, 131)])
def test_a_frame_has_the_size_asked_for(size):
    frame = camera_frame(1, size=size)
    assert frame.shape == ((size, size, 3) if isinstance(size, int) else (*size, 3))
    assert frame.dtype == np.uint8
    assert camera_frame(1, size=size, colour=False).shape == frame.shape[:2]


@pytest.mark.parametrize("size", [15, (64, 8), (64,), (20.5, 30), (32, 32, 3)])
def test_an_impossible_size_is_refused(size):
    with pytest.raises(ValueError, match="at least 16"):
        camera_frame(1, size=size)


def test_a_seed_is_a_frame():
    assert np.array_equal(camera_frame(3), camera_frame(3))
    assert not np.array_equal(camera_frame(3), camera_frame(4))


def test_the_same_seed_without_the_person_is_the_same_hall():
    for seed in range(5):
        somebody, nobody = (camera_frame(seed, person, noise=False).astype(int) for person in (True, False))
        changed = (np.abs(somebody - nobody).max(axis=-1) > 0).mean()
        assert 0.01 < changed < 0.4


def test_another_size_is_the_same_picture():
    small, large = (camera_frame(2, size=side, noise=False).astype(float) for side in (48, 192))
    pooled = large.reshape(48, 4, 48, 4, 3).mean(axis=(1, 3))
    assert np.abs(pooled - small).mean() < 3


def test_the_person_can_be_placed_and_sized():
    def changed(**how):
        a, b = (camera_frame(6, person, (120, 160), noise=False, **how).astype(int) for person in (True, False))
        return np.argwhere(np.abs(a - b).max(axis=-1) > 25)

    left, right = changed(x=0.2), changed(x=0.8)
    assert left[:, 1].mean() < 60 < 100 < right[:, 1].mean()
    assert np.ptp(changed(height=0.9)[:, 0]) > 1.8 * np.ptp(changed(height=0.4)[:, 0])
    with pytest.raises(ValueError, match="height"):
        camera_frame(6, height=3)


def test_half_of_the_frames_have_a_person_and_labels_say_which():
    images, labels = camera_frames(40, seed=5, size=24)
    assert images.shape == (40, 24, 24, 3)
    assert labels.sum() == 20
    assert len(np.unique(images.reshape(40, -1), axis=0)) == 40
    assert len(np.unique(labels.reshape(-1, 2), axis=0)) == 2, "the order within pairs has to vary"


def test_a_longer_series_begins_with_the_shorter_one():
    (short, few), (long, many) = camera_frames(5, seed=1, size=16), camera_frames(9, seed=1, size=16)
    assert np.array_equal(short, long[:5])
    assert np.array_equal(few, many[:5])
    with pytest.raises(ValueError, match="at least 1"):
        camera_frames(0)


@pytest.mark.slow
def test_brightness_alone_does_not_give_the_person_away():
    images, labels = camera_frames(200, seed=2, size=24)
    brightness = images.mean(axis=(1, 2, 3))
    order = np.argsort(brightness)
    best = max(np.mean((np.arange(200) < cut) == labels[order]) for cut in range(200))
    assert max(best, 1 - best) < 0.7
