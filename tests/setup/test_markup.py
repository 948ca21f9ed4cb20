"""Templates: every value is escaped on its way into HTML, and one that is left out is an error."""

import re

import jinja2
import pytest

from cnnlab.markup import TEMPLATES, Html, macros, render


def test_text_is_escaped_and_html_is_not():
    shown = render("row", parts=["<b>", Html("<i>ready</i>")])
    assert isinstance(shown, Html)
    assert "&lt;b&gt;" in shown
    assert "<i>ready</i>" in shown


def test_a_value_that_is_left_out_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="alt"):
        render("picture", width=1, data="")


def test_what_stands_between_back_ticks_is_code():
    line = macros("explorer").line("calm", "your `<f>` and `g` are right")
    assert "○" in line
    assert "your <code>&lt;f&gt;</code> and <code>g</code> are right" in " ".join(line.split())


@pytest.mark.parametrize("name", TEMPLATES.list_templates())
def test_no_template_switches_escaping_off(name):
    source, *_ = TEMPLATES.loader.get_source(TEMPLATES, name)
    assert not re.search(r"\|\s*safe|autoescape|Markup", source)
