"""Right answers of lesson 00, each written in another way; no check may refuse one."""

import numpy as np

HELLO_CHECK = [
    lambda name: f"Hello, {name}!",
    lambda name: "Hello, " + name + "!",
    lambda name: "".join(["Hello, ", name, "!"]),
    "Hello, {}!".format,
    lambda name: np.str_(f"Hello, {name}!"),
]

MEAN_PER_PICTURE = [
    lambda pictures: pictures.mean(axis=(1, 2)),
    lambda pictures: pictures.mean(axis=-1).mean(axis=-1),
    lambda pictures: np.array([np.sum(picture) / picture.size for picture in pictures]),
]

WITHOUT_ROW_MEANS = [
    lambda x: x - x.mean(axis=1, keepdims=True),
    lambda x: x - x.mean(axis=1)[:, None],
    lambda x: np.array([row - row.mean() for row in x]),
]

ADD_TO_EACH = [
    lambda maps, bias: maps + bias[:, None, None],
    lambda maps, bias: maps + bias.reshape(-1, 1, 1),
    lambda maps, bias: np.moveaxis(np.moveaxis(maps, 0, -1) + bias, -1, 0),
]

CHANNELS_FIRST = [
    lambda picture: np.moveaxis(picture, -1, 0),
    lambda picture: picture.transpose(2, 0, 1),
    lambda picture: np.einsum("ijc->cij", picture),
]

CHANGE_OF_BRIGHTNESS = [
    lambda before, after: (after.astype(float) - before) / 255,
    lambda before, after: after / 255 - before / 255,
    lambda before, after: np.subtract(after, before, dtype=np.float32) / 255,
]
