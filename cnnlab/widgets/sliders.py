"""What small explorers share: controls above a view that can be pointed at, or is plain HTML where it cannot."""

from cnnlab.widgets.hover import hover_available, hover_view

STYLE = {"description_width": "84px"}


def slider(text, value, least, most):
    """A whole-number slider of the course's width."""
    import ipywidgets as w

    return w.IntSlider(value=value, min=least, max=most, description=text, style=STYLE, layout=w.Layout(width="300px"))


def menu(text, options, value):
    """A menu of the course's width."""
    import ipywidgets as w

    return w.Dropdown(options=options, value=value, description=text, style=STYLE, layout=w.Layout(width="300px"))


class SliderExplorer:
    """Shows itself. `controls`: widgets by name; a subclass makes `state` from their values and draws it.

    Subclasses have: title; changed(name) after a control was moved; pointed(grid, place) after a cell was pointed at;
    html() and spoken() of the present state.
    """

    title = "Explorer"

    def __init__(self, columns, hover=None):
        import ipywidgets as w

        self.controls = {name: control for column in columns for name, control in column.items()}
        self.quiet = False  # controls are being set, not moved by a person
        hover = hover_available() if hover is None else hover
        self.view = hover_view(self._point) if hover else w.HTML()
        row = w.Layout(display="flex", flex_flow="row wrap", align_items="flex-start")
        boxes = [w.VBox(list(column.values())) for column in columns]
        self.widget = w.VBox([w.HBox(boxes, layout=row), self.view])
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: self._moved(name), names="value")

    def value(self, name):
        return self.controls[name].value

    def set(self, **values):
        """Set controls without taking each for a person's move."""
        self.quiet = True
        for name, value in values.items():
            self.controls[name].value = value
        self.quiet = False

    def draw(self):
        if hasattr(self.view, "spoken"):
            self.view.spoken, self.view.html = self.spoken(), str(self.html())
        else:
            self.view.value = str(self.html())

    def _moved(self, name):
        if not self.quiet:
            self.changed(name)
            self.draw()

    def _point(self, grid, place):
        if len(place) == 2 and all(isinstance(k, int) for k in place):
            self.pointed(grid, tuple(place))
            self.draw()

    def _ipython_display_(self):
        from IPython.display import display

        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        still = f"<div>{self.html()}<p><i>Run this cell to move the sliders.</i></p></div>"
        data = {"text/plain": repr(self), "text/html": still}
        display(data | {"application/vnd.jupyter.widget-view+json": view}, raw=True)

    def __repr__(self):
        return f"{self.title}. {self.spoken()}"
