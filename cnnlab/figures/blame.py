"""Blame on its way back: along wires, through pooling windows, and from outputs to kernel and input."""

import numpy as np

from cnnlab.check.grid import bracketed
from cnnlab.figures.answers import answer_of
from cnnlab.figures.board import Board
from cnnlab.figures.style import BLUE, INK, KEYS, ORANGE, PURPLE, SMALL, SOFT, Picture, nice, read_out

QUIET = "#e4e6eb"


def show_wires(gates, values, blames, sides=None, title="Values go right, blame comes back") -> Picture:
    """A chain of gates: values above its wires on their way to the loss, blame below on its way back.

    gates: n names; values, blames: n + 1 numbers, before the first gate and after each; sides: {gate: (name, value,
    blame)} of what enters it from above, a weight say. Raises ValueError for more or fewer numbers.
    """
    board, step = Board(title), 5.2
    sides = sides or {}
    for k in range(len(values)):
        x = k * step
        last = k == len(values) - 1
        board.arrow((x, 2.3), (x + (1.7 if last else 2.5), 2.3), color=INK)
        board.arrow((x + (1.7 if last else 2.5), 2.75), (x, 2.75), color=ORANGE)
        board.words(x + 1.1, 1.85, nice(values[k]), align="center", size=12)
        board.words(x + 1.1, 3.25, nice(blames[k]), align="center", size=12, color=ORANGE, weight="bold")
        if last:
            break
        board.tile(x + 2.55, 1.85, 2.5, 1.4, gates[k], BLUE)
        if k in sides:
            name, value, blame = sides[k]
            board.arrow((x + 3.4, 0.85), (x + 3.4, 1.85), color=INK)
            board.arrow((x + 4.1, 1.85), (x + 4.1, 0.85), color=ORANGE)
            board.words(x + 3.2, 0.5, f"{name} = {nice(value)}", align="center")
            board.words(x + 4.25, 1.25, nice(blame), color=ORANGE, weight="bold")
    board.words(0, 4.5, "black: values, forwards", color=INK, size=SMALL + 0.5)
    board.words(8, 4.5, "orange: blame, backwards", color=ORANGE, size=SMALL + 0.5)
    along = ", then ".join(f"{gate}: {nice(v)}" for gate, v in zip(gates, values[1:], strict=True))
    side = " ".join(f"{name} is {nice(v)} and gets blame {nice(b)}." for name, v, b in sides.values())
    back = ", ".join(nice(b) for b in reversed(blames))
    return board.picture(f"{title}. Forwards from {nice(values[0])}: {along}. Blame, from the end: {back}. {side}")


def show_routes(x, dout, kernel, stride=None, title="Where the blame goes", **functions) -> Picture:
    """A map, the blame of each pooling window, and what backward functions make of it.

    x: (H, W), dout: (H', W'), any numbers; kernel, stride: ints; functions: by name, each (dout (1, 1, H', W'), x (1,
    1, H, W), kernel[, stride]) -> (1, 1, H, W). Windows side by side get a colour each.
    """
    x, dout = np.asarray(x), np.asarray(dout)
    step = kernel if stride is None else stride
    board, keys, small = Board(title), {}, {}
    for k, (i, j) in enumerate(np.ndindex(dout.shape)):
        small[i, j] = KEYS[k % len(KEYS)] if step >= kernel else "#ffffff"
        for u, v in np.ndindex(kernel, kernel):
            keys[i * step + u, j * step + v] = small[i, j]
    right, _ = board.grid(x, 0, 0, keys=keys if step >= kernel else None, title="the map x")
    middle = (x.shape[0] - dout.shape[0]) / 2
    right, _ = board.grid(dout, right + 1.6, middle, keys=small, title="dout")
    told = []
    for name, function in functions.items():
        said = name.replace("_", " ")
        left = right + 1.6 + max(0.0, (0.24 * len(said) - x.shape[1]) / 2)
        args = (dout[None, None], x[None, None], kernel) + (() if stride is None else (stride,))
        value, problem = answer_of(function, *args, shape=(1, 1, *x.shape))
        if value is None:
            board.frame(left, 0, [(0, 0), (x.shape[0] - 1, x.shape[1] - 1)], colour="#c9ccd6", width=1.2)
            board.words(left + x.shape[1] / 2, -0.42, said, align="center", color=SOFT)
            board.words(0, x.shape[0] + 0.8 + 0.65 * len(told), problem[:100], color=PURPLE, size=9)
            told.append(f"{said}: {problem}")
        else:
            board.grid(value[0, 0], left, 0, signed=True, title=said)
            told.append(f"{said}: {read_out(value[0, 0])}.")
        right = left + max(x.shape[1], 0.24 * len(said))
    board.reach(right, x.shape[0])
    return board.picture(f"{title}. The map {read_out(x)}; dout {read_out(dout)}. {' '.join(told)}")


def show_bias_blame(dout, title="C: one bias, every place of its map") -> Picture:
    """The blame of two or more maps in several images, and the sum that each map's bias gets.

    dout: (N, C, H', W'), any numbers, up to nine maps.
    """
    dout = np.asarray(dout)
    images, maps, high, wide = dout.shape
    board, end = Board(title), images * (wide + 1.6)
    for o in range(maps):
        y = o * (high + 1.5)
        for n in range(images):
            board.grid(dout[n, o], n * (wide + 1.6), y, keys=dict.fromkeys(np.ndindex(high, wide), KEYS[o]),
                       title=f"image {n}, map {o}")  # fmt: skip
            board.sign(n * (wide + 1.6) + wide + 0.8, y + high / 2, "+" if n < images - 1 else "→")
        board.tile(end, y + high / 2 - 0.7, 4.4, 1.4, f"dbias[{o}] = {nice(dout[:, o].sum())}", KEYS[o])
    sums = ", ".join(f"dbias[{o}] is {nice(s)}" for o, s in enumerate(dout.sum(axis=(0, 2, 3))))
    return board.picture(f"{title}. All numbers of a map, in all {images} images, are added up: {sums}.")


def show_kernel_blame(x, dout, title="A: each weight, and every pixel that it met") -> Picture:
    """For each weight of the kernel, the pixels that it met at the stops, times the blame of those stops.

    x: (H, W), dout: (H', W'), any numbers; stride 1, no padding. Windows of the size of dout are framed in x.
    """
    x, dout = np.asarray(x), np.asarray(dout)
    rows, columns = (a - b + 1 for a, b in zip(x.shape, dout.shape, strict=True))
    board, told, cell = Board(title), [], 0.85
    wide = (x.shape[1] + dout.shape[1]) * cell + 6.4
    for u, v in np.ndindex(rows, columns):
        left, top = v * wide, u * (x.shape[0] * cell + 1.6)
        middle = top + x.shape[0] * cell / 2
        met = [(u + i, v + j) for i, j in np.ndindex(dout.shape)]
        board.grid(x, left, top, lit=met, title=f"weight [{u}, {v}] met", cell=cell)
        at = left + x.shape[1] * cell
        board.sign(at + 0.55, middle, "·")
        board.grid(dout, at + 1.1, middle - dout.shape[0] * cell / 2, signed=True, title="dout", cell=cell)
        products = x[u : u + dout.shape[0], v : v + dout.shape[1]] * dout
        terms = [f"{bracketed(a)}·{bracketed(b)}" for a, b in zip(x[tuple(np.transpose(met))], dout.flat, strict=True)]
        at += 1.5 + dout.shape[1] * cell
        half = -(-len(terms) // 2)
        board.words(at, middle - 0.5, "= " + " + ".join(terms[:half]), size=9.5)
        board.words(at, middle + 0.1, "+ " + " + ".join(terms[half:]), size=9.5)
        board.words(at, middle + 0.75, f"= {nice(products.sum())}", weight="bold", size=12)
        board.reach(left + wide - 1, top + x.shape[0] * cell)
        told.append(f"weight [{u}, {v}]: {' + '.join(terms)} = {nice(products.sum())}.")
    return board.picture(f"{title}. {' '.join(told)}")


def show_input_blame(kernel, dout, stride=1, lit=None, title="B: each output lays its blame on its patch") -> Picture:
    """One grid for each output: its blame times the kernel, laid where it stood; and their sum, the blame of the input.

    kernel: (kh, kw), dout: (H', W'), any numbers; stride: an int; lit: a pixel (i, j) to follow.
    """
    kernel, dout = np.asarray(kernel), np.asarray(dout)
    shape = tuple((o - 1) * stride + k for o, k in zip(dout.shape, kernel.shape, strict=True))
    board, total, terms, x, cell = Board(title), np.zeros(shape), [], 0.0, 0.9
    scale = max(abs(dout).max() * abs(kernel).max(), 1)
    for i, j in np.ndindex(dout.shape):
        one = np.zeros(shape)
        rows, columns = slice(i * stride, i * stride + kernel.shape[0]), slice(j * stride, j * stride + kernel.shape[1])
        one[rows, columns] = dout[i, j] * kernel
        total += one
        patch = [(r, c) for r in range(*rows.indices(shape[0])) for c in range(*columns.indices(shape[1]))]
        keys = {at: QUIET for at in np.ndindex(shape) if at not in patch}
        board.grid(one, x, 0, signed=True, scale=scale, keys=keys, title=f"{nice(dout[i, j])} · kernel", cell=cell)
        board.frame(x, 0, patch, cell, colour=SOFT, width=1.6)
        if lit:
            board.frame(x, 0, [lit], cell)
            terms += [one[lit]] if lit in patch else []
        x += shape[1] * cell
        last = (i, j) == (dout.shape[0] - 1, dout.shape[1] - 1)
        board.sign(x + 0.6, shape[0] * cell / 2, "=" if last else "+")
        x += 1.2
    board.grid(total, x, 0, signed=True, scale=scale, lit=[lit] if lit else (), title="dx", cell=cell)
    words = f"The blame of the input: {read_out(total)}."
    if lit:
        sums = " + ".join(bracketed(t) for t in terms)
        line = f"The framed pixel: {sums} = {nice(total[lit])}"
        board.words(0, shape[0] * cell + 0.75, line, color=SOFT)
        words += f" {line}."
    return board.picture(f"{title}. Each output's blame times the kernel, laid on the patch it came from. {words}")


def show_flip(kernel, dout, stride=1, title="The same, written as a convolution") -> Picture:
    """The blame of the input as a convolution: dout, spread by the stride and framed with zeros, under the kernel
    turned by 180°; each stop is a pixel of dx (Dumoulin and Visin, 2016, on transposed convolution).

    kernel: (kh, kw), dout: (H', W'), any numbers; stride: an int.
    """
    kernel, dout = np.asarray(kernel), np.asarray(dout)
    kh, kw = kernel.shape
    spread = np.zeros([(side - 1) * stride + 1 for side in dout.shape], dtype=dout.dtype)
    spread[::stride, ::stride] = dout
    padded = np.pad(spread, ((kh - 1, kh - 1), (kw - 1, kw - 1)))
    turned = kernel[::-1, ::-1]
    dx = np.einsum("ijuv,uv->ij", np.lib.stride_tricks.sliding_window_view(padded, kernel.shape), turned)
    board, high = Board(title), padded.shape[0]
    own = [(kh - 1 + i * stride, kw - 1 + j * stride) for i, j in np.ndindex(dout.shape)]
    keys = {at: QUIET for at in np.ndindex(padded.shape) if at not in own}
    x, _ = board.grid(dout, 0, (high - dout.shape[0]) / 2, signed=True, title="dout")
    board.sign(x + 0.8, high / 2, "→")
    name = "spread, and framed with zeros" if stride > 1 else "framed with zeros"
    x, _ = board.grid(padded, x + 1.6, 0, signed=True, keys=keys, title=name)
    board.sign(x + 0.9, high / 2, "∗")
    x, _ = board.grid(turned, x + 1.8, (high - kh) / 2, signed=True, title="turned kernel")
    board.sign(x + 1.0, high / 2, "=")
    board.grid(dx, x + 1.9, (high - dx.shape[0]) / 2, signed=True, title="dx")
    words = f"dout {read_out(dout)}, {name}: {read_out(padded)}; turned kernel {read_out(turned)}; dx {read_out(dx)}."
    return board.picture(f"{title}. {words}")
