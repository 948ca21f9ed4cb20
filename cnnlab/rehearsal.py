"""A lesson that is run for its cells and not for its numbers: the tests set CNNLAB_REHEARSAL."""

from __future__ import annotations

import os
from typing import TypeVar

Amount = TypeVar("Amount", int, float)


def rehearsed(amount: Amount, share: int = 10) -> Amount:
    """How much there is to learn: `amount` of epochs or pictures (int), or of seconds (float); in a rehearsal one
    `share`-th of it, of what is counted at least 1."""
    if not os.environ.get("CNNLAB_REHEARSAL"):
        return amount
    return max(1, amount // share) if isinstance(amount, int) else amount / share
