"""Lesson 04, a whole network forwards: its exercises, in the lesson's order."""

EXERCISES = ("linear", "softmax", "cross_entropy", "forward", "find_the_slip")
