"""Wrong gradients, each as a small wrong implementation. Wrong on purpose."""

CONV = []
