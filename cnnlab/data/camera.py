"""A small security camera: is a person in the frame?

Every frame is painted from a seed, in pure NumPy, at any resolution.
"""

import numpy as np

from cnnlab.data.canvas import Canvas
from cnnlab.data.person import draw_person, paint_person
from cnnlab.data.samples import image_size
from cnnlab.data.scenery import draw_scene, paint_background, paint_thing, people_are


def tiny_frame():
    """The course's first frame, (5, 5) int64: dark on the left, bright on the right, every row [0, 0, 1, 1, 1]."""
    return np.tile(np.array([0, 0, 1, 1, 1], dtype=np.int64), (5, 1))


def camera_frame(
    seed, person=True, size=(96, 128), colour=True, *, height=None, x=None, noise=True, cap=None, shoes=None
):
    """One frame of the camera in the hall, with a person or without.

    The scene (hall, light, clutter) follows from `seed` alone: the same seed with person=False is the same hall, empty,
    and another size is the same frame with other pixels (but for the camera's noise).

    size: (height, width) or an int for a square, each at least 16. height: the person's, as a share of the frame's
    (0.1–1.5; else drawn, 0.3–0.75); x: where the feet are, as a share of its width (else drawn); cap, shoes: the
    colours of a cap and of large shoes, (r, g, b) in 0–1, None for what people wear.
    Returns uint8 (H, W, 3), or (H, W) with colour=False.
    """
    rows, cols = image_size(size, at_least=16)
    if height is not None and not 0.1 <= height <= 1.5:
        raise ValueError(f"height is a share of the frame's height between 0.1 and 1.5, not {height!r}.")
    streams = [np.random.default_rng([int(part), int(seed)]) for part in range(3)]
    canvas = Canvas(rows, cols)
    scene = draw_scene(streams[0])
    paint_background(canvas, scene)

    things = sorted(scene.things, key=lambda thing: thing.ground)
    if person:
        who, where = draw_person(streams[1]), streams[1].uniform(0.14, 0.86)
        ground = streams[1].uniform(scene.floor + 0.05, 0.96)
        drawn_height = people_are(scene, ground) * streams[1].uniform(0.92, 1.08)
        if height is not None:
            drawn_height, ground = height, min(0.97, max(ground, scene.floor + 0.4 * height))
        feet = canvas.aspect * (where if x is None else x)
        things = [thing for thing in things if not _hides(thing, feet / canvas.aspect, ground)]
    worn = {"cap": cap, "shoes": shoes}
    for thing in things:
        if person and thing.ground > ground:
            _stand(canvas, scene, who, feet, ground, drawn_height, worn)
            person = False
        paint_thing(canvas, scene, thing)
    if person:
        _stand(canvas, scene, who, feet, ground, drawn_height, worn)
    return _develop(canvas, scene, streams[2] if noise else None, colour)


def camera_frames(n, seed=0, size=(96, 128), colour=True, **how):
    """n different frames, half of them with a person.

    Returns images uint8 (n, H, W, 3), or (n, H, W) with colour=False, and labels int64 (n,): 1 person, 0 none.
    One of the frames 2k and 2k + 1 has a person, so a longer series begins with the frames of a shorter one.
    `how` goes to `camera_frame`.
    """
    if n < 1:
        raise ValueError(f"n is the number of frames, at least 1, not {n!r}.")
    first = [np.random.default_rng([seed, k]).integers(2) for k in range((n + 1) // 2)]
    labels = np.array([bit for one in first for bit in (one, 1 - one)][:n], dtype=np.int64)
    seeds = [np.random.default_rng([seed, k, 1]).integers(2**31) for k in range(n)]
    pairs = zip(seeds, labels, strict=True)
    return np.stack([camera_frame(int(s), bool(label), size, colour, **how) for s, label in pairs]), labels


def _hides(thing, where, ground):
    """Would this stand right in front of the person?"""
    return thing.ground > ground and abs(thing.x - where) < 0.13 and thing.tall


def _stand(canvas, scene, who, feet, ground, height, worn):
    canvas.ellipse(feet, ground, 0.24 * height, 0.045 * height, (0.02, 0.02, 0.03), soft=0.05 * height, alpha=0.45)
    paint_person(canvas, who, feet, ground, height, shade=scene.shade, **worn)


def _develop(canvas, scene, rng, colour):
    """Light, vignette, noise; then whole numbers."""
    pixels = canvas.pixels
    away = np.hypot((canvas.x / canvas.aspect - scene.lamp[0]) * 1.1, canvas.y - scene.lamp[1])
    pixels = pixels * (scene.ambient + scene.glow * np.exp(-((away / 0.55) ** 2)))[..., None] * scene.tint
    corner = np.hypot(canvas.x / canvas.aspect - 0.5, canvas.y - 0.5)
    pixels = pixels * (1 - 0.45 * corner**2)[..., None]
    if rng is not None:
        pixels = (
            pixels
            + rng.normal(0, scene.grain, pixels.shape[:2])[..., None]
            + rng.normal(0, scene.grain / 2, pixels.shape)
        )
    if not colour:
        pixels = pixels @ np.array([0.299, 0.587, 0.114])
    return np.clip(np.rint(pixels * 255), 0, 255).astype(np.uint8)
