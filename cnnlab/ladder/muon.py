"""Muon: momentum, then a step that has the same length in every direction (K. Jordan et al. 2024)."""

from __future__ import annotations

import torch

from cnnlab.device import processor


def orthogonalise(gradient, steps=3):
    """The nearest matrix to `gradient` (rows, cols) whose singular values are all about 1, by Newton–Schulz steps.

    Each step puts every singular value s through 3.4445 s − 4.7750 s³ + 2.0315 s⁵, which drives (0, 1] towards 1.
    Such a step multiplies X by a polynomial of its Gram matrix X·Xᵀ, which is small: the steps are done on that alone,
    and the long way along the columns is gone twice, whatever the number of steps.
    """
    tall = gradient.shape[0] > gradient.shape[1]
    x = gradient.float() if processor(gradient.device) == "other CPU" else gradient.bfloat16()  # where that is faster
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    gram = (x @ x.T).float()
    factor = None
    for step in range(steps):
        poly = -4.7750 * gram + 2.0315 * gram @ gram
        poly.diagonal().add_(3.4445)
        factor = poly if factor is None else poly @ factor
        if step + 1 < steps:
            gram = poly @ gram @ poly
    x = factor.to(x.dtype) @ x if steps else x
    return (x.T if tall else x).to(gradient.dtype)


class Muon(torch.optim.Optimizer):
    """For weights of two axes or more; a kernel (out, in, kh, kw) counts as a matrix (out, in·kh·kw).

    Biases, norms and the last layer are for another optimiser.
    sized: before each step every weight is scaled to the length √out. A norm behind the layer does not see the
    difference, and a step of size lr turns the weight by the same angle at any time.
    """

    def __init__(self, weights, lr, momentum=0.85, steps=3, sized=False):
        super().__init__(weights, {"lr": lr, "momentum": momentum, "steps": steps, "sized": sized})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["mean"] = torch.zeros_like(weight)
                mean = state["mean"].mul_(group["momentum"]).add_(weight.grad)
                ahead = weight.grad.add(mean, alpha=group["momentum"])  # Nesterov's look ahead
                matrix = ahead.reshape(len(ahead), -1)
                scale = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
                if group["sized"]:
                    weight.mul_(len(weight) ** 0.5 / weight.norm())
                weight.add_(orthogonalise(matrix, group["steps"]).view_as(weight), alpha=-group["lr"] * scale)
