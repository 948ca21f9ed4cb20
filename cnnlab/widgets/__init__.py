"""Widgets: things to move and look at, each drawn from the learner's own function where they hand one in."""

from cnnlab.widgets.blame_explorer import explore_blame
from cnnlab.widgets.checkerboard import explore_checkerboard
from cnnlab.widgets.convolution_explorer import explore_convolution
from cnnlab.widgets.field_grower import explore_field
from cnnlab.widgets.pooling_explorer import explore_pooling
from cnnlab.widgets.rates_explorer import explore_rates
from cnnlab.widgets.shape_tracer import explore_shapes
from cnnlab.widgets.usage_explorer import explore_usage

__all__ = [
    "explore_blame",
    "explore_checkerboard",
    "explore_convolution",
    "explore_field",
    "explore_pooling",
    "explore_rates",
    "explore_shapes",
    "explore_usage",
]
