"""The network explorer: a whole small network, live; click a pixel or drag a weight, and all of it is computed anew."""

import numpy as np

from cnnlab.check.grid import cell_width, grid_html, number, row_html
from cnnlab.check.subject import name_of
from cnnlab.data.worked_example import own_example
from cnnlab.markup import macros
from cnnlab.widgets.controls import button, fraction_slider, menu, slider
from cnnlab.widgets.explorer import Explorer
from cnnlab.widgets.network import KINDS, MOST, answered, network_of

parts = macros("explorer")
CLASSES = ("nobody", "a person")
NAMES = {"maps": "maps, bias {} added", "active": "after ReLU", "pooled": "pooled, 2 × 2"}
OF = {"logits": "logits, bias added", "p": "probabilities"}
BRIGHTEST = 3  # in the pictures of the lesson


def explore_network(function=None, *, click=None):
    """Lesson 04's own example, live: click a pixel, and it gets brighter; click a weight, and drag it with the slider.

    function: your `forward(params, x)`, (1, 1, 5, 5) -> logits (1, 2); without it, or while it is not written, the
    numbers are the course's own. click: False for menu and sliders only. Returns a NetworkExplorer.
    """
    return NetworkExplorer(function, click)


class NetworkExplorer(Explorer):
    """What `explore_network` returns; `state` is a Network."""

    title = "A live network"
    invitation = "Run this cell to click on pixels and to drag weights."

    def __init__(self, function, click):
        self.function = function
        choose = {
            "grid": menu("change", [(words, grid) for grid, words in KINDS.items()]),
            "row": slider("row", 0, 0, 4),
            "column": slider("column", 0, 0, 4),
        }
        change = {"value": fraction_slider("its number", 0.0, -MOST, MOST), "again": button("start again")}
        super().__init__([choose, change], first="again", hover=click, click=True)

    def changed(self, name):
        if name == "again":
            self._now(network_of(own_example()))
        elif name == "value":
            self._now(self.state.with_value(self.value("value")))
        else:
            self.state = self.state.at(self.value("grid"), (self.value("row"), self.value("column")))

    def pointed(self, grid, place):
        if grid == "step":
            cell = [a + b for a, b in zip(self.state.cell, place, strict=True)]
            self.state = self.state.at(self.state.grid, cell)
            return
        state = self.state.at(grid, place)
        if grid == "in":  # a pixel that is clicked gets brighter; the brightest one dark
            state = state.with_value(0 if state.value >= BRIGHTEST else np.floor(state.value) + 1)
        self._now(state)

    def _now(self, state):
        self.state = self.asked(state, lambda state: answered(state, self.function))

    def draw(self):
        with self.quietly():
            self.controls["grid"].value = self.state.grid
            for name, side, place in zip(("row", "column"), self.state.numbers.shape, self.state.cell, strict=True):
                control = self.controls[name]
                control.max, control.value = side - 1, place
            # The browser's slider says 0.3 as 0.2999999999999998; set to and fro, it would lose what is slid meanwhile.
            if round(self.controls["value"].value, 1) != self.state.value:
                self.controls["value"].value = self.state.value
        super().draw()

    def html(self):
        state = self.state
        lit = {grid: {state.cell} if grid == state.grid else frozenset() for grid in KINDS}
        picture = grid_html(
            state.image, title="picture", lit=lit["in"], cell_name="in", pixels=(0, max(BRIGHTEST, state.image.max()))
        )
        kernel = grid_html(state.kernel, title="kernel", lit=lit["weight"], cell_name="weight")
        seeing = [picture, "∗", kernel]
        for name, title in NAMES.items():
            told = title.format(number(state.bias))
            seeing += ["→", grid_html(state.steps[name], title=told, lit=state.moved[name], cell_width="2.2em")]
        features = state.steps["pooled"].reshape(1, -1)
        moved = {(0, i * state.steps["pooled"].shape[1] + j) for i, j in state.moved["pooled"]}
        weights = grid_html(
            state.fc_weight,
            title="dense weights",
            lit=lit["out"],
            cell_name="out",
            row_names=CLASSES,
            cell_width="2.6em",
        )
        logits = state.steps["logits"] if state.yours is None else state.yours
        deciding = [grid_html(features, title="features", lit=moved, cell_width="2.6em"), "·", weights, "→"]
        for name, values in (("logits", logits), ("p", state.steps["p"])):
            marked = {(k, 0) for k in range(len(values))} if name == "logits" and state.wrong else frozenset()
            column = np.asarray(values)[:, None]
            wide = cell_width(column, least=3.2)
            deciding += [
                grid_html(column, title=OF[name], lit=state.moved[name] - marked, marked=marked, cell_width=wide),
                "→",
            ]
        shown = [row_html(seeing), row_html(deciding[:-1]), parts.line("see", _verdict(state)), *self._yours()]
        return parts.view(repr(self), shown)

    def _yours(self):
        if self.function is None:
            return []
        state, whose = self.state, f"your `{name_of(self.function)}`"
        if state.yours is None:
            return [parts.line("calm", f"{state.says.rstrip('.')}; the course's own numbers stand in.")]
        if state.wrong:
            right = ", ".join(number(v) for v in state.steps["logits"])
            return [parts.line("bad", f"The logits of {whose} differ from the true ones: {right}.")]
        return [parts.line("good", f"The logits are those of {whose}, and right.")]

    def spoken(self):
        state = self.state
        i, j = state.cell
        return f"{KINDS[state.grid]}[{i}, {j}] is {number(state.value)}. {_verdict(state)}"


def _verdict(state):
    p, loss = state.steps["p"], state.steps["loss"]
    says, truth = CLASSES[int(p.argmax())], CLASSES[state.label]
    moved = [name for name in ("maps", "active", "pooled", "logits") if state.moved[name]]
    words = {"maps": "the maps", "active": "ReLU", "pooled": "the pool", "logits": "the logits"}
    reached = ""
    if state.before is not None:
        reached = (
            f" The last change got as far as {words[moved[-1]]}." if moved else " The last change changed no step."
        )
    return f"It says “{says}” with {p.max():.1%}; right is “{truth}”, so the loss is {loss:.4f}.{reached}"
