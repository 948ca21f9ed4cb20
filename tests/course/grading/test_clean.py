"""What a learner writes in words is shown as it was written, and nothing of it acts in the instructor's browser."""

import pytest

from cnnlab.course.grading.clean import clean_markdown, is_harmless, rendered_html, without_escapes

KEPT = [
    "plain **bold**, `a < b`, $a < b$ and 3 < 4 > 2 & 1",
    "> a quotation\n\n- one\n- two\n\n```python\nx < 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "# A heading\n\na <b>word</b>, a [link](https://example.org) and <https://example.org>",
    "<details><summary>more</summary>less</details>",
    "$<script>alert(1)</script>$",
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


def test_a_pasted_picture_is_shown():
    source = "![a plot](attachment:plot.png)"
    assert clean_markdown(source, {"plot.png": {"image/png": "aGVsbG8="}}) == source


def test_terminal_escapes_are_dropped():
    assert without_escapes("\x1b[31mred\x1b[0m\x07 \u009bx\ttab") == "red x\ttab"
