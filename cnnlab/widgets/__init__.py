"""Widgets: things to move and look at, each drawn from the learner's own function where they hand one in.

None is loaded before it is asked for; those of the first lessons need neither matplotlib nor torch.
"""

import importlib

_WHERE = {
    "explore_blame": "blame_explorer",
    "explore_checkerboard": "checkerboard",
    "explore_convolution": "convolution_explorer",
    "explore_field": "field_grower",
    "explore_maps": "map_explorer",
    "explore_network": "network_explorer",
    "explore_pooling": "pooling_explorer",
    "explore_rates": "rates_explorer",
    "explore_shapes": "shape_tracer",
    "explore_timeline": "timeline_explorer",
    "explore_usage": "usage_explorer",
    "guess_the_mistake": "guessing",
}
__all__ = sorted(_WHERE)


def __getattr__(name):
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    return found


def __dir__():
    return __all__
