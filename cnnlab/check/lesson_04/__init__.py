"""Lesson 04, a whole network forwards: its exercises, in the lesson's order."""

from cnnlab.check.lesson_04.detective import find_the_slip
from cnnlab.check.lesson_04.heads import cross_entropy, linear, softmax
from cnnlab.check.lesson_04.network import forward

EXERCISES = [linear, softmax, cross_entropy, forward, find_the_slip]
