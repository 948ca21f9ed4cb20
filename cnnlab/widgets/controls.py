"""The explorer's sliders and menus. Ordinary ipywidgets, of version 7 or 8."""

SLIDERS = {
    "size": ("input size", 2, 10),
    "kernel_size": ("kernel size", 1, 5),
    "padding": ("padding", 0, 3),
    "stride": ("stride", 1, 4),
    "dilation": ("dilation", 1, 3),
}
MENUS = {"example": "start from", "picture": "picture", "kernel": "kernel"}


def make_controls(start, options):
    """The controls by name. start: {name: value}; options: {menu's name: list of choices}."""
    import ipywidgets as w

    style, wide = {"description_width": "84px"}, w.Layout(width="300px")
    controls = {
        name: w.Dropdown(options=options[name], value=start[name], description=text, style=style, layout=wide)
        for name, text in MENUS.items()
    }
    for name, (text, least, most) in SLIDERS.items():
        controls[name] = w.IntSlider(
            value=start[name], min=least, max=max(most, start[name]), description=text, style=style, layout=wide
        )
    narrow = w.Layout(width="40px")
    controls["back"] = w.Button(description="◀", tooltip="one place back", layout=narrow)
    controls["next"] = w.Button(description="▶", tooltip="one place on", layout=narrow)
    controls["step"] = w.IntSlider(
        value=1, min=1, max=1, description="step", style={"description_width": "40px"}, layout=w.Layout(width="260px")
    )
    controls["play"] = w.Play(value=1, min=1, max=1, interval=700)
    return controls


def lay_out(controls, view):
    """Menus and input size on the left, the other sliders on the right; below them the steps and the view."""
    import ipywidgets as w

    def column(*names):
        return w.VBox([controls[name] for name in names])

    row = w.Layout(display="flex", flex_flow="row wrap", align_items="center")
    settings = w.HBox(
        [column("example", "picture", "kernel", "size"), column("kernel_size", "padding", "stride", "dilation")],
        layout=row,
    )
    steps = w.HBox([controls[name] for name in ("back", "next", "step", "play")], layout=row)
    w.jslink((controls["play"], "value"), (controls["step"], "value"))
    return w.VBox([settings, steps, view])
