"""What the lesson's tables of wrong ways have in common: the right gradients, one of them spoilt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

GRADIENTS = ("dx", "dweight", "dbias")


def changed(a, **changes: Callable) -> tuple:
    """The right gradients of a call (its `Args`), those that are named put through a function."""
    right = dict(zip(GRADIENTS, a.right(), strict=True))
    return a.instead(**{name: change(right[name]) for name, change in changes.items()})


def made_with(a, name: str, **arguments: object) -> tuple:
    """The right gradients, but that the one of this name is the one for other arguments."""
    return a.instead(**{name: a.right(**arguments)[GRADIENTS.index(name)]})


def kept(array: np.ndarray, *place: object) -> np.ndarray:
    """The array at a place (an index), and 0 elsewhere."""
    found = np.zeros(array.shape)
    found[place] = array[place]
    return found
