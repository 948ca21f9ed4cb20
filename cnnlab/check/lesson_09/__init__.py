"""Lesson 09, training on CIFAR-10: its exercises, in the lesson's order."""

from cnnlab.check.lesson_09.flips import predict_with_flips, random_crop_flip
from cnnlab.check.lesson_09.networks import build_residual_net, build_small_cnn
from cnnlab.check.lesson_09.numbers import accuracy_by_class, one_cycle

EXERCISES = [
    random_crop_flip,
    build_small_cnn,
    one_cycle,
    build_residual_net,
    predict_with_flips,
    accuracy_by_class,
]
