"""The hovering view: shows HTML and reports the cell under the pointer; its script is in this folder."""

import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent


def hover_available():
    """Can cells be pointed at? Needs anywidget, and a front end that loads it: Colab's does not without being asked."""
    return "google.colab" not in sys.modules and find_spec("anywidget") is not None


def hover_view(on_place):
    """A widget with `html` and `spoken`; on_place(grid, (i, j)) is called with grid "out", "in" or "step"."""
    import anywidget
    import traitlets

    class HoverView(anywidget.AnyWidget):
        _esm = (HERE / "hover.js").read_text(encoding="utf-8")
        _css = (HERE / "hover.css").read_text(encoding="utf-8")
        html = traitlets.Unicode("").tag(sync=True)
        spoken = traitlets.Unicode("").tag(sync=True)

    view = HoverView()
    view.on_msg(lambda _, content, buffers: on_place(content.get("grid"), tuple(content.get("place", ()))))
    return view
