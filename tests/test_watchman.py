"""The watchman of lesson 10 and his frames: what the experiment's controls promise."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from cnnlab.built.lesson_06 import receptive_field
from cnnlab.built.lesson_10 import effective_receptive_field, occlusion_map
from cnnlab.data import staff_frames
from cnnlab.data.staff import BLUE, ORANGE
from cnnlab.watchman import FAR_SIGHTED, NEAR_SIGHTED, Watchman, excited, field_of, layers_of, learn, ready, score


@pytest.fixture(scope="module")
def frames():
    return staff_frames(80, seed=5)


def colour_in(rows):
    """Whether orange or blue is more frequent in a part of a frame."""
    colours = rows.reshape(-1, 3) / 255
    away = [np.abs(colours / colours.max(axis=1, keepdims=True).clip(0.2) - one).sum(axis=1) for one in (ORANGE, BLUE)]
    return int((away[1] < 0.35).sum() > (away[0] < 0.35).sum())


def test_sizes_and_labels_are_balanced(frames):
    _, labels, large = frames
    for size in (False, True):
        assert labels[large == size].sum() == (large == size).sum() / 2 == 20


def test_a_label_is_whether_helmet_and_boots_are_alike(frames):
    images, labels, large = frames
    for image, label in zip(images[large], labels[large], strict=True):
        assert (colour_in(image[2:12, 20:44]) == colour_in(image[48:60, 16:48])) == label


def test_frames_follow_from_the_seed_and_a_longer_series_begins_with_a_shorter():
    images, labels, large = staff_frames(11, seed=3)
    again = staff_frames(5, seed=3)
    assert np.array_equal(images[:5], again[0])
    assert np.array_equal(labels[:5], again[1])
    assert np.array_equal(large[:5], again[2])
    with pytest.raises(ValueError, match="at least 1"):
        staff_frames(0)


@pytest.mark.parametrize("rates", [NEAR_SIGHTED, FAR_SIGHTED])
def test_the_field_is_lesson_06s_for_both(rates):
    assert [field_of(rates, depth) for depth in range(1, 6)] == receptive_field(layers_of(rates))


def test_both_have_the_same_parameters():
    shapes = [[tuple(p.shape) for p in Watchman(rates).parameters()] for rates in (NEAR_SIGHTED, FAR_SIGHTED)]
    assert shapes[0] == shapes[1]


def test_nothing_outside_of_the_field_has_a_say(frames):
    torch.manual_seed(0)
    model = Watchman(NEAR_SIGHTED).eval()
    x = ready(frames[0][:3])
    say = effective_receptive_field(model.features, x).numpy()
    rows, columns = np.nonzero(say)
    half = field_of(NEAR_SIGHTED) // 2
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (32 - half, 32 + half, 32 - half, 32 + half)
    falls = occlusion_map(model, x[:1], 1, 8, 4)
    assert falls[:2].abs().max() < 1e-6 < falls.abs().max()


def test_a_large_persons_helmet_is_outside_of_the_near_sighted_field(frames):
    images, _, large = frames
    seen = images[large][:, 32 - 15 :, :]
    rows = np.abs(seen[:, :2].astype(float) / 255 - ORANGE).sum(axis=-1) < 0.3
    assert rows.mean() < 0.02


@pytest.mark.slow
def test_a_watchman_learns_and_the_same_seed_gives_the_same(frames):
    x, y = ready(frames[0]), torch.from_numpy(frames[1])
    first, again = (learn(FAR_SIGHTED, x, y, 2, seed=1) for _ in range(2))
    assert score(first, x, y, frames[2]) == score(again, x, y, frames[2])
    assert not first.training


def test_the_most_exciting_patch_is_cut_out_where_it_was():
    images = np.zeros((2, 16, 16, 3), np.uint8)
    images[1, 8, 12] = 200
    maps = np.zeros((2, 1, 4, 4))
    maps[1, 0, 2, 3] = 1.0
    (patches,) = excited(maps, images, field=3, jump=4, count=1).values()
    assert patches[0].shape == (3, 3, 3)
    assert patches[0][1, 1].tolist() == [200, 200, 200]
