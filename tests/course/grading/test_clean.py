"""What a learner writes in words is shown as it was written, and nothing of it acts in the instructor's browser."""

import html
import re

import pytest

from cnnlab.course.grading.clean import clean_markdown, is_harmless, rendered_html, without_escapes
from cnnlab.course.grading.mathematics import draws_alone
from tests.course.conftest import REPOSITORY

ACTS = r"(?<!\\)(?:\\\\)*\\(?:href|url|style|class|cssId|require|unicode|bbox|mmlToken|def|let|label|data|ref)"
CODE = re.compile(r"(<(?:pre|code)\b.*?</(?:pre|code)>)", re.DOTALL)

KEPT = [
    "plain **bold**, `a < b`, $a < b$ and 3 < 4 > 2 & 1",
    "> a quotation\n\n- one\n- two\n\n```python\nx < 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "# A heading\n\na <b>word</b>, a [link](https://example.org) and <https://example.org>",
    "<details><summary>more</summary>less</details>",
    "$<script>alert(1)</script>$",
    r"$\frac{1}{N}\sum_{i=1}^N \log p_i$, $$\mathbf{W} \in \mathbb{R}^{3\times 3}$$ and \(\hat y\)",
    "$$\n\\begin{pmatrix} 1 & 2 \\\\c & d \\\\ \\hline\\end{pmatrix}\n$$",
    r"C:\Users\ada, without a formula, and `\href{x}{y}` beside `$x$` as code",
    "```latex\n$\\href{x}{y}$\n```\n\nand $y$",
]
FORMULAS = [
    r"$\href{javascript:alert(1)}{x}$",
    r"$$\url{https://192.0.2.1}$$",
    r"\(\style{position:fixed;top:0}{x}\) \[\class{button}{y}\] $\cssId{why}{z}$",
    r"$\require{html} \unicode[Times]{x41} \bbox[red,border:9px]{x} \mmlToken{mi}[href='//192.0.2.1']{x}$",
    r"$\def\a#1{\href{//192.0.2.1}{#1}} \newcommand\b{\a} \let\c\a \c{x}$",
    "\\begin{align} x \\label{a} \\\\ \\href{//192.0.2.1}{y} \\end{align}",
    r"$x$ &#92;href{javascript:alert(1)}{x} $y$",
    r"&#36;&#92;href{//192.0.2.1}{x}&#36;",
    r"\\(\\href{javascript:alert(1)}{x}\\)",
    r"\\\\(\\\\\href{javascript:alert(1)}{x}\\\\)",
    "`a` $`\\href{//192.0.2.1}{x}$ ``",
    r"$\hr<b></b>ef{x}$ $\ref{a} \eqref{a} \label{a} \data{x=1}{y} \texthtml{<img>} \htmlClass{a}{x}$",
    r"$\kern-9999px \rule{99em}{99em} \color{white}{no} \enclose{box}[mathbackground=red]{x}$",
    r"$\toggle{a}{b}\endtoggle \mathtip{a}{b} \texttip{a}{b} \mathchardef \Newextarrow{\x}{1}{2} \setOptions{a}$",
]
CHANGED = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[a]: javascript:alert(1)\n\n[a]",
    "<a href='jav&#x61;script:alert(1)'>x</a>",
    "<img src=x onerror=alert(1)>",
    "![](http://tracker.example/x.png)",
    "![](attachment:missing.png)",
    "```mermaid\n</pre><script>alert(1)</script>\n```",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<!-- --><script>alert(1)</script>",
    "</div></div></div>the page after this cell",
    "<div style='position:fixed;inset:0'>over everything</div>",
    "<iframe src='https://example.org'></iframe>",
    "<details>never closed",
    *FORMULAS,
]


@pytest.mark.parametrize("source", KEPT)
def test_honest_markdown_stays_as_it_was_written(source):
    assert clean_markdown(source) == source


@pytest.mark.parametrize("source", CHANGED)
def test_whatever_could_act_is_taken_out_or_shown_as_text(source):
    cleaned = clean_markdown(source)
    assert cleaned != source
    assert cleaned.strip()
    assert is_harmless(rendered_html(cleaned, None))


@pytest.mark.parametrize("source", FORMULAS)
def test_formulas_make_no_links_styles_and_commands(source):
    shown = html.unescape(CODE.sub("", rendered_html(clean_markdown(source), None)))
    assert re.search(ACTS, shown) is None or not re.search(r"\$|\\[(\[]|\\begin", shown)


def test_what_is_left_of_a_formula_is_its_mathematics():
    assert (
        clean_markdown(r"$\href{//192.0.2.1}{x} + \color{white}{y} + \foo{z} \\ \sum$")
        == r"${x} + {y} + foo{z} \\ \sum$"
    )


def test_every_command_of_the_courses_own_pages_may_be_used():
    pages = [path.read_text(encoding="utf-8") for path in REPOSITORY.glob("solutions/*/*.md")]
    formulas = [found for page in pages for found in re.findall(r"\$\$.+?\$\$|\$[^$\n]+\$", page, re.DOTALL)]
    assert sum("\\" in formula for formula in formulas) > 20
    assert [formula for formula in formulas if not draws_alone(formula)] == []


def test_a_pasted_picture_is_shown():
    source = "![a plot](attachment:plot.png)"
    assert clean_markdown(source, {"plot.png": {"image/png": "aGVsbG8="}}) == source


def test_terminal_escapes_are_dropped():
    assert without_escapes("\x1b[31mred\x1b[0m\x07 \u009bx\ttab") == "red x\ttab"
