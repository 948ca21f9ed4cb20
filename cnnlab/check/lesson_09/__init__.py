"""Lesson 09, training on CIFAR-10: its exercises, in the lesson's order."""

# fmt: off
EXERCISES = ("random_crop_flip", "build_small_cnn", "one_cycle", "build_residual_net", "predict_with_flips",
             "accuracy_by_class", "fast_step")
