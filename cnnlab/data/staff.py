"""The camera at the staff entrance: is it one of ours? Staff wear cap and shoes of one colour, visitors do not."""

import numpy as np

from cnnlab.data.camera import camera_frame

ORANGE, BLUE = (1.0, 0.50, 0.02), (0.05, 0.25, 1.0)
FAR, NEAR = (0.42, 0.48), (0.90, 0.97)  # a person's height, as a share of the frame's


def staff_frames(n, seed=0, size=64):
    """n frames with a person, half of them near and half far, half of each staff and half visitors.

    Orange and blue are as frequent on caps as on shoes in both classes, so neither a cap nor a pair of shoes alone
    tells anything: only both together do.
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
        cap, shoes = ((ORANGE, BLUE)[bit] for bit in (kind & 1, kind >> 1 & 1))
        how = {"height": rng.uniform(*(NEAR if kind >> 2 else FAR)), "x": rng.uniform(0.25, 0.75)}
        images.append(camera_frame(int(rng.integers(2**31)), True, size, cap=cap, shoes=shoes, **how))
    return np.stack(images), (order & 1 == order >> 1 & 1).astype(np.int64), order >> 2 == 1
