"""Right answers of lesson 00, each written in another way; no check may refuse one."""

import numpy as np

HELLO_CHECK = [
    lambda name: f"Hello, {name}!",
    lambda name: "Hello, " + name + "!",
    lambda name: "".join(["Hello, ", name, "!"]),
    "Hello, {}!".format,
    lambda name: np.str_(f"Hello, {name}!"),
]
