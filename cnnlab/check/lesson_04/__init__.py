"""Lesson 04, a whole network forwards: its exercises, in the lesson's order."""

from cnnlab.check.lesson_04.network import forward, linear
from cnnlab.check.lesson_04.scores import cross_entropy, softmax
from cnnlab.check.lesson_04.slips import find_the_slip

EXERCISES = [linear, softmax, cross_entropy, forward, find_the_slip]
