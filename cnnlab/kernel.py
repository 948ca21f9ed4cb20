"""The notebook around us: whether there is one, and what it shows besides what a cell itself prints."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any


def shell() -> Any:
    """IPython's shell of a notebook's kernel; None elsewhere, a terminal's IPython included."""
    ipython = sys.modules.get("IPython")
    found = None if ipython is None else ipython.get_ipython()
    return found if hasattr(found, "kernel") else None


def show(html: str, words: str, name: str | None = None, again: bool = False) -> None:
    """An output of the cell that runs. words: for where there is no HTML; name: to show another in its place later, by
    again=True, whichever cell runs then."""
    from IPython.display import display

    options = {} if name is None else {"display_id": name, "update": again}
    display({"text/html": str(html), "text/plain": words}, raw=True, **options)


def on_cell_end(function: Callable[[str], None]) -> None:
    """Call function(source) after every cell, below whatever the cell showed, an error included."""
    found = shell()
    if found is None:
        return

    def ended(result: Any) -> None:
        with contextlib.suppress(Exception):
            function(result.info.raw_cell or "")

    found.events.register("post_run_cell", ended)
