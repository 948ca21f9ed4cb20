"""A lesson that is run for its cells and not for its numbers: the tests set CNNLAB_REHEARSAL."""

from __future__ import annotations

import os


def rehearsed(amount: int) -> int:
    """How much there is to learn: `amount` of seconds, epochs or pictures; in a rehearsal a tenth of it, at least 1."""
    return max(1, amount // 10) if os.environ.get("CNNLAB_REHEARSAL") else amount
