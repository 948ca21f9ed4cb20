"""The course's pictures: arrays in, a `Picture` out, which shows itself in a notebook with words for the blind.

Nothing is drawn, and matplotlib is not imported, before the first of them is asked for.
"""

import importlib

_WHERE = {
    "board": ["Board"],
    "patches": ["show_frame", "show_grids", "show_patch", "show_sides"],
    "style": ["Picture"],
}
_MODULE = {name: module for module, names in _WHERE.items() for name in names}
__all__ = sorted(_MODULE)


def __getattr__(name):
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_MODULE[name]}"), name)
    return found


def __dir__():
    return __all__
