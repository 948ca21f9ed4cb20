import numpy as np
import pytest

from cnnlab.check.grid import Html, colour, grey, grid_html, number, row_html


def test_numbers_are_written_as_a_person_would():
    written = [number(v) for v in (3, -1, 3.0, np.float32(0.25), -0.5, 1e-9, 10**9, np.nan, -np.inf, None, 1 - 2j)]
    assert written == ["3", "−1", "3", "0.25", "−0.50", "1.0e−09", "1.0e+09", "nan", "−∞", "·", "1−2j"]


@pytest.mark.parametrize(
    "values", [[[np.nan, np.inf]], [1, 2], 5, [], [[1 + 2j]], [["<b>", None]], [[1], [1, 2]], [[10**400, True]]]
)
def test_whatever_a_learner_returns_can_be_drawn(values):
    assert "<table" in grid_html(values) or "empty" in grid_html(values)


def test_more_than_two_dimensions_are_refused_by_shape():
    with pytest.raises(ValueError, match=r"\(1, 2, 3\)"):
        grid_html(np.zeros((1, 2, 3)))


def test_every_text_is_escaped():
    html = grid_html(
        [["<i>"]], title="<b>", row_names=["<r>"], col_names=["<c>"], notes={(0, 0): "<n>"}, cell_name='a"b'
    )
    for text in ("<i>", "<b>", "<r>", "<c>", "<n>", 'a"b'):
        assert text not in html
    assert "<b>" not in row_html(["<b>"])


def test_ready_html_goes_into_a_row_unescaped():
    grid = grid_html([[1]])
    assert isinstance(grid, Html)
    assert grid in row_html([grid, "→"])


def test_a_wrong_cell_is_told_without_colour():
    assert "✗" in grid_html([[1, 2]], marked={(0, 1)})
    assert "✗" not in grid_html([[1, 2]], lit={(0, 1)})


def test_a_large_array_is_cropped_around_the_wrong_cell_with_true_indices():
    html = grid_html(np.arange(900).reshape(30, 30), marked={(25, 3)}, max_size=5)
    assert html.count("✗") == 1
    assert ">753<" in html
    assert ">25</th>" in html
    assert "…" in html
    assert "⋮" in html


def test_a_small_array_is_shown_whole_without_indices():
    html = grid_html(np.arange(6).reshape(2, 3))
    assert "…" not in html
    assert "<th" not in html


def test_cells_can_be_found_by_their_place():
    assert 'data-out="1,2"' in grid_html(np.zeros((2, 3)), cell_name="out")


def test_sign_has_a_colour_and_zero_has_none():
    assert colour(0, 3) == "rgb(255,255,255)"
    assert colour(3, 3) != colour(-3, 3)
    assert colour(np.nan, 3) == colour("text", 3)


def test_pixels_go_from_dark_to_bright_with_ink_that_is_read():
    levels = [grey(value, 0, 10) for value in range(11)]
    shades = [int(back[4:].split(",")[0]) for back, _ in levels]
    assert shades == sorted(shades)
    assert (levels[0][1], levels[-1][1]) == ("#ffffff", "#000000")
    for back, ink in levels:
        paper, letters = (luminance(c) for c in (back, ink))
        assert (max(paper, letters) + 0.05) / (min(paper, letters) + 0.05) > 4.5
    assert grey(np.nan, 0, 1) == grey("text", 0, 1)
    assert grey(3, 3, 3)[1] == "#000000"


def luminance(text):
    """Relative luminance (WCAG 2) of "rgb(r,g,b)" or "#rrggbb"."""
    hexed = [text[k : k + 2] for k in (1, 3, 5)]
    levels = [int(h, 16) for h in hexed] if text[0] == "#" else [int(v) for v in text[4:-1].split(",")]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (level / 255 for level in levels)]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))
