"""What goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

from cnnlab.check.exercise import Mistake

ANSWERS: list[Mistake] = []
