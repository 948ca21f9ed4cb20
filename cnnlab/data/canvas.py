"""A canvas of pixels on which shapes are painted with soft edges, at any resolution.

Coordinates are (x, y) in units of the picture's height: y runs from 0 (top) to 1 (bottom), x from 0 to width / height.
A shape is a function of x and y that gives the distance to its edge, negative inside ("signed distance"), so that a
pixel at the edge is covered in part. What is painted does not depend on the number of pixels.
"""

from bisect import bisect_left

import numpy as np


class Canvas:
    """Colours in 0–1, (H, W, 3) float64."""

    def __init__(self, height, width):
        self.pixel = 1.0 / height
        self.aspect = width / height
        self.pixels = np.zeros((height, width, 3))
        self.y = ((np.arange(height) + 0.5) / height)[:, None]
        self.x = ((np.arange(width) + 0.5) / height)[None, :]
        self._rows, self._columns = self.y[:, 0].tolist(), self.x[0].tolist()  # to search in: quicker than an array

    def paint(self, shape, colour, bounds, soft=0.0, alpha=1.0, shade=0.0):
        """Paint one shape within bounds (x0, y0, x1, y1).

        soft: width of the edge beyond one pixel; shade: how much lighter the right side is than the left.
        """
        x0, y0, x1, y1 = bounds
        margin = soft + 1.5 * self.pixel
        top, bottom = bisect_left(self._rows, y0 - margin), bisect_left(self._rows, y1 + margin)
        left, right = bisect_left(self._columns, x0 - margin), bisect_left(self._columns, x1 + margin)
        if top >= bottom or left >= right:
            return
        x, y = self.x[:, left:right], self.y[top:bottom]
        cover = np.minimum(np.maximum(0.5 - shape(x, y) / (self.pixel + soft), 0), 1)[..., None] * alpha
        colour = np.asarray(colour)
        if shade:
            colour = colour * (1 + shade * (2 * (x - x0) / max(x1 - x0, 1e-9) - 1)[..., None])
        here = self.pixels[top:bottom, left:right]
        here += cover * (colour - here)

    def rectangle(self, x0, y0, x1, y1, colour, round=0.0, **how):
        cx, cy, hx, hy = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2 - round, (y1 - y0) / 2 - round

        def distance(x, y):
            dx, dy = np.abs(x - cx) - hx, np.abs(y - cy) - hy
            return np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0) - round

        self.paint(distance, colour, (x0, y0, x1, y1), **how)

    def ellipse(self, cx, cy, rx, ry, colour, tilt=0.0, **how):
        cos, sin, reach = np.cos(tilt), np.sin(tilt), max(rx, ry)

        def distance(x, y):
            u, v = (x - cx) * cos + (y - cy) * sin, (y - cy) * cos - (x - cx) * sin
            near = np.hypot(u / rx, v / ry)
            slope = np.hypot(u / rx**2, v / ry**2)
            return near * (near - 1) / np.maximum(slope, 1e-9)  # first-order distance; exact for a circle

        self.paint(distance, colour, (cx - reach, cy - reach, cx + reach, cy + reach), **how)

    def limb(self, start, end, r0, r1, colour, **how):
        """A capsule from start to end, its radius going from r0 to r1."""
        (x0, y0), (x1, y1) = start, end
        length2 = max((x1 - x0) ** 2 + (y1 - y0) ** 2, 1e-12)

        def distance(x, y):
            t = np.minimum(np.maximum(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length2, 0), 1)
            return np.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0)) - (r0 + t * (r1 - r0))

        reach = max(r0, r1)
        box = min(x0, x1) - reach, min(y0, y1) - reach, max(x0, x1) + reach, max(y0, y1) + reach
        self.paint(distance, colour, box, **how)

    def polygon(self, corners, colour, **how):
        """A convex polygon, its corners clockwise as seen on the picture."""
        corners = np.asarray(corners, float)
        edges = np.roll(corners, -1, axis=0) - corners
        edges /= np.linalg.norm(edges, axis=1, keepdims=True)

        def distance(x, y):
            sides = ((y - cy) * -ex + (x - cx) * ey for (cx, cy), (ex, ey) in zip(corners, edges, strict=True))
            out = next(sides)
            for side in sides:
                out = np.maximum(out, side)
            return out

        self.paint(distance, colour, (*corners.min(axis=0), *corners.max(axis=0)), **how)
