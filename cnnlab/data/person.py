"""A person on the canvas: height, pose, clothes and complexion drawn from a seed."""

from dataclasses import dataclass

import numpy as np

SKIN = np.array([[0.96, 0.82, 0.70], [0.88, 0.68, 0.52], [0.73, 0.52, 0.37], [0.53, 0.35, 0.24], [0.36, 0.23, 0.16]])
HAIR = np.array([[0.10, 0.08, 0.07], [0.28, 0.18, 0.11], [0.55, 0.40, 0.22], [0.62, 0.60, 0.58], [0.45, 0.20, 0.10]])
CLOTHES = np.array(
    [[0.75, 0.22, 0.20], [0.18, 0.36, 0.62], [0.20, 0.45, 0.30], [0.90, 0.75, 0.30], [0.92, 0.92, 0.90],
     [0.25, 0.25, 0.28], [0.55, 0.30, 0.52], [0.85, 0.50, 0.25], [0.45, 0.62, 0.72]]
)  # fmt: skip
TROUSERS = np.array(
    [[0.16, 0.20, 0.32], [0.20, 0.20, 0.22], [0.45, 0.40, 0.32], [0.30, 0.38, 0.52], [0.36, 0.24, 0.20]]
)


@dataclass(frozen=True)
class Person:
    """What is drawn from the seed; lengths are shares of the person's height, angles are in radians."""

    skin: np.ndarray
    hair: np.ndarray
    top: np.ndarray
    trousers: np.ndarray
    stride: float  # angle between a leg and the vertical
    lean: float
    arms: tuple  # (shoulder, elbow) angles of each arm
    build: float  # how broad
    long_hair: bool
    skirt: bool
    bag: bool


def draw_person(rng) -> Person:
    def one_of(colours):
        return np.clip(colours[rng.integers(len(colours))] + rng.normal(0, 0.02, 3), 0, 1)

    arms = []
    for _ in range(2):
        raised = rng.random() < 0.15
        arms.append(
            (rng.uniform(1.9, 2.7), rng.uniform(0.0, 0.6)) if raised else (rng.uniform(0.1, 0.6), rng.uniform(0.0, 0.7))
        )
    return Person(
        skin=one_of(SKIN),
        hair=one_of(HAIR),
        top=one_of(CLOTHES),
        trousers=one_of(TROUSERS),
        stride=rng.choice([rng.uniform(0.05, 0.12), rng.uniform(0.15, 0.36)]),
        lean=rng.uniform(-0.03, 0.03),
        arms=tuple(arms),
        build=rng.uniform(0.85, 1.2),
        long_hair=bool(rng.random() < 0.4),
        skirt=bool(rng.random() < 0.2),
        bag=bool(rng.random() < 0.3),
    )


def paint_person(canvas, person, x, ground, height, shade=0.0, cap=None, shoes=None):
    """Paint a person whose feet stand at (x, ground), `height` high (all in picture heights); cap, shoes: the colours
    of a cap and of large shoes, (r, g, b) in 0–1, None for what people wear."""
    h, wide = height, height * person.build

    def at(dx, up):
        """A point dx to the right of the feet's middle and `up` above the ground, as shares of the height."""
        return x + (dx * person.build + person.lean * up) * h, ground - up * h

    def beside(point, angle, length):
        return point[0] + np.sin(angle) * length * h, point[1] + np.cos(angle) * length * h

    shoe, sole = np.array([0.10, 0.09, 0.09]), 0.028 * h
    for side, tone in ((-1, 0.80), (1, 1.0)):
        hip = at(side * 0.045, 0.50)
        knee = beside(hip, side * person.stride, 0.235)
        foot = beside(knee, side * person.stride * 0.7, 0.235)
        colour = person.skin * tone if person.skirt else person.trousers * tone
        canvas.limb(hip, knee, 0.062 * wide, 0.046 * wide, person.trousers * tone, shade=shade)
        canvas.limb(knee, foot, 0.045 * wide, 0.032 * wide, colour, shade=shade)
        if shoes is None:
            canvas.limb(foot, (foot[0] + side * 0.045 * h, foot[1] + 0.01 * h), sole, sole * 0.8, shoe)
        else:
            canvas.limb(foot, (foot[0] + side * 0.06 * h, foot[1] - 0.01 * h), 2.2 * sole, 2.0 * sole, np.array(shoes))

    def arm(side, angles, tone):
        shoulder = at(side * 0.112, 0.795)
        elbow = beside(shoulder, side * angles[0], 0.165)
        hand = beside(elbow, side * (angles[0] - angles[1] if angles[0] < 1.5 else angles[0] + angles[1]), 0.15)
        canvas.limb(shoulder, elbow, 0.042 * wide, 0.034 * wide, person.top * tone, shade=shade)
        canvas.limb(elbow, hand, 0.033 * wide, 0.026 * wide, person.top * tone, shade=shade)
        canvas.ellipse(*hand, 0.028 * h, 0.030 * h, person.skin * tone)
        return hand

    arm(-1, person.arms[0], 0.82)
    if person.long_hair:
        canvas.limb(at(0, 0.91), at(0, 0.82), 0.075 * h, 0.070 * h, person.hair)
    canvas.limb(at(0, 0.87), at(0, 0.80), 0.030 * h, 0.036 * h, person.skin * 0.85)
    shoulders, waist = at(0, 0.775), at(0, 0.56)
    canvas.polygon(
        [at(-0.125, 0.80), at(-0.06, 0.83), at(0.06, 0.83), at(0.125, 0.80), at(0.095, 0.49), at(-0.095, 0.49)],
        person.top,
        shade=shade,
    )
    canvas.limb(shoulders, waist, 0.085 * wide, 0.06 * wide, person.top, shade=shade)
    if person.skirt:
        canvas.polygon([at(-0.09, 0.53), at(0.09, 0.53), at(0.15, 0.30), at(-0.15, 0.30)], person.trousers, shade=shade)
    hand = arm(1, person.arms[1], 0.94)
    if person.bag and person.arms[1][0] < 1.5:
        bag = np.array([0.40, 0.26, 0.16])
        canvas.rectangle(
            hand[0] - 0.07 * h, hand[1] + 0.01 * h, hand[0] + 0.07 * h, hand[1] + 0.13 * h, bag, round=0.015 * h
        )
    centre = at(0, 0.925)
    canvas.ellipse(centre[0], centre[1] - 0.010 * h, 0.072 * h, 0.084 * h, person.hair)
    canvas.ellipse(centre[0], centre[1] + 0.012 * h, 0.058 * h, 0.068 * h, person.skin, shade=shade)
    if cap is not None:
        canvas.ellipse(centre[0], centre[1] - 0.035 * h, 0.095 * h, 0.060 * h, np.array(cap))
