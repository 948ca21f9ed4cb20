"""Wrong gradients, each as a small wrong implementation. Wrong on purpose."""

MAX_POOL = []
AVG_POOL = []
