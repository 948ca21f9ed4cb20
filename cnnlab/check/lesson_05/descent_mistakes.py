"""Wrong gradients, each as a small wrong implementation. Wrong on purpose."""

NUMERICAL = []
TRAIN_STEP = []
