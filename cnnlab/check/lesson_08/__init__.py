"""Lesson 08, training on MNIST: its exercises, in the lesson's order."""

# fmt: off
EXERCISES = ("normalise", "build_simple_cnn", "train_epoch", "evaluate", "confusion_matrix", "mended_loop_1",
             "mended_loop_2")
