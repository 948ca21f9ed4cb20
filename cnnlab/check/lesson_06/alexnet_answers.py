"""alexnet_answers: a dict filled in by hand. Every row is judged on its own, and a wrong one is told its idea."""

from collections.abc import Callable
from typing import Any

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_06.rows import ALEXNET, shape_words
from cnnlab.check.lesson_06.table import NAMES, PARAMETERS, RIGHT, SHAPES, TOTAL, VARIANTS, Row, follows
from cnnlab.check.plain import describe
from cnnlab.check.reading.places import listed
from cnnlab.check.verdict import Attempt
from cnnlab.layers import Conv, Dense, Pool

NOT_YET = "not filled in yet"
FOLLOWS = "right for your own rows before it, of which one is wrong"


def _said(table: dict, case: Case) -> dict[str, str]:
    """What is wrong with each row's answer; "" where it is right."""
    return {name: _verdict(row, name, table) for name, row in case.kwargs["rows"].items()}


def _verdict(row: Row, name: str, table: dict) -> str:
    if name not in table:
        return "this row is missing: its key is no longer in the dict"
    got = table[name]
    words = NOT_YET if got is None else row.verdict(got)
    if words in ("", NOT_YET):
        return words
    shown = shape_words(got) if isinstance(got, tuple | list) else describe(got).removeprefix("the number ")
    return f"{shown if len(shown) <= 36 else 'a longer one'}: {FOLLOWS if follows(table, name) else words}"


def _judge(value: Any, case: Case, expected: Any) -> Difference | None:
    if not isinstance(value, dict):
        return Difference("type", f"Expected the dict with your answers, and got {describe(value)}.")
    said = _said(value, case)
    if not any(said.values()):
        return None
    if all(words == NOT_YET for words in said.values()):
        return Difference("unsolved", "No row is filled in yet.")
    width, right = max(map(len, said)), sum(not words for words in said.values())
    lines = [f"{name:<{width}}  {words or 'right'}" for name, words in said.items()]
    return Difference("values", f"{right} of {len(said)} rows are right.\n\n    " + "\n    ".join(lines))


def _read(failing: list[Attempt], subject: Any) -> list[str]:
    """With which row to begin, and how many others follow from it."""
    if not isinstance(failing[0].got, dict):
        return []
    said = {name: words for name, words in _said(failing[0].got, failing[0].case).items() if words}
    own = [name for name, words in said.items() if words != NOT_YET and not words.endswith(FOLLOWS)]
    rest = [name for name, words in said.items() if words.endswith(FOLLOWS)]
    rest = rest if len(rest) < 4 else [*rest[:2], f"{len(rest) - 2} more"]
    told = [f"Begin with {own[0]}. {said[own[0]]}."] if own else []
    return [*told, f"Right for what your own rows before them say: {listed(rest)}."] if rest else told


def _side(size, kernel, stride, padding=0):
    return (size + 2 * padding - kernel) // stride + 1


def _conv(kernel, maps, filters):
    return kernel * kernel * maps * filters + filters


def _dense(inputs, outputs):
    return inputs * outputs + outputs


def _table(side=_side, conv=_conv, dense=_dense, pool=lambda maps: 0, groups=1, pool_stride=2, **more) -> dict:
    """All rows, as they come out by these rules; `more` are rows that are set as given."""
    rows, maps, size, counts = {}, 3, 227, {}
    for name, layer in zip(NAMES, ALEXNET, strict=True):
        match layer:
            case Conv(filters, kernel, stride, padding):
                seen = maps // groups if name in ("conv2", "conv4", "conv5") else maps
                maps, size, counts[name] = filters, side(size, kernel, stride, padding), conv(kernel, seen, filters)
            case Pool(kernel):
                size, counts[name] = side(size, kernel, pool_stride), pool(maps)
            case Dense(outputs):
                counts[name], maps, size = dense(maps * size * size, outputs), outputs, 1
        if not isinstance(layer, Dense):
            rows[f"shape after {name}"] = (maps, size, size) if name != "flatten" else (maps * size * size,)
    head, total = sum(counts[f"dense{k}"] for k in (1, 2, 3)), sum(counts.values())
    rows |= {f"parameters of {name}": n for name, n in counts.items()}
    rows["parameters of flatten"], rows["parameters in all"] = 0, total
    rows["percent of them in dense layers"] = round(100 * head / total)
    split = sum(conv(k, m, f) - conv(k, m // 2, f) for k, m, f in ((5, 96, 256), (3, 384, 384), (3, 384, 256)))
    theirs = ((11, 3, 64), (5, 64, 192), (3, 192, 384), (3, 384, 256), (3, 256, 256))
    rows |= {
        "224 unpadded: side after conv1": side(224, 11, 4),
        "224, padding 2: side after conv1": side(224, 11, 4, 2),
        "two GPUs: parameters of conv2": conv(5, 48, 256),
        "two GPUs: parameters in all": total - split if groups == 1 else total,
        "torchvision: parameters in all": sum(conv(*layer) for layer in theirs) + 3 * pool(0) + head,
        "Tiny ImageNet: parameters of the last layer": dense(4096, 200),
        "Tiny ImageNet: parameters in all": total - head + counts["dense1"] + dense(4096, 200),
    }
    return {**{name: rows[name] for name in RIGHT}, **more}


def _rule(of: Callable) -> dict:
    """Dense layers and convolutions counted by one rule: of(weights, what comes in, what goes out)."""
    return {"conv": lambda k, c, f: of(k * k * c * f, c, f), "dense": lambda i, o: of(i * o, i, o)}


# fmt: off
WRONG = [
    ("the first stop is not counted", "There is a stop before the first step: (size + 2·padding − kernel) // stride, "
     "and then + 1.", _table(side=lambda n, k, s, p=0: (n + 2 * p - k) // s)),
    ("the padding is forgotten", "Padding adds pixels on both sides before the kernel moves: conv2 has 2, conv3 to "
     "conv5 have 1.", _table(side=lambda n, k, s, p=0: (n - k) // s + 1)),
    ("padding on one side only", "Padding goes on both sides: 2·padding more pixels, not padding.",
     _table(side=lambda n, k, s, p=0: (n + p - k) // s + 1)),
    ("rounded up", "A last stop that does not fit is left out: (224 − 11)/4 is 53.25, so 53 steps and the first stop "
     "make 54.", _table(side=lambda n, k, s, p=0: -((k - n - 2 * p) // s) + 1)),
    ("pooling windows do not overlap", "AlexNet's windows are 3 wide and move by 2, so neighbours share a column.",
     _table(pool_stride=3)),
    ("channels last", "Shapes are (channels, height, width) in this course, as in torch.",
     _table(**{name: value[1:] + value[:1] for name, value in RIGHT.items() if isinstance(value, tuple)})),
    ("the biases are forgotten", "Each filter and each output of a dense layer has a bias: 10,568 in all.",
     _table(**_rule(lambda weights, came, went: weights))),
    ("a single bias for a layer", "There is one bias for each filter and each output, not one for the layer.",
     _table(**_rule(lambda weights, came, went: weights + 1))),
    ("the kernel's side, not its area", "An 11 × 11 kernel has 121 weights for each map, not 11.",
     _table(conv=lambda k, c, f: k * c * f + f)),
    ("the incoming maps are left out", "A filter has a slice of weights for every map that comes in: times C_in.",
     _table(conv=lambda k, c, f: k * k * f + f)),
    ("pooling is counted", "Pooling takes the largest number of a window and learns nothing: 0 for it.",
     _table(pool=lambda maps: 9 * maps)),
    ("dense1 gets one number for each map", "All 6 × 6 × 256 = 9,216 numbers reach the first dense layer.",
     _table(dense=lambda i, o: (256 if i == 9216 else i) * o + o)),
    ("the two-GPU version everywhere", "In this table every filter sees all maps. The paper's two GPUs are a variant, "
     "and have rows of their own.", _table(groups=2)),
    ("the paper's 55 is believed", "The paper says 224 and 55 × 55, and the two do not fit: without padding 224 pixels "
     "give 54.", _table(**{"224 unpadded: side after conv1": 55})),
    ("two GPUs change nothing", "With two GPUs a filter of conv2, conv4 or conv5 sees the maps of its own GPU only: "
     "half of the weights.",
     _table(**{"two GPUs: parameters of conv2": 614_656, "two GPUs: parameters in all": TOTAL})),
    ("one GPU counted", "Each GPU has 128 of conv2's 256 filters. Both halves count.",
     _table(**{"two GPUs: parameters of conv2": 153_728, "two GPUs: parameters in all": TOTAL // 2})),
    ("two GPUs split conv3 as well", "conv3 sees the maps of both GPUs: it is the one layer among conv2 to conv5 that "
     "is not split.", _table(**{"two GPUs: parameters in all": 60_522_856})),
    ("only conv2 is split", "conv2, conv4 and conv5 see half of the maps each; conv3 sees them all.",
     _table(**{"two GPUs: parameters in all": 62_071_144})),
    ("torchvision's is ours", "torchvision's AlexNet has 64, 192, 384, 256 and 256 filters: count its layers anew.",
     _table(**{"torchvision: parameters in all": TOTAL})),
    ("1,000 classes for Tiny ImageNet", "Tiny ImageNet has 200 classes, so the last layer has 200 outputs.",
     _table(**{"Tiny ImageNet: parameters of the last layer": 4_097_000,
               "Tiny ImageNet: parameters in all": TOTAL - 16_781_312})),
    ("all three dense layers for Tiny ImageNet", "That variant has one dense layer fewer: 9216 → 4096 → 200.",
     _table(**{"Tiny ImageNet: parameters in all": TOTAL - 4_097_000 + 819_400})),
    ("the last layer gets the flattened maps", "The last layer gets the 4,096 numbers of the dense layer before it, "
     "not 9,216.",
     _table(**{"Tiny ImageNet: parameters of the last layer": 1_843_400,
               "Tiny ImageNet: parameters in all": 3_747_200 + 37_752_832 + 1_843_400})),
    ("a share, not percent", "In percent: a hundred times the share.",
     _table(**{"percent of them in dense layers": 0.94})),
    ("the convolutions' percent", "That is the share of the convolutions, the small one. The dense layers have the "
     "rest.", _table(**{"percent of them in dense layers": 6})),
    ("text instead of numbers", "Your rows are in quotes, so they are text. Leave the quotes out: (96, 55, 55), 34944.",
     {name: str(value) for name, value in RIGHT.items()}),
    ("counts with a point", "A count is a whole number: 34944, not 34944.0.",
     {name: float(value) if isinstance(value, int) else value for name, value in RIGHT.items()}),
]


def _part(name: str, table: dict[str, Row], kind: str, look: str) -> Part:
    return Part(name, 1, lambda rng: [Case((), {"rows": table})], f"{len(table)} {kind}", look)


EXERCISE = Exercise(
    name="alexnet_answers", lesson="06_alexnet", bound=False, value=True, judge=_judge, read=_read, wrong=WRONG,
    observe=lambda subject, case: subject.value(),
    told=lambda case: "the table, row by row:",
    parts=[
        _part("shapes", SHAPES, "shapes", "(size + 2·padding − kernel) // stride + 1, one axis at a time."),
        _part("parameters", PARAMETERS, "counts",
              "K·K·C_in·C_out weights and C_out biases; a dense layer: in·out + out."),
        _part("variants", VARIANTS, "puzzles",
              "describe the variant as a list of layers, and let your tracer count."),
    ],
)
