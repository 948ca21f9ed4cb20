"""transposed_conv2d: every input stamps its kernel onto a larger output."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part, pair
from cnnlab.check.draw import floats, great, ints, large, pixels, single, sliced, small, transposed, with_zeros
from cnnlab.check.exercise import Exercise


def stamped(x: np.ndarray, weight: np.ndarray, stride: Any = 1, padding: Any = 0) -> np.ndarray:
    """x (N, C_in, H, W), weight (C_in, C_out, kh, kw) → (N, C_out, (H − 1)·sh − 2·ph + kh, …), tap by tap, in int64 for
    whole numbers and else in float64."""
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), weight.shape[2:]
    high, wide = x.shape[2:]
    dtype = np.int64 if x.dtype.kind in "iu" and weight.dtype.kind in "iu" else np.float64
    out = np.zeros((len(x), weight.shape[1], (high - 1) * sh + kh, (wide - 1) * sw + kw), dtype)
    for u in range(kh):
        for v in range(kw):
            tap = np.einsum("nchw,co->nohw", x.astype(dtype), weight[:, :, u, v].astype(dtype))
            out[:, :, u : u + (high - 1) * sh + 1 : sh, v : v + (wide - 1) * sw + 1 : sw] += tap
    return out[:, :, ph : out.shape[2] - ph, pw : out.shape[3] - pw]


def _case(rng, shapes: str, note="", stride=None, padding=None, draw=floats, kernel=None, by_name=True) -> Case:
    """A case with x and weight of these shapes, a digit for each side."""
    x, weight = ([int(side) for side in shape] for shape in shapes.split())
    args = draw(rng, *x), (kernel or draw)(rng, *weight)
    given = {name: value for name, value in (("stride", stride), ("padding", padding)) if value is not None}
    return Case(args, given, note) if by_name else Case((*args, *given.values()), {}, note)


def _usual(case, **how) -> list[Case]:
    """What every part tries, each with its own stride and padding."""
    return [
        case("2334 3345", "as many maps in as out, larger kernels", **how),
        case("2345 3433", **how),
        case("2234 2322", "whole numbers, fractions in the kernel", draw=ints, kernel=floats, **how),
        case("2223 2333", "bytes", draw=pixels, kernel=ints, **how),
        case("2234 2323", "transposed arrays", draw=transposed, **how),
        case("1243 2132", "slices of larger arrays", draw=sliced, **how),
        case("2233 2223", "float32", draw=single, **how),
        case("2223 2344", "large whole numbers", draw=large, **how),
        case("2223 2344", "large numbers", draw=great, **how),
        case("3143 1234", "zeros among the numbers", draw=with_zeros, **how),
        case("2345 3433", "another batch of a size seen before", **how),
    ]


def _values(rng: np.random.Generator) -> list[Case]:
    def case(*args, **how):
        return _case(rng, *args, **how)

    return [
        case("1111 1122", "one input: its stamp alone", draw=small), case("1112 1122", "two stamps", draw=small),
        case("1122 1122", "four stamps that overlap", draw=small), case("1123 1123", "not square", draw=small),
        case("1122 1222", "two maps out", draw=small), case("1222 2122", "two maps in", draw=small),
        case("2122 1122", "two pictures", draw=small), case("2314 3223", "a single row"), case("2241 2332", "a column"),
        case("2234 2311", "a kernel of one weight"), *_usual(case),
    ]  # fmt: skip


def _stride(rng: np.random.Generator) -> list[Case]:
    def case(*args, **how):
        return _case(rng, *args, **how)

    return [
        case("1122 1122", "stamp beside stamp", 2, draw=small), case("1122 1133", "stamps that overlap", 2, draw=small),
        case("1122 1122", "gaps between the stamps", 3, draw=small), case("1123 1122", "down 2, across 1", (2, 1),
        draw=small),
        case("1132 1122", "down 1, across 2", (1, 2), draw=small), case("2234 2333", "a pair as a list", [3, 2]),
        case("2334 3245", "large kernels", (2, 3)), case("2223 2311", "one weight: spread with zeros", 3),
        case("2243 2333", "by position", 2, by_name=False), *_usual(case, stride=2),
        case("2345 3433", "another stride for a size seen before", stride=(1, 3)),
    ]  # fmt: skip


def _padding(rng: np.random.Generator) -> list[Case]:
    def case(*args, **how):
        return _case(rng, *args, **how)

    return [
        case("1122 1133", "a border of 1 is cut off", padding=1, draw=small),
        case("1133 1133", "rows only", padding=(1, 0), draw=small), case("1133 1133", "columns only", padding=(0, 1),
        draw=small),
        case("1122 1144", "2 to 4, as 14 to 28", 2, 1, draw=small), case("2234 2344", "twice the size", 2, 1),
        case("2234 2355", "a pair as a list", 2, [2, 1]), case("2243 2345", "pairs", (3, 2), (1, 2)),
        case("2332 3266", "a deep border", (2, 3), (2, 3)), case("2233 2344", "by position", 2, 1, by_name=False),
        case("2345 3433", "a padding of 0", padding=0), *_usual(case, stride=2, padding=1),
        case("2345 3433", "another padding for a size seen before", padding=(1, 2)),
    ]  # fmt: skip


def _stops(a, begins, keep: int = 1, first: int = 0) -> np.ndarray:
    """Stamp by stamp; begins(i, j): where the stamp of a pixel begins; keep=0: it wipes out what lies there; first: the
    first map of x that counts."""
    (kh, kw), (ph, pw), (high, wide) = a.weight.shape[2:], a.padding, a.x.shape[2:]
    corners = [begins(i, j) for i in range(high) for j in range(wide)]
    whole = np.zeros((len(a.x), a.weight.shape[1], max(i for i, _ in corners) + kh, max(j for _, j in corners) + kw))
    for (i, j), (top, left) in zip(np.ndindex(high, wide), corners, strict=True):
        at = np.s_[:, :, top : top + kh, left : left + kw]
        whole[at] = keep * whole[at] + np.tensordot(
            a.x[:, first:, i, j].astype(float), a.weight[first:].astype(float), axes=1
        )
    return _without_border(whole, ph, pw)


def _without_border(values: np.ndarray, rows: int, columns: int) -> np.ndarray:
    return values[:, :, rows : values.shape[2] - rows, columns : values.shape[3] - columns]


def _full(a) -> np.ndarray:
    return a.right(padding=0)


def _whole_stamps(a) -> np.ndarray:
    """Only the stamps that lie inside of the cut output."""
    (kh, kw), (high, wide), (sh, sw) = a.weight.shape[2:], a.x.shape[2:], a.stride
    rows, columns = a.right().shape[2:]
    fits = [
        (at >= 0) & (at + kernel <= size)
        for at, kernel, size in (
            (np.arange(high) * sh - a.padding[0], kh, rows),
            (np.arange(wide) * sw - a.padding[1], kw, columns),
        )
    ]
    return a.right(x=a.x * np.outer(*fits))


def _pulled_apart(values: np.ndarray, steps: tuple[int, int]) -> np.ndarray:
    """Zeros between the numbers of the last two axes, so that they are `steps` apart."""
    (rows, columns), (down, across) = values.shape[2:], steps
    wide = np.zeros((*values.shape[:2], (rows - 1) * down + 1, (columns - 1) * across + 1), values.dtype)
    wide[:, :, ::down, ::across] = values
    return wide


def _crop(a, top: float, bottom: float) -> np.ndarray:
    """The whole output, cropped by these shares of the padding at each end."""
    (ph, pw), whole = a.padding, _full(a)
    rows, columns = (
        slice(int(top * ph), whole.shape[2] - int(bottom * ph)),
        slice(int(top * pw), whole.shape[3] - int(bottom * pw)),
    )
    return whole[:, :, rows, columns]


def _spread(a, fill: str) -> np.ndarray:
    """x as large as the stride makes it: every number repeated, or with zeros after the last as well."""
    (sh, sw) = a.stride
    if fill == "repeat":
        return a.right(x=a.x.repeat(sh, 2).repeat(sw, 3), stride=1)
    wide = np.zeros((*a.x.shape[:2], a.x.shape[2] * sh, a.x.shape[3] * sw), a.x.dtype)
    wide[:, :, ::sh, ::sw] = a.x
    return a.right(x=wide, stride=1)


def _correlated(a, stride: Any = 1, padding: Any = 0) -> np.ndarray:
    """The forward convolution of x with the weight's maps."""
    from cnnlab.check.lesson_02.conv2d import convolved

    return convolved(a.x, a.weight.swapaxes(0, 1), None, stride, padding)


def _padded_forward(a) -> np.ndarray:
    """Zeros between the pixels, then a convolution padded by `padding` itself."""
    from cnnlab.check.lesson_02.conv2d import convolved

    wide = _pulled_apart(a.x, a.stride)
    return convolved(wide, a.weight[:, :, ::-1, ::-1].swapaxes(0, 1), None, 1, a.padding)


def _swapped_weight(a) -> np.ndarray:
    """weight read as (C_out, C_in, …), where that fits."""
    return a.right(weight=a.weight.swapaxes(0, 1)) if len(a.weight) == a.weight.shape[1] else a.right()


def _square(a) -> np.ndarray:
    """The kernel's height is used for its width."""
    kh = a.weight.shape[2]
    return a.right(weight=np.broadcast_to(a.weight[..., :1], (*a.weight.shape[:3], kh)) * 0
                   + np.pad(a.weight, ((0, 0), (0, 0), (0, 0), (0, kh)))[..., :kh])  # fmt: skip


def _seen_often(a) -> np.ndarray:
    ones = a.right(x=np.ones_like(a.x[:1, :1]), weight=np.ones_like(a.weight[:1, :1]))
    return a.right() / np.maximum(ones, 1)


def _end_padding(a) -> np.ndarray:
    """One more row and column of zeros where the stride is not 1, as output_padding=1 gives."""
    (sh, sw) = a.stride
    return np.pad(a.right(), ((0, 0), (0, 0), (0, int(sh > 1)), (0, int(sw > 1))))


# fmt: off
WRONG = [
    # the stamp
    ("overwrites where stamps overlap", "Where stamps overlap only the last one is left: the output was assigned "
     "with =. "
     "Add with +=.", lambda a: _stops(a, lambda i, j: (i * a.stride[0], j * a.stride[1]), keep=0)),
    ("every stamp of every map overwrites", "Of all maps and all stamps only the last one is left at each place: add "
     "with +=.", lambda a: _stops(a, lambda i, j: (i * a.stride[0], j * a.stride[1]), keep=0, first=-1)),
    ("the mean where stamps overlap", "Where stamps overlap they are added; nothing divides by how many there are.",
     _seen_often),
    ("the kernel is turned by 180°", "The kernel is stamped as it is. It is turned only where you write this as a "
     "correlation of the spread-out input.", lambda a: a.right(weight=a.weight[:, :, ::-1, ::-1])),
    ("the kernel is upside down", "The kernel is stamped as it is, row 0 on top.",
     lambda a: a.right(weight=a.weight[:, :, ::-1])),
    ("the kernel is mirrored", "The kernel is stamped as it is, column 0 on the left.",
     lambda a: a.right(weight=a.weight[..., ::-1])),
    ("the kernel is transposed", "Rows of the kernel go down, columns across.",
     lambda a: a.right(weight=a.weight.swapaxes(2, 3))),
    ("weight read as (C_out, C_in)", "A transposed convolution's weight is (C_in, C_out, kh, kw): the first axis meets "
     "x's maps.", _swapped_weight),
    ("axes swapped by reshape", "reshape only lays the same numbers out again; to swap axes use .transpose or "
     ".swapaxes.",
     lambda a: a.right(weight=a.weight.reshape(a.weight.swapaxes(0, 1).shape).swapaxes(0, 1))),
    ("the first map of x only", "Every map of x stamps its own kernel; all of them are added.",
     lambda a: a.right(x=a.x[:, :1], weight=a.weight[:1])),
    ("the last map of x only", "Each map of x overwrites the one before: add them with +=.",
     lambda a: a.right(x=a.x[:, -1:], weight=a.weight[-1:])),
    ("the maps are averaged", "The maps' stamps are added, not averaged.",
     lambda a: a.right() / a.x.shape[1]),
    ("the maps of x stay apart", "Output map o is the sum over x's maps; the axes are (N, C_out, …).",
     lambda a: np.concatenate([a.right(x=a.x[:, c : c + 1], weight=a.weight[c : c + 1]) for c in range(a.x.shape[1])],
     1)),
    ("one kernel for all maps out", "Output map o has its own kernels, weight[:, o].",
     lambda a: a.right(weight=a.weight[:, [0] * a.weight.shape[1]])),
    ("one kernel for all maps in", "Map c of x has its own kernels, weight[c].",
     lambda a: a.right(weight=a.weight[[0] * len(a.weight)])),
    ("the maps out are summed", "There are C_out maps, each with its own kernels.",
     lambda a: a.right().sum(1, keepdims=True)),
    ("the first picture's output for all", "Every picture of the batch has its own output.",
     lambda a: a.right(x=a.x[[0] * len(a.x)])),
    ("only the first picture is done", "Every picture of the batch has its own output; yours are 0 after the first.",
     lambda a: a.right(x=a.x * (np.arange(len(a.x)) == 0)[:, None, None, None])),
    ("the pictures are mixed", "A picture's stamps land in that picture's output and in no other.",
     lambda a: a.right(x=np.broadcast_to(a.x.astype(float).sum(0), a.x.shape))),
    ("pictures and maps in each other's place", "The result is (N, C_out, H′, W′).", lambda a: a.right().swapaxes(0,
     1)),
    ("rows and columns in each other's place", "The result is (N, C_out, H′, W′): rows, then columns.",
     lambda a: a.right().swapaxes(2, 3)),
    ("a convolution forwards", "That slides the kernel over x and makes it smaller. Here every pixel stamps the "
     "kernel, "
     "and the output grows.", _correlated),
    ("the last row and column of pixels are left out", "All H × W pixels stamp: range(H) and range(W).",
     lambda a: a.right(x=a.x * (np.arange(a.x.shape[2]) < a.x.shape[2] - 1)[:, None]
                       * (np.arange(a.x.shape[3]) < a.x.shape[3] - 1))),
    ("as if x were square", "x's rows are counted for its columns as well: H, W = x.shape[2:].",
     lambda a: a.right(x=a.x * (np.arange(a.x.shape[3]) < a.x.shape[2]))),
    ("as if the kernel were square", "The kernel's height is used for its width as well: kh, kw = weight.shape[2:].",
     _square),
    ("the last row and column of the kernel are left out", "All kh × kw weights are stamped.",
     lambda a: a.right(weight=a.weight * (np.arange(a.weight.shape[2]) < a.weight.shape[2] - 1)[:, None]
                       * (np.arange(a.weight.shape[3]) < a.weight.shape[3] - 1))),
    # stride
    ("the stride is left out", "Neighbouring stamps are `stride` apart: pixel (i, j) stamps at (i·sh, j·sw).",
     lambda a: a.right(stride=1)),
    ("the stride sizes the output, but the stamps are neighbours", "The output has the right size, but pixel (i, j) "
     "stamps at (i, j); it should at (i·sh, j·sw).",
     lambda a: np.pad(a.right(stride=1), [(0, r - s) for r, s in zip(a.right().shape, a.right(stride=1).shape,
     strict=True)])),
    ("the stride is added", "Pixel (i, j) stamps at (i·sh, j·sw): multiply.",
     lambda a: _stops(a, lambda i, j: (i + a.stride[0] - 1, j + a.stride[1] - 1))),
    ("the strides changed places", "A pair is (height, width): the first is the step down.",
     lambda a: a.right(stride=a.stride[::-1])),
    ("the stride is always the height's", "A pair has two numbers: the second is the step across.",
     lambda a: a.right(stride=a.stride[0])),
    ("the stride holds down only", "The stride holds across as well: j·sw.", lambda a: a.right(stride=(a.stride[0],
     1))),
    ("the stride holds across only", "The stride holds down as well: i·sh.", lambda a: a.right(stride=(1,
     a.stride[1]))),
    ("the stride as a convolution's", "Forwards a stride skips places; here it spreads the stamps.",
     lambda a: a.right(stride=1)[:, :, :: a.stride[0], :: a.stride[1]]),
    ("the kernel is spread", "The stamps are `stride` apart; the numbers of one stamp stay neighbours. A kernel "
     "that is pulled apart is dilated.", lambda a: a.right(weight=_pulled_apart(a.weight, a.stride), stride=1)),
    ("every number is repeated", "Between the pixels stand zeros, not copies: to repeat them is another way to "
     "upsample.",
     lambda a: _spread(a, "repeat")),
    ("zeros at the end", "There are s − 1 rows and columns too many at the end. Zeros stand *between* the pixels "
     "alone, and none are put on behind the last (that is output_padding): (H − 1)·s − 2p + k rows.",
     lambda a: _spread(a, "zeros")),
    ("stride zeros between the pixels", "Between neighbours stand s − 1 zeros, so that they are s apart.",
     lambda a: a.right(stride=(a.stride[0] + 1, a.stride[1] + 1)) if a.stride != (1, 1) else a.right()),
    ("one row and column more", "That is output_padding, which is not asked for: (H − 1)·s − 2p + k.", _end_padding),
    ("cut to size times stride", "The output has (H − 1)·s − 2p + k rows, not H·s.",
     lambda a: a.right()[:, :, : a.x.shape[2] * a.stride[0], : a.x.shape[3] * a.stride[1]]),
    # padding
    ("the padding is left out", "`padding` is cut off the output, on every side.", _full),
    ("the padding is put on", "Forwards padding makes the output larger; here it is cut off: (H − 1)·s − 2p + k.",
     lambda a: np.pad(_full(a), [(p, p) for p in (0, 0, *a.padding)])),
    ("x is padded", "Padding is no border of zeros round x here: it is cut off the output.",
     lambda a: a.right(x=np.pad(a.x, [(p, p) for p in (0, 0, *a.padding)]), padding=0)),
    ("x is cut", "Padding cuts the border of the *output* off: stamp every pixel of x first.",
     lambda a: a.right(x=_without_border(a.x, *a.padding), padding=0)),
    ("stamps that overhang are left out", "A stamp that reaches over the cut border counts as far as it is inside. "
     "Make the whole output first, and cut it at the end.", _whole_stamps),
    ("the padding is cut off at the start only", "p rows come off the top *and* off the bottom: − 2p.",
     lambda a: _crop(a, 1, 0)),
    ("the padding is cut off at the end only", "p rows come off the top *and* off the bottom: − 2p.",
     lambda a: _crop(a, 0, 1)),
    ("all of the padding is cut off at the end", "p rows come off the top and p off the bottom, not 2p off the bottom.",
     lambda a: _crop(a, 0, 2)),
    ("all of the padding is cut off at the start", "p rows come off the top and p off the bottom, not 2p off the top.",
     lambda a: _crop(a, 2, 0)),
    ("[p:-p] with a padding of 0", "[0:-0] is [0:0], which holds nothing. Cut with the size: [p : p + H′].",
     lambda a: _full(a)[:, :, a.padding[0] : -a.padding[0], a.padding[1] : -a.padding[1]]),
    ("the paddings changed places", "A pair is (height, width): the first is cut off above and below.",
     lambda a: a.right(padding=a.padding[::-1])),
    ("the padding is always the height's", "A pair has two numbers: the second is cut off left and right.",
     lambda a: a.right(padding=a.padding[0])),
    ("the border is 0, not cut off", "The border is *cut off*, and the output is smaller by 2p.",
     lambda a: np.pad(a.right(), [(p, p) for p in (0, 0, *a.padding)])),
    ("the spread-out x is padded by p", "Written as a correlation, the border of zeros is k − 1 − p wide, not p.",
     _padded_forward),
    # all
    ("fractions are cut off", "Whole numbers that come in must not cut the fractions of the kernel: np.zeros(…) holds "
     "fractions.", lambda a: a.right().astype(a.x.dtype) if a.x.dtype.kind in "iu" else a.right()),
    ("bytes overflow", "Bytes hold 0 to 255: convert before you multiply.",
     lambda a: a.right().astype(np.int64).astype(np.uint8) if a.x.dtype == np.uint8 else a.right()),
    ("a result of float16", "float16 holds three digits: sums of products need more.",
     lambda a: a.right().astype(np.float16)),
    ("pairs are not expected", "stride and padding may each be an int or a pair (height, width).",
     lambda a: a.right(stride=int(a.raw["stride"]), padding=int(a.raw["padding"]))),
    ("the sign is changed", "Every number has the wrong sign.", lambda a: -a.right()),
    ("cut at 0", "There is no ReLU in it: what is negative stays.", lambda a: np.maximum(a.right(), 0)),
    ("all 0", "The output was made, and never written to.", lambda a: 0 * a.right()),
]
# fmt: on

EXERCISE = Exercise(
    name="transposed_conv2d", lesson="07_blocks", oracle=stamped, pairs=("stride", "padding"), wrong=WRONG,
    axes={"x": "image channel row column", "weight": "channel map kernel-row kernel-column",
          "": "image map row column"},
    parts=[
        Part("stamps", 1, _values, "batches with stride 1",
             "pixel (i, j) of map c adds x[n, c, i, j]·weight[c, o] to the patch of map o that begins at (i, j)."),
        Part("stride", 2, _stride, "stamps beside each other, overlapping, and with gaps; pairs",
             "pixel (i, j) stamps at (i·sh, j·sw), and the output has (H − 1)·sh + kh rows."),
        Part("padding", 1, _padding, "outputs with their border cut off",
             "make the whole output first, then cut ph rows and pw columns off each side."),
    ],
)  # fmt: skip
