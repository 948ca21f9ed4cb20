"""alexnet_answers: tables filled in with one wrong idea throughout, down to what follows from it. Wrong on purpose."""

from __future__ import annotations

import math

from cnnlab.check.exercise import Mistake

ANSWERS: list[Mistake] = []

# kernel, filters, stride, padding
CONVS = [(11, 96, 4, 0), (5, 256, 1, 2), (3, 384, 1, 1), (3, 384, 1, 1), (3, 256, 1, 1)]
POOLED = {0: "pool1", 1: "pool2", 4: "pool3"}


def _side(size, kernel, stride, padding=0):
    return (size + 2 * padding - kernel) // stride + 1


def _conv(kernel, maps, filters):
    return kernel * kernel * maps * filters + filters


def _dense(inputs, outputs):
    return inputs * outputs + outputs


def _table(side=_side, conv=_conv, dense=_dense, pool=lambda maps: 0, groups=1, pool_stride=2, **more):
    """All rows, as they come out by these rules; `more` are rows that are set as given."""
    rows, maps, size, counts = {}, 3, 227, []
    for k, (kernel, filters, stride, padding) in enumerate(CONVS):
        size = side(size, kernel, stride, padding)
        seen = maps // groups if k in (1, 3, 4) else maps
        counts.append(conv(kernel, seen, filters))
        rows[f"parameters of conv{k + 1}"] = counts[-1]
        rows[f"shape after conv{k + 1}"] = (filters, size, size)
        maps = filters
        if k in POOLED:
            size = side(size, 3, pool_stride)
            rows[f"shape after {POOLED[k]}"] = (maps, size, size)
            counts.append(pool(maps))
    flat = math.prod(rows["shape after pool3"])
    head = [dense(flat, 4096), dense(4096, 4096), dense(4096, 1000)]
    rows["shape after flatten"] = (flat,)
    rows["parameters of pool1"], rows["parameters of flatten"] = pool(96), 0
    rows |= {f"parameters of dense{k + 1}": count for k, count in enumerate(head)}
    total = sum(counts) + sum(head)
    rows["parameters in all"] = total
    rows["percent of them in dense layers"] = round(100 * sum(head) / total)
    split = sum(conv(k, m, f) - conv(k, m // 2, f) for k, m, f in ((5, 96, 256), (3, 384, 384), (3, 384, 256)))
    theirs = ((11, 3, 64), (5, 64, 192), (3, 192, 384), (3, 384, 256), (3, 256, 256))
    rows |= {
        "224 unpadded: side after conv1": side(224, 11, 4),
        "224, padding 2: side after conv1": side(224, 11, 4, 2),
        "two GPUs: parameters of conv2": conv(5, 48, 256),
        "two GPUs: parameters in all": total - split if groups == 1 else total,
        "torchvision: parameters in all": sum(conv(*layer) for layer in theirs) + 3 * pool(0) + sum(head),
        "Tiny ImageNet: parameters of the last layer": dense(4096, 200),
        "Tiny ImageNet: parameters in all": sum(counts) + head[0] + dense(4096, 200),
    }
    return {**rows, **more}


def _known(name, says, **rules):
    ANSWERS.append(Mistake(name, says, _table(**rules)))


RIGHT = _table()
TOTAL = RIGHT["parameters in all"]

_known(
    "the first stop is not counted",
    "There is a stop before the first step: (size + 2·padding − kernel) // stride, and then + 1.",
    side=lambda n, k, s, p=0: (n + 2 * p - k) // s,
)
_known(
    "the padding is forgotten",
    "Padding adds pixels on both sides before the kernel moves: conv2 has 2, conv3 to conv5 have 1.",
    side=lambda n, k, s, p=0: (n - k) // s + 1,
)
_known(
    "padding on one side only",
    "Padding goes on both sides: 2·padding more pixels, not padding.",
    side=lambda n, k, s, p=0: (n + p - k) // s + 1,
)
_known(
    "rounded up",
    "A last stop that does not fit is left out: (224 − 11)/4 is 53.25, so 53 steps and the first stop make 54.",
    side=lambda n, k, s, p=0: -((k - n - 2 * p) // s) + 1,
)
_known(
    "pooling windows do not overlap",
    "AlexNet's windows are 3 wide and move by 2, so neighbours share a column.",
    pool_stride=3,
)
_known(
    "channels last",
    "Shapes are (channels, height, width) in this course, as in torch.",
    **{name: value[1:] + value[:1] for name, value in RIGHT.items() if isinstance(value, tuple)},
)
_known(
    "the biases are forgotten",
    "Each filter and each output of a dense layer has a bias: 10,568 in all.",
    conv=lambda k, c, f: k * k * c * f,
    dense=lambda i, o: i * o,
)
_known(
    "a single bias for a layer",
    "There is one bias for each filter and each output, not one for the layer.",
    conv=lambda k, c, f: k * k * c * f + 1,
    dense=lambda i, o: i * o + 1,
)
_known(
    "the kernel's side, not its area",
    "An 11 × 11 kernel has 121 weights for each map, not 11.",
    conv=lambda k, c, f: k * c * f + f,
)
_known(
    "the incoming maps are left out",
    "A filter has a slice of weights for every map that comes in: times C_in.",
    conv=lambda k, c, f: k * k * f + f,
)
_known(
    "pooling is counted",
    "Pooling takes the largest number of a window and learns nothing: 0 for it.",
    pool=lambda maps: 9 * maps,
)
_known(
    "dense1 gets one number for each map",
    "All 6 × 6 × 256 = 9,216 numbers reach the first dense layer.",
    dense=lambda i, o: (256 if i == 9216 else i) * o + o,
)
_known(
    "the two-GPU version everywhere",
    "In this table every filter sees all maps. The paper's two GPUs are a variant, and have rows of their own.",
    groups=2,
)
_known(
    "the paper's 55 is believed",
    "The paper says 224 and 55 × 55, and the two do not fit: without padding 224 pixels give 54.",
    **{"224 unpadded: side after conv1": 55},
)
_known(
    "two GPUs change nothing",
    "With two GPUs a filter of conv2, conv4 or conv5 sees the maps of its own GPU only: half of the weights.",
    **{"two GPUs: parameters of conv2": 614_656, "two GPUs: parameters in all": TOTAL},
)
_known(
    "one GPU counted",
    "Each GPU has 128 of conv2's 256 filters. Both halves count.",
    **{"two GPUs: parameters of conv2": 153_728, "two GPUs: parameters in all": TOTAL // 2},
)
_known(
    "two GPUs split conv3 as well",
    "conv3 sees the maps of both GPUs: it is the one layer among conv2 to conv5 that is not split.",
    **{"two GPUs: parameters in all": 60_522_856},
)
_known(
    "only conv2 is split",
    "conv2, conv4 and conv5 see half of the maps each; conv3 sees them all.",
    **{"two GPUs: parameters in all": 62_071_144},
)
_known(
    "torchvision's is ours",
    "torchvision's AlexNet has 64, 192, 384, 256 and 256 filters: count its layers anew.",
    **{"torchvision: parameters in all": TOTAL},
)
_known(
    "1,000 classes for Tiny ImageNet",
    "Tiny ImageNet has 200 classes, so the last layer has 200 outputs.",
    **{
        "Tiny ImageNet: parameters of the last layer": 4_097_000,
        "Tiny ImageNet: parameters in all": TOTAL - 16_781_312,
    },
)
_known(
    "all three dense layers for Tiny ImageNet",
    "That variant has one dense layer fewer: 9216 → 4096 → 200.",
    **{"Tiny ImageNet: parameters in all": TOTAL - 4_097_000 + 819_400},
)
_known(
    "the last layer gets the flattened maps",
    "The last layer gets the 4,096 numbers of the dense layer before it, not 9,216.",
    **{
        "Tiny ImageNet: parameters of the last layer": 1_843_400,
        "Tiny ImageNet: parameters in all": 3_747_200 + 37_752_832 + 1_843_400,
    },
)
_known(
    "a share, not percent",
    "In percent: a hundred times the share.",
    **{"percent of them in dense layers": 0.94},
)
_known(
    "the convolutions' percent",
    "That is the share of the convolutions, the small one. The dense layers have the rest.",
    **{"percent of them in dense layers": 6},
)
_known(
    "text instead of numbers",
    "Your rows are in quotes, so they are text. Leave the quotes out: (96, 55, 55), 34944.",
    **{name: str(value) for name, value in RIGHT.items()},
)
_known(
    "counts with a point",
    "A count is a whole number: 34944, not 34944.0.",
    **{name: float(value) for name, value in RIGHT.items() if not isinstance(value, tuple)},
)
