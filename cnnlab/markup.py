"""HTML from Jinja2 templates (cnnlab/templates): what goes in is escaped, but for `Html`, which is HTML already."""

from jinja2 import Environment, PackageLoader, StrictUndefined


class Html(str):
    """Text that is HTML: a template takes it as it is, and a notebook shows it as such."""

    __slots__ = ()

    def __html__(self):
        return str(self)

    _repr_html_ = __html__


TEMPLATES = Environment(
    loader=PackageLoader("cnnlab"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def render(name, **values) -> Html:
    """A template with its values: render("grid", title="dx", …). Raises jinja2.UndefinedError for a value left out."""
    return Html(TEMPLATES.get_template(f"{name}.html").render(values))


def macros(name):
    """The macros of a template as functions that return HTML: macros("explorer").line("good", "all is well")."""
    return TEMPLATES.get_template(f"{name}.html").module
