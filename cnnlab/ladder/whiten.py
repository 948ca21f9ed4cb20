"""A first layer that is computed from the pictures in place of learned from their labels.

After A. Coates and A. Ng (2011) and K. Jordan's airbench (2024). Its outputs are uncorrelated and of equal size from
the first step on, and since nothing in it is learned, the backward pass can end after it.
"""

from __future__ import annotations

import torch
from torch.nn import functional


@torch.no_grad()
def whiten(conv, images, eps=5e-4):
    """Set a conv's kernels to the leading whitened principal components of the pictures' patches, and their negatives.

    images: (N, C, H, W), normalised. Patches have C·kh·kw numbers, so conv, with an even number of channels that go
    out, can have 2·C·kh·kw at most. Both signs, because what follows (ReLU, GELU) keeps only one side. eps: added
    to the variances, so that components that hardly ever occur stay small.
    """
    size, half = conv.weight[0].numel(), conv.out_channels // 2
    if conv.out_channels % 2 or half > size:
        raise ValueError(
            f"{conv.out_channels} channels can't be whitened: patches of {size} numbers have {size} components, "
            f"each with both signs; use an even number up to {2 * size}"
        )
    patches = functional.unfold(images.float(), conv.kernel_size)  # (N, size, places)
    count = len(patches) * patches.shape[2]
    mean = patches.mean((0, 2))
    covariance = torch.einsum("nip,njp->ij", patches, patches) / count - torch.outer(mean, mean)
    values, vectors = torch.linalg.eigh(covariance)  # the smallest first
    kernels = (vectors / torch.sqrt(values.clamp_min(0) + eps)).T.flip(0)[:half].reshape(half, *conv.weight.shape[1:])
    conv.weight.copy_(torch.cat([kernels, -kernels]))
    if conv.bias is not None:
        conv.bias.zero_()
