"""What can be wrong with a data set, each a message that says what to do."""

from __future__ import annotations

from cnnlab.settings import Trouble


class DataTrouble(Trouble):
    """In a notebook the message stands alone, without a stack of our frames."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class NotHere(DataTrouble):
    """The data set is not on this machine and could not be downloaded."""


class Damaged(DataTrouble):
    """A file is there, but its content is not what it should be."""


class NoRoom(DataTrouble):
    """The disk is full, or the folder cannot be written."""
