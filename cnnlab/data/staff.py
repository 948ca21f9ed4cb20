"""The camera at the staff entrance: is it one of ours? Staff wear helmet and boots of one colour, visitors do not."""

import numpy as np

from cnnlab.data.camera import camera_frame

ORANGE, BLUE = (1.0, 0.50, 0.02), (0.05, 0.25, 1.0)
SMALL, LARGE = (0.36, 0.42), (0.84, 0.90)  # a person's height, as a share of the frame's


def staff_frames(n, seed=0, size=64):
    """n frames with a person, half of them near and half far, half of each staff and half visitors.

    Orange and blue are as frequent on helmets as on boots in both classes, so neither a helmet nor a pair of boots
    alone tells anything: only both together do.
    size: (height, width) or an int for a square.
    Returns images uint8 (n, H, W, 3); labels int64 (n,), 1 staff, 0 visitor; near, bool (n,). Raises ValueError where n
    is below 1.
    """
    if n < 1:
        raise ValueError(f"n is the number of frames, at least 1, not {n!r}.")
    order = np.concatenate([np.random.default_rng([seed, k]).permutation(8) for k in range(-(-n // 8))])[:n]
    images = []
    for k, kind in enumerate(order):
        rng = np.random.default_rng([seed, k, 1])
        helmet, boots = ((ORANGE, BLUE)[bit] for bit in (kind & 1, kind >> 1 & 1))
        height = rng.uniform(*(LARGE if kind >> 2 else SMALL))
        how = {"height": height, "ground": 0.5 + 0.53 * height + rng.uniform(-0.02, 0.02), "x": rng.uniform(0.47, 0.53)}
        images.append(camera_frame(int(rng.integers(2**31)), True, size, helmet=helmet, boots=boots, **how))
    return np.stack(images), (order & 1 == order >> 1 & 1).astype(np.int64), order >> 2 == 1
