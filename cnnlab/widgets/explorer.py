"""What all explorers share: controls above a view, which can be pointed at, or is plain HTML where it cannot."""

from contextlib import contextmanager
from dataclasses import replace

from cnnlab.markup import Html, macros
from cnnlab.widgets.pointing import pointing_available, pointing_view


class Explorer:
    """Controls, and a view that is drawn anew when one is moved or a cell is pointed at; shows itself in a notebook.

    `controls` are widgets by name, `state` has the numbers, `view.value` the HTML. A subclass has a title, and says
    what happens when a control was `changed` or a cell `pointed` at, and what is to be seen: `html` and `spoken`.
    """

    title = "Explorer"
    invitation = "Run this cell to move the sliders."

    def __init__(self, *rows, first, hover=None, click=False):
        """rows: lists of columns, each a dict of controls; first: the control that counts as moved to begin with.

        hover: whether cells can be pointed at, None for wherever that is possible; click: they have to be clicked.
        """
        import ipywidgets as w

        self.controls = {name: control for row in rows for column in row for name, control in column.items()}
        self.state = None
        self._quiet = False  # controls are being set, not moved by a person
        self._given_up = {}
        hover = pointing_available() if hover is None else hover
        self.view = pointing_view(self._point, click) if hover else w.HTML()
        flow = w.Layout(display="flex", flex_flow="row wrap", align_items="flex-start")
        boxes = [w.HBox([w.VBox([*column.values()]) for column in row], layout=flow) for row in rows]
        self.widget = w.VBox([*boxes, self.view])
        for name, control in self.controls.items():
            if isinstance(control, w.Button):
                control.on_click(lambda _, name=name: self._moved(name))
            elif not isinstance(control, w.Play):  # it moves a slider, in the browser
                control.observe(lambda change, name=name: self._moved(name), names="value")
        self._moved(first)

    def changed(self, name):
        """Make the state anew, after a person moved the control of that name, or pressed it."""
        raise NotImplementedError

    def pointed(self, grid, place):
        """Make the state anew, after a cell (i, j) of a grid, "in", "weight" or "out", was pointed at.

        With the grid "step" it is the way that an arrow key goes: (−1, 0), (1, 0), (0, −1) or (0, 1).
        """

    def html(self):
        """The present state as HTML."""
        raise NotImplementedError

    def spoken(self):
        """The present state in words, for a screen reader."""
        raise NotImplementedError

    def still(self):
        """The view for where no kernel stands behind it, as HTML."""
        return macros("explorer").still(Html(self.view.value), self.invitation)

    def value(self, name):
        """The value of a control."""
        return self.controls[name].value

    def set(self, **values):
        """Set controls, without taking each for a person's move."""
        with self.quietly():
            for name, value in values.items():
                self.controls[name].value = value

    @contextmanager
    def quietly(self):
        """Within this block no change of a control counts as a person's move."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def asked(self, state, ask, which=None):
        """What the learner's function says of a state: ask(state) -> (the state with it, whether it never came back).

        A function that never came back is asked no more: the state `says` so instead. which: its name, where there are
        several.
        """
        if which in self._given_up:
            return replace(state, says=self._given_up[which])
        state, endless = ask(state)
        if endless:
            self._given_up[which] = given_up(state.says)
        return state

    def draw(self):
        """Show the present state."""
        if hasattr(self.view, "spoken"):
            self.view.spoken = self.spoken()
        self.view.value = str(self.html())

    def _moved(self, name):
        if not self._quiet:
            self.changed(name)
            self.draw()

    def _point(self, grid, place):
        if len(place) != 2 or not all(isinstance(k, int) for k in place):
            return
        before = self.state
        self.pointed(grid, tuple(place))
        if self.state != before:
            self.draw()

    def _ipython_display_(self):
        from IPython.display import display

        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        data = {"text/plain": repr(self), "text/html": str(self.still())}
        display(data | {"application/vnd.jupyter.widget-view+json": view}, raw=True)

    def __repr__(self):
        return f"{self.title}. {self.spoken()}"


def given_up(says):
    """The sentence about a function that never came back, with what to do about it."""
    return f"{says.rstrip('.')}. Run this cell again when it is mended."
