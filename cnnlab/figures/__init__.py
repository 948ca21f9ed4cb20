"""The course's pictures: arrays in, a `Picture` out, which shows itself in a notebook with words for the blind.

Whatever a learner's function does, not written, raising, endless, of another shape, nothing is raised here: the picture
has a calm sentence instead. Numbers are of any real dtype where a docstring says no more.

Nothing is drawn, and matplotlib is not imported, before the first of them is asked for.
"""

import importlib

_WHERE = {
    "activations": ["show_by_layer", "show_collapse", "show_curves", "show_dead_units", "show_relu"],
    "architectures": ["show_depths", "show_gallery", "show_norms", "show_transfer"],
    "answers": ["show_answers", "show_shift"],
    "augment": ["show_by_class", "show_colour_mistakes", "show_moved", "show_schedule"],
    "backwards": ["show_backwards"],
    "blame": ["show_bias_blame", "show_flip", "show_input_blame", "show_kernel_blame", "show_routes", "show_wires"],
    "board": ["Board"],
    "by_hand": ["show_case_file", "show_loss_curve", "show_softmax", "show_verdicts", "show_walk", "show_way_back"],
    "channels": ["show_channels"],
    "columns": ["show_im2col"],
    "confusion": ["show_confusion"],
    "counts": ["race", "show_connections", "show_counts", "show_race"],
    "coverage": ["show_coverage", "show_trees"],
    "depth": ["show_costs", "show_layer_norms", "show_losses", "show_normalised", "time_blocks"],
    "geometry": ["show_shrinking", "show_starts", "show_usage"],
    "fields": ["show_fields", "show_sight", "show_views"],
    "forward": ["show_forward", "show_times"],
    "gradients": ["show_gradient_check", "show_nudges", "show_slope"],
    "inside": [
        *("show_effective", "show_excited", "show_feature_maps", "show_filters", "show_reasons", "show_trials"),
    ],
    "history": ["show_pipeline", "show_timeline"],
    "learned": ["show_learned"],
    "matrix": ["show_matrix"],
    "patches": ["show_frame", "show_grids", "show_patch", "show_sides"],
    "photos": ["show_filter_bank", "show_filter_zoo", "show_gabors", "show_pictures"],
    "pooling": ["show_gaps", "show_smaller", "show_windows"],
    "rungs": ["show_rungs"],
    "shift": ["show_person_shift"],
    "style": ["Picture"],
    "tracer": ["show_layers"],
    "upsampling": ["show_checkerboard", "show_overlaps"],
    "training": ["show_guesses", "show_kernels", "show_training"],
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
