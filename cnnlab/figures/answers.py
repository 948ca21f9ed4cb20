"""What functions answer: the learner's own are called with care, and the picture stays calm whatever they do."""

import numpy as np

from cnnlab.figures.board import Board
from cnnlab.figures.style import PURPLE, SOFT, Picture, read_out


def answer_of(function, *args, shape=None, seconds=2.0):
    """Call a learner's function with care: (array of float64, None), or (None, one sentence about what is the matter).

    shape: what the array has to have, any where it is None; seconds: how long the call may take. Raises nothing.
    """
    from cnnlab.check import ask

    answer = ask(function, *args, seconds=seconds)
    if answer.problem:
        return None, answer.problem
    value = answer.value
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        return None, f"`{answer.name}` returned no array of numbers."
    if shape is not None and value.shape != tuple(shape):
        return None, f"`{answer.name}` returned shape {value.shape}; {tuple(shape)} is expected."
    return value.astype(float), None


def show_answers(image, kernel, title="", **functions) -> Picture:
    """One picture and one kernel, and what each of the functions makes of them, side by side.

    image: (H, W), kernel: (kh, kw), any numbers; functions: by name, each (image, kernel) -> 2-D array of up to 12 ×
    12. One that is not written yet or fails gets a sentence in its place.
    """
    image, kernel = np.asarray(image), np.asarray(kernel)
    board = Board(title)
    high = max(image.shape[0], kernel.shape[0])
    x, _ = board.grid(image, 0, (high - image.shape[0]) / 2, title="image")
    x, _ = board.grid(kernel, x + 1.2, (high - kernel.shape[0]) / 2, signed=True, title="kernel")
    size = (max(image.shape[0] - kernel.shape[0] + 1, 0), max(image.shape[1] - kernel.shape[1] + 1, 0))
    told = []
    for name, function in functions.items():
        said = name.replace("_", " ")
        value, problem = answer_of(function, image, kernel)
        if problem is None and (value.ndim != 2 or max(value.shape) > 12 or not value.size):
            value, problem = None, f"it returned shape {value.shape}"
        wide = max((value.shape if value is not None else size)[1], 0.27 * len(said), 3)
        if value is None:
            rows = max(size[0], 1)
            board.frame(x + 1.4, (high - rows) / 2, [(0, 0), (rows - 1, int(wide) - 1)], colour="#c9ccd6", width=1.2)
            board.words(x + 1.4 + wide / 2, high / 2, "not yet", align="center", color=SOFT)
            board.words(x + 1.4 + wide / 2, (high - rows) / 2 - 0.42, said, align="center", color=SOFT)
            told.append(f"{said}: {problem}")
        else:
            top, left = (high - value.shape[0]) / 2, x + 1.4 + (wide - value.shape[1]) / 2
            board.grid(value, left, top, signed=True, title=said)
            told.append(f"{said}: {read_out(value)}.")
        x += 1.4 + wide
    missing = [
        line for line in told if line.split(": ", 1)[1].endswith("yet.") or "returned" in line or "raised" in line
    ]
    for k, line in enumerate(missing):
        board.words(0, high + 0.7 + 0.65 * k, _short(line), color=PURPLE, size=9)
    return board.picture(f"{title}. " + " ".join(told))


def show_shift(function, image, kernel, by=2, title="Shift the picture, and the answer shifts with it") -> Picture:
    """A picture and the same picture moved `by` columns to the right, each with the function's answer under a kernel.

    function: the learner's, (image, kernel) -> (H − kh + 1, W − kw + 1); image: (H, W) with room at its right side
    (what leaves it is lost), kernel: (kh, kw), any numbers; by: an int, 1 or more.
    """
    image = np.asarray(image)
    moved = np.zeros_like(image)
    moved[:, by:] = image[:, :-by]
    shape = (image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1)
    board, answers, problem = Board(title), [], None
    for row, (name, picture) in enumerate((("the picture", image), (f"moved by {by}", moved))):
        y = row * (0.9 * image.shape[0] + 1.3)
        middle = y + 0.45 * image.shape[0]
        x, _ = board.grid(picture, 0, y, title=name, cell=0.9)
        board.sign(x + 1.0, middle, "→")
        value, wrong = answer_of(function, picture, kernel, shape=shape)
        problem = problem or wrong
        answers.append(value)
        top = middle - 0.45 * shape[0]
        if value is None:
            board.words(x + 2.0, middle, _short(wrong, 40), color=PURPLE, size=9)
        else:
            board.grid(
                value, x + 2.0, top, signed=True, title="its answer" if row == 0 else "its answer, moved too", cell=0.9
            )
    if any(value is None for value in answers):
        return board.picture(f"{title}. No answers yet: {problem}")
    same = np.allclose(answers[0][:, :-by], answers[1][:, by:])
    words = "exactly the same numbers, " + f"{by} columns further on" if same else "not the same numbers"
    board.words(0, board.bottom + 0.9, f"The second answer holds {words}.", color=SOFT)
    return board.picture(f"{title}. A small figure is moved by {by} columns; the second answer holds {words}.")


def _short(text, most=110):
    return text if len(text) <= most else text[: most - 1] + "…"
