"""From the tutorial's training loop to a fast one, one rung at a time. Lessons 08 and 09, and bench/, stand on it.

networks   the networks that are trained
tutorial   the loop that every tutorial shows: the first rung
fast       the loop that keeps its data on the device, and all that can be switched on in it
muon       an optimiser that gives every direction of a weight matrix the same step
memory     freed memory kept for the next step
shifts     pictures moved and mirrored on the device
whiten     a first layer that is computed from the pictures
quick, residual   two networks for CIFAR-10 on a GPU
measure    a clock that leaves evaluation out, and what it has seen
mnist      the rungs of lesson 08
cifar10    the rungs of lesson 09
"""
