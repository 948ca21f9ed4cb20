"""The hall that the camera looks at: wall, floor, door, light, and the things that stand about."""

from dataclasses import dataclass

import numpy as np

WALLS = np.array([[0.80, 0.78, 0.72], [0.72, 0.76, 0.78], [0.78, 0.72, 0.66], [0.68, 0.74, 0.68], [0.82, 0.80, 0.80]])
FLOORS = np.array([[0.52, 0.44, 0.36], [0.50, 0.50, 0.50], [0.42, 0.36, 0.30], [0.56, 0.54, 0.48], [0.38, 0.40, 0.44]])
DOORS = np.array([[0.45, 0.30, 0.19], [0.32, 0.38, 0.42], [0.58, 0.46, 0.32], [0.40, 0.20, 0.16], [0.70, 0.70, 0.68]])
KINDS = {"box": 0.30, "boxes": 0.15, "plant": 0.2, "lamp": 0.15, "coat stand": 0.1, "chair": 0.1}


@dataclass(frozen=True)
class Thing:
    kind: str
    x: float  # its middle, as a share of the frame's width
    ground: float  # where it stands, in picture heights from the top
    size: float
    colour: np.ndarray
    leaves: tuple

    @property
    def tall(self):
        return self.kind in ("plant", "lamp", "coat stand", "boxes")


@dataclass(frozen=True)
class Scene:
    wall: np.ndarray
    ground: np.ndarray
    door: np.ndarray
    door_x: float
    floor: float  # where wall and floor meet, from the top
    window_x: float  # no window where it is negative
    tiles: bool
    vanish: float  # the x share that the floor's lines run to
    lamp: tuple
    ambient: float
    glow: float
    tint: np.ndarray
    grain: float
    shade: float
    things: tuple


def draw_scene(rng) -> Scene:
    floor = rng.uniform(0.46, 0.60)
    kinds = rng.choice(list(KINDS), size=rng.integers(1, 5), p=list(KINDS.values()))
    things = tuple(
        Thing(
            kind=str(kind),
            x=rng.uniform(0.04, 0.96),
            ground=rng.uniform(floor + 0.04, 0.95),
            size=rng.uniform(0.85, 1.15),
            colour=np.clip(rng.uniform(0.2, 0.8) * np.array([1, 0.9, 0.8]) + rng.normal(0, 0.12, 3), 0.05, 0.95),
            leaves=tuple((rng.uniform(-1.2, 1.2), rng.uniform(0.6, 1.1)) for _ in range(9)),
        )
        for kind in kinds
    )
    return Scene(
        wall=WALLS[rng.integers(len(WALLS))] + rng.normal(0, 0.02, 3),
        ground=FLOORS[rng.integers(len(FLOORS))] + rng.normal(0, 0.02, 3),
        door=DOORS[rng.integers(len(DOORS))] + rng.normal(0, 0.02, 3),
        door_x=rng.uniform(0.15, 0.85),
        floor=floor,
        window_x=rng.uniform(-0.6, 0.9),
        tiles=bool(rng.random() < 0.6),
        vanish=rng.uniform(0.3, 0.7),
        lamp=(rng.uniform(0.1, 0.9), rng.uniform(-0.1, 0.3)),
        ambient=rng.uniform(0.5, 0.95),
        glow=rng.uniform(0.15, 0.5),
        tint=np.array([1.0, rng.uniform(0.94, 1.0), rng.uniform(0.80, 1.02)]),
        grain=rng.uniform(0.006, 0.022),
        shade=rng.uniform(-0.22, 0.22),
        things=things,
    )


def people_are(scene, ground):
    """How high a person is who stands at `ground`: nearer to the camera is lower in the frame and larger."""
    return 0.34 + 0.42 * (ground - scene.floor) / (1 - scene.floor)


def paint_background(canvas, scene):
    wide, floor = canvas.aspect, scene.floor
    canvas.pixels[:] = scene.wall * (0.92 + 0.12 * canvas.y / floor)[..., None]
    canvas.rectangle(-1, floor, wide + 1, 2, scene.ground)
    depth = np.clip((canvas.y - floor) / (1 - floor), 0, 1)
    canvas.pixels *= np.where(canvas.y > floor, 0.78 + 0.30 * depth, 1.0)[..., None]
    _floor_lines(canvas, scene)
    canvas.rectangle(-1, floor - 0.022, wide + 1, floor, scene.wall * 0.72)
    _door(canvas, scene)
    apart = abs(scene.window_x + 0.1 - scene.door_x) * wide
    if scene.window_x > 0 and apart > 0.32:
        _window(canvas, scene)


def _floor_lines(canvas, scene):
    dark = scene.ground * 0.70
    far = scene.floor - 0.35  # where the lines would meet
    for k in range(-9, 10):
        foot = canvas.aspect * scene.vanish + k * 0.34
        head = canvas.aspect * scene.vanish + k * 0.34 * (scene.floor - far) / (1 - far)
        line = _line((head, scene.floor), (foot, 1.0), 0.0018)
        canvas.paint(line, dark, (min(head, foot), scene.floor, max(head, foot), 1.02), alpha=0.8)
    if scene.tiles:
        for share in (0.10, 0.24, 0.43, 0.68):
            y = scene.floor + share * (1 - scene.floor)
            canvas.rectangle(-1, y - 0.0018, canvas.aspect + 1, y + 0.0018, dark, alpha=0.8)


def _line(start, end, half):
    (x0, y0), (x1, y1) = start, end
    length = np.hypot(x1 - x0, y1 - y0)
    return lambda x, y: np.maximum(np.abs((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) / length - half, y0 - y)


def _door(canvas, scene):
    middle, floor, half = scene.door_x * canvas.aspect, scene.floor, 0.105
    top = floor - 0.40
    canvas.rectangle(middle - half - 0.016, top - 0.016, middle + half + 0.016, floor, scene.wall * 0.60)
    canvas.rectangle(middle - half, top, middle + half, floor, scene.door, shade=0.06)
    for up in (0.03, 0.215):
        canvas.rectangle(middle - 0.075, top + up, middle + 0.075, top + up + 0.155, scene.door * 0.82, round=0.006)
    canvas.ellipse(middle + 0.085, floor - 0.19, 0.010, 0.010, (0.85, 0.75, 0.45))


def _window(canvas, scene):
    left, top = scene.window_x * canvas.aspect, scene.floor - 0.38
    sky = np.array([0.70, 0.82, 0.95]) * (0.5 + 0.6 * scene.ambient)
    canvas.rectangle(left - 0.012, top - 0.012, left + 0.212, top + 0.212, (0.94, 0.94, 0.92))
    canvas.rectangle(left, top, left + 0.2, top + 0.2, sky)
    canvas.rectangle(left + 0.095, top, left + 0.105, top + 0.2, (0.94, 0.94, 0.92))
    canvas.rectangle(left, top + 0.095, left + 0.2, top + 0.105, (0.94, 0.94, 0.92))


def paint_thing(canvas, scene, thing):
    x, y = thing.x * canvas.aspect, thing.ground
    tall = people_are(scene, y) * thing.size
    canvas.ellipse(x, y, 0.2 * tall, 0.04 * tall, (0.02, 0.02, 0.03), soft=0.05 * tall, alpha=0.4)
    {
        "box": _box, "boxes": _boxes, "plant": _plant, "lamp": _lamp, "coat stand": _coat_stand, "chair": _chair,
    }[thing.kind](canvas, scene, thing, x, y, tall)  # fmt: skip


def _box(canvas, scene, thing, x, y, h, wide=0.40, high=0.28, colour=(0.72, 0.55, 0.36)):
    colour = np.asarray(colour)
    left, right, top, back = x - wide / 2 * h, x + wide / 2 * h, y - high * h, 0.07 * h
    canvas.polygon([(left, top), (left + back, top - back), (right + back, top - back), (right, top)], colour * 1.1)
    canvas.polygon([(right, top), (right + back, top - back), (right + back, y - back), (right, y)], colour * 0.68)
    canvas.rectangle(left, top, right, y, colour, shade=scene.shade)
    canvas.rectangle(x - 0.03 * h, top, x + 0.03 * h, y, colour * 1.16)


def _boxes(canvas, scene, thing, x, y, h):
    _box(canvas, scene, thing, x, y, h, wide=0.44, high=0.26)
    _box(canvas, scene, thing, x - 0.03 * h, y - 0.29 * h, h, wide=0.32, high=0.22, colour=(0.66, 0.50, 0.33))


def _plant(canvas, scene, thing, x, y, h):
    green = np.array([0.20, 0.45, 0.22])
    for k, (angle, length) in enumerate(thing.leaves):
        tip = x + np.sin(angle) * 0.34 * length * h, y - 0.20 * h - np.cos(angle) * 0.46 * length * h
        middle = (x + tip[0]) / 2, (y - 0.2 * h + tip[1]) / 2
        long = np.hypot(tip[0] - x, tip[1] - y + 0.2 * h) / 2
        lean = np.arctan2(tip[1] - y + 0.2 * h, tip[0] - x)
        canvas.ellipse(*middle, long, 0.050 * h, green * (0.75 + 0.07 * k), tilt=lean)
    pot = np.array([0.70, 0.38, 0.24])
    canvas.polygon(
        [(x - 0.12 * h, y - 0.22 * h), (x + 0.12 * h, y - 0.22 * h), (x + 0.085 * h, y), (x - 0.085 * h, y)],
        pot,
        shade=0.2,
    )
    canvas.rectangle(x - 0.135 * h, y - 0.25 * h, x + 0.135 * h, y - 0.205 * h, pot * 1.1, round=0.01 * h)


def _lamp(canvas, scene, thing, x, y, h):
    metal = np.array([0.22, 0.21, 0.20])
    canvas.ellipse(x, y - 0.01 * h, 0.11 * h, 0.025 * h, metal)
    canvas.rectangle(x - 0.011 * h, y - 0.78 * h, x + 0.011 * h, y, metal)
    canvas.ellipse(x, y - 0.85 * h, 0.30 * h, 0.30 * h, (1.0, 0.92, 0.70), soft=0.35 * h, alpha=0.35)
    top, low = y - 0.98 * h, y - 0.74 * h
    canvas.polygon(
        [(x - 0.09 * h, top), (x + 0.09 * h, top), (x + 0.17 * h, low), (x - 0.17 * h, low)], (1.0, 0.90, 0.66)
    )


def _coat_stand(canvas, scene, thing, x, y, h):
    wood = np.array([0.30, 0.20, 0.13])
    for side in (-1, 1):
        canvas.limb((x, y - 0.12 * h), (x + side * 0.14 * h, y), 0.014 * h, 0.014 * h, wood)
    canvas.limb((x, y - 0.98 * h), (x, y - 0.04 * h), 0.016 * h, 0.018 * h, wood)
    for side in (-1, 1):
        canvas.limb((x, y - 0.86 * h), (x + side * 0.11 * h, y - 0.94 * h), 0.013 * h, 0.013 * h, wood)
    coat = [
        (x + 0.02 * h, y - 0.90 * h),
        (x + 0.12 * h, y - 0.88 * h),
        (x + 0.19 * h, y - 0.42 * h),
        (x + 0.0 * h, y - 0.40 * h),
    ]
    canvas.polygon(coat, thing.colour, shade=scene.shade)


def _chair(canvas, scene, thing, x, y, h):
    wood = thing.colour * 0.9
    for dx, dy in ((-0.13, -0.05), (0.13, -0.05), (-0.15, 0.0), (0.15, 0.0)):
        canvas.limb((x + dx * h, y - 0.26 * h), (x + dx * h, y + dy * h), 0.014 * h, 0.012 * h, wood * 0.7)
    canvas.rectangle(x - 0.15 * h, y - 0.60 * h, x + 0.15 * h, y - 0.32 * h, wood * 0.9, round=0.02 * h)
    canvas.rectangle(x - 0.17 * h, y - 0.30 * h, x + 0.17 * h, y - 0.25 * h, wood, round=0.015 * h)
