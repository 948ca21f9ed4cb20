import numpy as np
import pytest

from cnnlab.data.canvas import Canvas

SHAPES = {
    "rectangle": (lambda canvas: canvas.rectangle(0.2, 0.3, 0.7, 0.8, 1.0), 0.5 * 0.5),
    "ellipse": (lambda canvas: canvas.ellipse(0.5, 0.5, 0.3, 0.2, 1.0, tilt=0.4), np.pi * 0.3 * 0.2),
    "limb": (lambda canvas: canvas.limb((0.3, 0.3), (0.6, 0.7), 0.1, 0.1, 1.0), np.pi * 0.01 + 0.5 * 0.2),
    "triangle": (lambda canvas: canvas.polygon([(0.2, 0.8), (0.5, 0.2), (0.8, 0.8)], 1.0), 0.5 * 0.6 * 0.6),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("size", [50, 400])
def test_a_shape_covers_its_area_and_its_edge_is_a_pixel_wide(name, size):
    paint, area = SHAPES[name]
    canvas = Canvas(size, size)
    paint(canvas)
    cover = canvas.pixels[..., 0]
    assert cover.mean() == pytest.approx(area, rel=0.03)
    partial = ((cover > 0.01) & (cover < 0.99)).sum()
    assert partial < 6 * size


def test_what_lies_outside_is_left_out():
    canvas = Canvas(20, 20)
    canvas.ellipse(5, 5, 0.3, 0.3, 1.0)
    assert not canvas.pixels.any()
