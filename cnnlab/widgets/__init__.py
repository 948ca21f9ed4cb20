"""Widgets: things to move and look at, each drawn from the learner's own function where they hand one in."""

from cnnlab.widgets.blame_explorer import explore_blame
from cnnlab.widgets.checkerboard import explore_checkerboard
from cnnlab.widgets.convolution_explorer import explore_convolution
from cnnlab.widgets.field_grower import explore_field
from cnnlab.widgets.guessing import guess_the_mistake
from cnnlab.widgets.map_explorer import explore_maps
from cnnlab.widgets.pooling_explorer import explore_pooling
from cnnlab.widgets.rates_explorer import explore_rates
from cnnlab.widgets.shape_tracer import explore_shapes
from cnnlab.widgets.timeline_explorer import explore_timeline
from cnnlab.widgets.usage_explorer import explore_usage

__all__ = [
    "explore_blame",
    "explore_checkerboard",
    "explore_convolution",
    "explore_field",
    "explore_maps",
    "explore_pooling",
    "explore_rates",
    "explore_shapes",
    "explore_timeline",
    "explore_usage",
    "guess_the_mistake",
]
