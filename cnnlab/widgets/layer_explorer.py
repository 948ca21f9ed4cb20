"""An explorer of a list of layers: lists to start from, the list as text, and buttons that add to it."""

from cnnlab.markup import macros
from cnnlab.widgets.controls import button, menu, text_box
from cnnlab.widgets.explorer import Explorer
from cnnlab.widgets.layer_text import read_layers, write_layers

REMOVE = "remove last"

parts = macros("explorer")


class LayerExplorer(Explorer):
    """Its view is a figure, with nothing to point at.

    starts: {name: layers} for a menu called `kind`; add: {text of a button: the layer that it adds}; settings: a column
    of other controls.
    """

    invitation = "Run this cell to change the layers."

    def __init__(self, kind, starts, add, settings):
        self._kind, self._starts, self._add = kind, starts, add
        first = {kind: menu(kind, starts, wide="330px"), "layers": text_box("layers")}
        buttons = [{text: button(text)} for text in (*add, REMOVE)]
        super().__init__([first, settings], buttons, first=kind, hover=False)

    def layers(self, name):
        """The layers that stand there after that control was moved, and what can not be read, a sentence or ""."""
        if name == self._kind:
            self.set(layers=write_layers(self._starts[self.value(name)]))
        if name in (*self._add, REMOVE):
            layers, problem = read_layers(self.value("layers"))
            if not problem:  # what is being written stays as it is
                self.set(layers=write_layers(layers[:-1] if name == REMOVE else [*layers, self._add[name]]))
        return read_layers(self.value("layers"))

    def layers_view(self, lines, picture):
        """Lines of words, without those that are empty, and a Picture below them, as HTML."""
        return parts.view(self.title, [*map(parts.words, filter(None, lines)), picture.html()])
