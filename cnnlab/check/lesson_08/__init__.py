"""Lesson 08, training on MNIST: its exercises, in the lesson's order."""

from cnnlab.check.lesson_08.epochs import evaluate, mended_loop_1, mended_loop_2
from cnnlab.check.lesson_08.numbers import confusion_matrix, normalise

EXERCISES = [normalise, "build_simple_cnn", "train_epoch", evaluate, confusion_matrix, mended_loop_1, mended_loop_2]
