"""Lesson 03, activations and pooling: its exercises, in the lesson's order."""

from cnnlab.check.lesson_03.activations import leaky_relu, relu, sigmoid
from cnnlab.check.lesson_03.collapsing import collapse
from cnnlab.check.lesson_03.pooling import avg_pool2d, global_avg_pool, max_pool2d
from cnnlab.check.lesson_03.shifting import equivariance_gap, invariance_gap

EXERCISES = [
    relu,
    leaky_relu,
    sigmoid,
    collapse,
    max_pool2d,
    avg_pool2d,
    invariance_gap,
    equivariance_gap,
    global_avg_pool,
]
