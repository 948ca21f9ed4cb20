"""Attacks on the judge itself: what is small to hand in, and long or large to read, to clean, to compare or to tell."""

import base64

from tests.course.grading.hostile import MOST, attack

LONG = 79_000  # characters: just fewer than a cell may have


@attack
def quotes_that_never_close(nb):
    """A broken cell of 20,000 escaped quotes in threes, each of which may begin a string that goes on to the end."""
    nb.wrong()
    nb.add("%time\nx = = 1\n" + '\\"""' * (LONG // 4))


@attack
def spaces_and_no_sign(nb):
    """A broken cell with a line of 79,000 spaces, in search of the = of an assignment."""
    nb.wrong()
    nb.add("x = = 1\ny" + " " * LONG + "z")


@attack
def prompts_and_indentation(nb):
    """Broken cells of prompts upon prompts and of indentation that no two lines have in common, to be taken off."""
    nb.wrong()
    nb.add(">>> " * (LONG // 4))
    nb.add("\n".join([">>> x = ("] * (LONG // 9)))
    nb.add("\n".join(" " * k + "\t" * (390 - k) + "x = (" for k in range(200)))


@attack
def names_and_commas(nb):
    """A broken cell with 19,000 names on one line and no =, with spaces before them."""
    nb.wrong()
    nb.add("x = = 1\n" + " " * 20_000 + "a, " * 19_000)


@attack
def async_spaces(nb):
    """A broken cell of lines that begin like functions, async and then spaces, to have names looked for."""
    nb.wrong()
    nb.add("\n".join(["x = = 1", *["async" + " " * 1_500 + "d"] * 50]))


@attack
def two_megabytes_in_dense_cells(nb):
    """Adds 24 cells of 79,000 letters each, all operators, to be parsed as often as they are looked at."""
    nb.wrong()
    nb.document["cells"][2:2] = [code("x = 1" + "+a" * (LONG // 2), k) for k in range(24)]


@attack
def six_megabytes_of_code(nb):
    """Adds 80 such cells: refused before the first of them is parsed."""
    nb.wrong()
    nb.document["cells"][2:2] = [code("x = 1" + "+a" * (LONG // 2), k) for k in range(80)]


@attack
def empty_lines_by_the_million(nb):
    """Text cells of three million empty lines, trimmed whenever a cell is compared."""
    nb.wrong()
    nb.document["cells"] += [text("\n" * 90_000 + str(k), k) for k in range(35)]


@attack
def ten_megabytes_of_words(nb):
    """Text cells of ten million letters, all in words of their own: refused by their length."""
    nb.wrong()
    words = " ".join(f"{k:x}" for k in range(16_000))
    nb.document["cells"] += [text(words + str(k), k) for k in range(120)]


@attack
def one_id_two_thousand_times(nb):
    """Two thousand cells with one grade_id, each of which might be the solution."""
    nb.wrong()
    twin = nb.cell("count_parameters_dense")
    nb.document["cells"] += [twin | {"id": f"twin-{k}", "source": f"x = {k}\n" * 50} for k in range(1_900)]


@attack
def two_thousand_errors(nb):
    """Cells that each raise with a page of text: a record holds the first of them."""
    nb.wrong()
    nb.document["cells"][2:2] = [code("raise ValueError('no ' * 10_000)", k) for k in range(900)]


@attack
def three_million_pieces(nb):
    """Outputs of 1.4 million small objects, just fewer pieces than are read: dropped with all outputs."""
    nb.wrong()
    nb.document["cells"][1]["outputs"] = [{"data": {"x": [{}] * 1_400_000}}]


@attack
def attachments_with_long_names(nb):
    """Pasted pictures whose names have a million letters: names are cut before they are looked at."""
    nb.wrong()
    pictures = {f"{k}\x07" * 400_000: {"image/png": "aGVsbG8="} for k in range(3)}
    nb.document["cells"].append(text("![](attachment:0)", 1) | {"attachments": pictures})


def code(source, k):
    return {
        "cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, "id": f"own-{k}"
    }  # fmt: skip


def text(source, k):
    return {"cell_type": "markdown", "metadata": {}, "source": source, "id": f"text-{k}"}


def answer(nb, source):
    nb.wrong()
    nb.cell("why")["source"] = source


@attack
def a_picture_shown_a_thousand_times(nb):
    """An answer that shows one pasted picture of 5 MB a thousand times: 5 GB of HTML, had it to be rendered."""
    answer(nb, "![](attachment:a.png)" * 1_000)
    nb.cell("why")["attachments"] = {"a.png": {"image/png": base64.b64encode(bytes(5 << 20)).decode()}}


@attack
def one_link_named_two_thousand_times(nb):
    """An answer that defines an address of 15,000 letters and refers to it two thousand times."""
    answer(nb, f"[a]: data:image/png;base64,{'A' * 15_000}\n\n" + "![][a] " * 2_000)


@attack
def formulas_that_never_end(nb):
    """An answer of 10,000 beginnings of formulas, each searched for its end to the end of the text."""
    answer(nb, "\\\\[" * 10_000)


@attack
def environments_that_never_end(nb):
    """The same with environments of LaTeX, every one with a name of its own."""
    answer(nb, "".join(f"\\begin{{{'abcdefghij'[k % 10]}}}" for k in range(2_500)))


@attack
def brackets_and_stars(nb):
    """An answer of brackets, stars and backticks in rows of growing length, all of them unclosed."""
    answer(nb, "".join("[" * (k % 30) + "*" * (k % 7) + "`" * (k % 40) + "![](" for k in range(600)))


@attack
def quotations_within_lists(nb):
    """An answer that nests quotations and lists a hundred deep, line after line."""
    answer(nb, "\n".join("> - " * (k % 100) + "1. x" for k in range(140)))


@attack
def a_lexer_for_every_language(nb):
    """An answer with code in languages whose highlighters are slow: shown plain."""
    languages = ("perl", "ruby", "scala", "haskell", "mathematica", "sql", "html", "jinja", "tcl", "bash")
    answer(nb, "\n".join(f"```{name}\n{'<%= q{' * 40}{'((' * 200}{chr(34) * 99}\n```" for name in languages))


@attack
def tags_that_never_close(nb):
    """An answer of 10,000 elements that are begun, with attributes, entities and comments half written."""
    answer(nb, "<b><a href='" * 900 + "<!-" * 900 + "&lt" * 900 + "</" * 900 + "<b a=" * 900)


@attack
def escapes_that_never_end(nb):
    """Answers and error messages of half written terminal escapes."""
    answer(nb, "\x1b[" * 4_000 + "\x1b[0;" * 4_000)
    nb.correlate("raise ValueError('\\x1b[' * 200 + '0;' * 100)")


@attack
def forty_six_megabytes_of_bytes(nb):
    """Returns 46 MB of bytes in each call, eight times as much once they are compared: refused where they are made."""
    nb.correlate("return np.zeros((46 << 10, 1 << 10), np.uint8)")


@attack
def forty_six_megabytes_past_the_copy(nb):
    """The same, by a worker whose own look at the size is patched away: the judge does not read so long a frame."""
    nb.correlate(
        "return np.zeros((46 << 10, 1 << 10), np.uint8)",
        """
        import sys
        subject = sys.modules["cnnlab.check.subject"]
        subject.plain = lambda value, *room: value
    """,
    )


@attack
def another_shape_in_eight_axes(nb):
    """Returns the right number of numbers in eight axes, for a reader that tries all their orders."""
    nb.correlate("return np.zeros((1, 2, 1, 2, 1, 2, 1, 2))")


@attack
def nearly_a_megabyte_in_another_shape(nb):
    """Returns 120,000 numbers where six are right, all different, to be sorted, drawn and explained."""
    nb.correlate("return np.arange(120_000.0).reshape(300, 400)")


@attack
def ten_thousand_counts(nb):
    """Returns a list of 10,000 numbers of a thousand digits, for a sentence that lists them."""
    nb.count("return [(1 << 3_990) + k for k in range(10_000)]")


@attack
def a_dict_of_long_names(nb):
    """Returns a dict of 10,000 unexpected names."""
    nb.count("return {f'{k}' * 40: k for k in range(10_000)}")


@attack
def rows_of_unequal_length(nb):
    """Returns lists in lists of unequal length where an array is right."""
    nb.correlate("return [[float(k)] * (k % 99) for k in range(400)]")


@attack
def arguments_that_grew(nb):
    """Leaves its argument a hundred times larger than it was, so that it does not fit through the pipe."""
    nb.correlate("image.resize((4_000, 4_000), refcheck=False)\nreturn np.zeros((2, 2))")


@attack(earns=MOST)
def a_long_answer_with_a_picture_in_it(nb):
    """An honest answer of two pages with a picture of 2 MB written into its text, as Colab does: the words are read."""
    nb.right()
    picture = base64.b64encode(bytes(1_500_000)).decode()
    nb.cell("why")["source"] = (
        f"It moves. ![plot](data:image/png;base64,{picture})\n\n" + "And so on, word by word. " * 90
    )
