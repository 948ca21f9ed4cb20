"""A Picture shows itself with words for those who cannot see it, without pyplot, and small."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from cnnlab import figures
from cnnlab.figures.style import Picture, grey, ink_on, signed_colour


@pytest.fixture
def picture():
    drawn = Picture('A "quoted" <tag> & more', width=2, height=1)
    drawn.add_axes((0, 0, 1, 1)).plot([0, 1])
    return drawn


def test_the_alt_text_is_in_the_html_and_escaped(picture):
    assert 'alt="A &#34;quoted&#34; &lt;tag&gt; &amp; more"' in picture.html()


def test_it_displays_html_and_plain_words(picture, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    picture._ipython_display_()
    assert set(shown[0]) == {"text/html", "text/plain"}
    assert shown[0]["text/plain"] == picture.alt


def test_the_same_drawing_gives_the_same_bytes_and_keeps_its_size(picture):
    first = picture.png()
    assert picture.png() == first
    assert Image.open(io.BytesIO(first)).size == (2 * 192, 192)
    assert tuple(picture.get_size_inches()) == (2, 1)


def test_full_colour_keeps_more_than_256_colours(picture):
    axes = picture.axes[0]
    axes.imshow(np.random.default_rng(0).random((60, 60, 3)))
    assert Image.open(io.BytesIO(picture.png())).mode == "P"
    picture.full_colour = True
    assert Image.open(io.BytesIO(picture.png())).mode == "RGB"


def test_neither_matplotlib_nor_torch_is_imported_before_a_figure_is_asked_for():
    code = "import sys, cnnlab.figures; print([m for m in ('matplotlib', 'torch') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.slow
def test_no_figure_needs_pyplot_or_torch():
    code = (
        "import sys; from cnnlab import figures\n"
        "for name in figures.__all__: getattr(figures, name)\n"
        "figures.show_timeline().png()\n"
        "print([m for m in ('matplotlib.pyplot', 'torch') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_an_unknown_figure_is_an_attribute_error():
    with pytest.raises(AttributeError, match="show_everything"):
        _ = figures.show_everything


def test_letters_are_dark_on_light_and_light_on_dark():
    assert ink_on(grey(1, 0, 1)) != ink_on(grey(0, 0, 1))
    assert ink_on(signed_colour(-1, 1)) == ink_on(signed_colour(1, 1)) == ink_on(signed_colour(0, 1))
