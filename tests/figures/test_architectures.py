"""Lesson 11's pictures say in words what they show."""

import pytest

from cnnlab.figures import show_depths, show_norms, show_timeline, show_transfer


def test_depths_are_told():
    picture = show_depths([(5, 1.8, 1.7), (41, 2.2, 1.6)])
    assert "41 convolutions: plain 2.20, residual 1.60" in picture.alt


def test_norms_are_told_and_an_empty_list_is_no_trouble():
    assert "plain: 10 at the first, 0.1 at the last of 3" in show_norms([10.0, 1.0, 0.1], [0.5, 0.5, 0.4]).alt
    assert show_norms([], []).png()


def test_transfer_is_told():
    curves = {
        "frozen": [(5, 0.4), (80, 0.45)],
        "fine-tuned": [(5, 0.4), (80, 0.6)],
        "from scratch": [(5, 0.4), (80, 0.6)],
    }
    picture = show_transfer(curves)
    assert "fine-tuned: 40.0% from 5, 60.0% from 80" in picture.alt
    assert picture.png()


def test_the_gallery_is_told():
    pytest.importorskip("torch")
    from cnnlab.figures import show_gallery
    from cnnlab.trials import Cost, Trial

    picture = show_gallery([Trial("A", Cost(10, 2_000_000), 1.5, 0.4), Trial("B", Cost(9, 10), 1.0, 0.5)], noise=0.01)
    assert "A 40.0% with 10 parameters" in picture.alt
    assert "1.4% to each side" in picture.alt


def test_bars_overlap_where_dots_have_one_colour_and_ticks_are_whole_percents():
    pytest.importorskip("torch")
    from cnnlab.figures import show_gallery
    from cnnlab.figures.style import BLUE
    from cnnlab.trials import Cost, Trial

    shares = (0.391, 0.352, 0.334, 0.313)
    axes = show_gallery([Trial("A", Cost(10, 10), 1.0, share) for share in shares], noise=0.02).axes[0]
    bars = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2 and line.get_alpha()]
    dots = [line.get_color() for line in axes.lines if line.get_marker() == "o"]
    assert [bar[1] > bars[0][0] for bar in bars] == [colour == BLUE for colour in dots] == [True, True, False, False]
    assert all(abs(100 * tick - round(100 * tick)) < 1e-6 for tick in axes.get_xticks())


def test_a_chosen_year_is_ringed():
    rings = [len(show_timeline(chosen=chosen).axes[0].collections) for chosen in (None, "VGG", ("VGG", "ViT"))]
    assert rings == [10, 11, 12]
