"""Lesson 05, backpropagation through convolution: its exercises, in the lesson's order."""

from cnnlab.check.lesson_05.convolution import conv2d_backward
from cnnlab.check.lesson_05.dense import linear_backward, relu_backward, softmax_cross_entropy_backward
from cnnlab.check.lesson_05.descent import numerical_gradient, train_step
from cnnlab.check.lesson_05.pooling import avg_pool2d_backward, max_pool2d_backward

EXERCISES = [
    relu_backward,
    linear_backward,
    softmax_cross_entropy_backward,
    max_pool2d_backward,
    avg_pool2d_backward,
    conv2d_backward,
    numerical_gradient,
    train_step,
]
