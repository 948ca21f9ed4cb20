"""Lesson 10, looking inside a trained network: its exercises, in the lesson's order."""

EXERCISES = ("feature_maps", "effective_receptive_field", "occlusion_map", "grad_cam")
