"""Lesson 06, AlexNet: its exercises, in the lesson's order."""

from cnnlab.check.lesson_06.answers import alexnet_answers
from cnnlab.check.lesson_06.counting import macs, parameters
from cnnlab.check.lesson_06.field import receptive_field
from cnnlab.check.lesson_06.model import build_alexnet
from cnnlab.check.lesson_06.shapes import conv_shape, pool_shape, trace

EXERCISES = [conv_shape, pool_shape, trace, parameters, macs, receptive_field, alexnet_answers, build_alexnet]
