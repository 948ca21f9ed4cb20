"""A view that can be pointed at: shows HTML and reports the cell under the pointer; its script is in this folder."""

import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent


def pointing_available():
    """Can cells be pointed at? Needs anywidget, and a front end that loads it: Colab's does not without being asked."""
    return "google.colab" not in sys.modules and find_spec("anywidget") is not None


def pointing_view(on_place, click=False):
    """A widget with `value`, its HTML, and `spoken`, the words for a screen reader, to be set before it.

    on_place(grid, (i, j)) is called with grid "in", "weight" or "out" and the place in a cell's data-in, data-weight or
    data-out, or with grid "step" and the way that an arrow key points. click: a cell has to be clicked, not pointed at.
    """
    import anywidget
    import traitlets

    class PointingView(anywidget.AnyWidget):
        _esm = (HERE / "pointing.js").read_text(encoding="utf-8")
        _css = (HERE / "pointing.css").read_text(encoding="utf-8")
        value = traitlets.Unicode("").tag(sync=True)
        spoken = traitlets.Unicode("").tag(sync=True)
        click = traitlets.Bool(False).tag(sync=True)

    view = PointingView(click=click)
    view.on_msg(lambda _, content, buffers: on_place(content.get("grid"), tuple(content.get("place", ()))))
    return view
