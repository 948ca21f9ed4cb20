"""Lesson 00, start here: a greeting, and five steps of NumPy, in the lesson's order."""

NUMPY = ("mean_per_picture", "without_row_means", "add_to_each", "channels_first", "change_of_brightness")
EXERCISES = ("hello_check", *NUMPY)
