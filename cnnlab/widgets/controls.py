"""The explorers' controls, all of one size. Ordinary ipywidgets, of version 7 or 8."""

WORDS, WIDE = "84px", "300px"


def slider(text, value, least, most, *, words=WORDS, wide=WIDE, at_rest=False):
    """A slider for whole numbers. at_rest: says its value when it is let go, not on the way."""
    import ipywidgets as w

    how = {"style": {"description_width": words}, "layout": w.Layout(width=wide), "continuous_update": not at_rest}
    return w.IntSlider(value=value, min=least, max=most, description=text, **how)


def fraction_slider(text, value, least, most):
    """A slider for numbers with one digit behind the point."""
    import ipywidgets as w

    how = {"style": {"description_width": WORDS}, "layout": w.Layout(width=WIDE), "readout_format": ".1f"}
    return w.FloatSlider(value=value, min=least, max=most, step=0.1, description=text, **how)


def menu(text, options, value=None, *, wide=WIDE):
    """A menu of words, or of (words, value); the first of them is chosen where `value` is None."""
    import ipywidgets as w

    how = {"style": {"description_width": WORDS}, "layout": w.Layout(width=wide)}
    chosen = {} if value is None else {"value": value}
    return w.Dropdown(options=list(options), description=text, **chosen, **how)


def choice():
    """Radio buttons, none of them chosen and no options yet, as wide as their words."""
    import ipywidgets as w

    return w.RadioButtons(options=[], layout=w.Layout(width="auto"))


def button(text, tooltip="", *, wide="126px"):
    """A button."""
    import ipywidgets as w

    return w.Button(description=text, tooltip=tooltip, layout=w.Layout(width=wide))


def number_box(text, value, least, most):
    """A small box for a whole number."""
    import ipywidgets as w

    how = {"style": {"description_width": WORDS}, "layout": w.Layout(width="170px")}
    return w.BoundedIntText(value=value, min=least, max=most, description=text, **how)


def text_box(text, *, wide="330px", high="200px"):
    """A box for several lines, which says its text when it is left."""
    import ipywidgets as w

    how = {"style": {"description_width": WORDS}, "layout": w.Layout(width=wide, height=high)}
    return w.Textarea(description=text, continuous_update=False, **how)
