"""Every number that lesson 06 states, computed again; the words are looked up in the master, so they cannot drift."""

import ast
import math

import pytest

from cnnlab.built.lesson_02 import output_size
from cnnlab.built.lesson_06 import macs, parameters, receptive_field, trace
from cnnlab.check.lesson_06.table import PARAMETERS, SHAPES, VARIANTS
from cnnlab.figures.reach import influence, most_of
from cnnlab.layers import Conv, Dense, Flatten, Pool
from tests.lessons.claims import claim, count, in_code, unclaimed
from tests.lessons.master import read

MASTER = read("06_alexnet")
FEATURES = [
    *(Conv(96, 11, stride=4), Pool(3, 2), Conv(256, 5, padding=2), Pool(3, 2)),
    *(Conv(384, 3, padding=1), Conv(384, 3, padding=1), Conv(256, 3, padding=1), Pool(3, 2)),
]
HEAD = [Flatten(), Dense(4096), Dense(4096), Dense(1000)]
ALEXNET, AT = [*FEATURES, *HEAD], (3, 227, 227)
SMALL = [
    *(Conv(32, 3, padding=1), Conv(32, 3, padding=1), Pool(2, 2), Conv(64, 3, padding=1), Pool(2, 2)),
    *(Flatten(), Dense(128), Dense(10)),
]
MINI = [Conv(16, 3, padding=1), Pool(2, 2), Conv(32, 3, padding=1), Pool(2, 2), Flatten(), Dense(10)]
BLOCKS = [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]
VGG16 = [layer for depth, n in BLOCKS for layer in [*[Conv(n, 3, padding=1)] * depth, Pool(2, 2)]] + HEAD

SHAPES_AT, COUNTS, WORK = trace(ALEXNET, AT), parameters(ALEXNET, AT), macs(ALEXNET, AT)
VGG_SHAPES, VGG_COUNTS, VGG_WORK = (f(VGG16, (3, 224, 224)) for f in (trace, parameters, macs))
MINI_SHAPES, MINI_COUNTS = trace(MINI, (3, 224, 224)), parameters(MINI, (3, 224, 224))
FIELDS = receptive_field(FEATURES)
RELUS = [math.prod(SHAPES_AT[k]) for k in (1, 3, 5, 6, 7, 10, 11)]  # each is what the next layer is given
POOLS = [math.prod(SHAPES_AT[k]) for k in (2, 4, 8)]  # a maximum (float32) and its place (int64) for each window
KEPT = 4 * (math.prod(AT) + sum(RELUS) + 1000) + (4 + 8) * sum(POOLS)  # bytes for one picture; the loss keeps 1,000 too


def conv(kernel, came, went):
    return (kernel * kernel * came + 1) * went


def table():
    """The answers of the solution, as they stand in its cell."""
    source = next(source for tags, source in MASTER.cells if tags.get("solution") == "alexnet_answers")
    (found,) = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AugAssign)]
    return ast.literal_eval(found)


def two_cards():
    """The paper's version: both halves of each convolution, a half seeing the maps of its own card but in conv3."""
    seen = {5: 96 // 2, 3: 384 // 2}
    halves = [(11, 3, 96), (5, seen[5], 256), (3, 256, 384), (3, seen[3], 384), (3, seen[3], 256)]
    return [2 * conv(kernel, came, went // 2) for kernel, came, went in halves]


TORCHVISION = [
    *(Conv(64, 11, stride=4, padding=2), Pool(3, 2), Conv(192, 5, padding=2), Pool(3, 2)),
    *(Conv(384, 3, padding=1), Conv(256, 3, padding=1), Conv(256, 3, padding=1), Pool(3, 2), *HEAD),
]
TINY = [*FEATURES, Flatten(), Dense(4096), Dense(200)]
SHARE = 100 * sum(w for w, layer in zip(WORK, ALEXNET, strict=True) if isinstance(layer, Conv)) / sum(WORK)
UNPADDED = trace(FEATURES, (3, 224, 224))
LENET5 = [*(Conv(6, 5, padding=2), Pool(2, 2), Conv(16, 5), Pool(2, 2), Flatten(), Dense(120), Dense(84), Dense(10))]
LENET = [f(LENET5, (1, 28, 28)) for f in (parameters, macs)]
TWO_CARDS_WORK = sum(w // 2 if k in (2, 5, 6) else w for k, w in enumerate(WORK))  # half the maps: conv2, conv4, conv5
OPERATIONS = 2 * 3 * TWO_CARDS_WORK * 1_200_000 * 90
EARLY = [1 + 10 * 4]
BELL = most_of(influence([Conv(8, 3)] * 10))

CLAIMS = [
    # G5, C5
    claim("64 maps of 8×8: 4,096 numbers", count(trace(SMALL, (3, 32, 32))[6][0]), "4,096"),
    claim("three convolutions and two dense layers, 554,346", count(sum(parameters(SMALL, (3, 32, 32)))), "554,346"),
    claim("(3·3·32 + 1)·64 = 18,496 numbers", count(conv(3, 32, 64)), "18,496"),
    claim("3×3 from 3 to 16: 448", count(conv(3, 3, 16)), "448"),
    claim("3×3 from 3 to 64: 1,792", count(conv(3, 3, 64)), "1,792"),
    claim("7×7 from 3 to 64: 9,472", count(conv(7, 3, 64)), "9,472"),
    claim("3×3 from 64 to 128: 73,856", count(conv(3, 64, 128)), "73,856"),
    claim("3×3 from 512 to 512: 2,359,808", count(conv(3, 512, 512)), "2,359,808"),
    # G4
    claim("a picture of 224×224×3 becomes 7×7×512", "{1}×{2}×{0}".format(*VGG_SHAPES[18]), "7×7×512"),
    claim(
        "224, 112, 56, 28, 14, 7",
        ", ".join(str(s) for s in dict.fromkeys(shape[1] for shape in VGG_SHAPES[:19])),
        "224, 112, 56, 28, 14, 7",
    ),
    claim("first dense layer, 102,764,544 numbers", count(max(VGG_COUNTS)), "102,764,544"),
    claim("1,849,688,064 MACs each", count(max(VGG_WORK)), "1,849,688,064"),
    claim("where the maps are large: 3,211,264 numbers each", count(math.prod(VGG_SHAPES[1])), "3,211,264"),
    # G6
    claim("have 448 and 4,640 parameters", f"{MINI_COUNTS[0]} and {MINI_COUNTS[2]:,}", "448 and 4,640"),
    claim("32·56·56 = 100,352 numbers to 10 outputs", count(MINI_SHAPES[5][0]), "100,352"),
    claim("that is 1,003,530, or 99.5% of 1,008,618", count(MINI_COUNTS[5]), "1,003,530"),
    claim("99.5% of 1,008,618", f"{100 * MINI_COUNTS[5] / sum(MINI_COUNTS):.1f}%", "99.5%"),
    claim("99.5% of 1,008,618", count(sum(MINI_COUNTS)), "1,008,618"),
    claim("the same 1,008,618 parameters", count(sum(MINI_COUNTS)), "1,008,618"),
    *[claim(text, text, text) for text in (str([1, *shape]) for shape in MINI_SHAPES)],
    *[claim(text, text, text) for text in (f"(1, {h}, {w}, {c})" for c, h, w in MINI_SHAPES[:5])],
    claim("28·28 places for 56·56: a quarter", {4.0: "a quarter"}[56**2 / 28**2], "a quarter"),
    claim("223 divided by 2, rounded down, plus 1, is 112", str(output_size(224, 3, 1, 2)), "112"),
    claim("223 divided by 2", str(224 + 2 * 1 - 3), "223"),
    claim("9·32·64·16·16 = 4,718,592", count(macs(SMALL, (3, 32, 32))[3]), "4,718,592"),
    claim("1 + 2 = 3; then 3 + 1 = 4", str(receptive_field([Conv(8, 3), Pool(2, 2)])[1]), "4"),
    claim("then 4 + 2·2 = 8", str(receptive_field([Conv(8, 3), Pool(2, 2), Conv(8, 3)])[2]), "8"),
    claim(
        "nearly a third of the features is gone", {0.3: "nearly a third"}[round(1 - 6400 / 9216, 1)], "nearly a third"
    ),
    # C7, C8
    claim("3, 5, 7, and so on", ", ".join(map(str, receptive_field([Conv(8, 3)] * 3))), "3, 5, 7"),
    claim("11 after five layers of 3×3", str(receptive_field([Conv(8, 3)] * 5)[-1]), "11"),
    claim("five layers of 3×3, 21 after ten", str(receptive_field([Conv(8, 3)] * 10)[-1]), "21"),
    claim("150 pixels you would need 75 layers", str(math.ceil((150 - 1) / 2)), "75"),
    claim(
        "adds 2·2 = 4 pixels: 3, 4, 8",
        ", ".join(map(str, receptive_field([Conv(8, 3), Pool(2, 2), Conv(8, 3)]))),
        "3, 4, 8",
    ),
    claim(
        "the pooling sees 2 pixels, the convolution 2 + 2·2 = 6",
        str(receptive_field([Pool(2, 2), Conv(4, 3)])[-1]),
        "6",
    ),
    claim("`Conv(4, 3, dilation=2)` alone sees 5 pixels", str(receptive_field([Conv(4, 3, dilation=2)])[0]), "5"),
    claim("| 5×5 | 25 | 2·9 = 18 |", str(2 * 3 * 3), "18"),
    claim("| 7×7 | 49 | 3·9 = 27 |", str(3 * 3 * 3), "27"),
    claim("21 pixels, and 90% of the say is within 11×11 of them", f"{BELL}×{BELL}", "11×11"),
    claim(
        "with dilations 1, 2, 4, 8 see 31 pixels",
        str(receptive_field([Conv(8, 3, dilation=d) for d in (1, 2, 4, 8)])[-1]),
        "31",
    ),
    claim("four without 9", str(receptive_field([Conv(8, 3)] * 4)[-1]), "9"),
    claim("In 11×11 pixels there is room for an edge", f"{FIELDS[0]}×{FIELDS[0]}", "11×11"),
    claim("In 51×51 corners and textures fit", f"{FIELDS[2]}×{FIELDS[2]}", "51×51"),
    claim("in 99×99 parts", f"{FIELDS[4]}×{FIELDS[4]}", "99×99"),
    claim("in 195×195 nearly the whole thing", f"{FIELDS[-1]}×{FIELDS[-1]}", "195×195"),
    # G1 to G3, C10
    claim("is in the convolutions, 95% of it", f"{SHARE:.0f}%", "95%"),
    claim("4 bytes: 250 MB for AlexNet", f"{4 * sum(COUNTS) / 1e6:.0f} MB", "250 MB"),
    claim("two more numbers for each: 998 MB", f"{4 * 4 * sum(COUNTS) / 1e6:.0f} MB", "998 MB"),
    claim("That is 4.7 MB for one picture", f"{KEPT / 1e6:.1f} MB", "4.7 MB"),
    claim("605 MB for 128 of them", f"{128 * KEPT / 1e6:.0f} MB", "605 MB"),
    claim("1,210 MB for 256", f"{count(round(256 * KEPT / 1e6))} MB", "1,210 MB"),
    claim("48 of conv1's 96", str(96 // 2), "48"),
    claim("9216 → 4096 → 200", str(SHAPES_AT[9][0]), "9216"),
    claim("which always leaves 6×6", "{}×{}".format(*trace(TORCHVISION, (3, 224, 224))[8][1:]), "6×6"),
    claim("1,135,256,096 MACs, 2.27 billion FLOPs", count(sum(WORK)), "1,135,256,096"),
    claim("2.27 billion FLOPs", f"{2 * sum(WORK) / 1e9:.2f} billion", "2.27 billion"),
    claim(
        "1.1 billion operations for a picture, another says 2.3 billion",
        f"{sum(WORK) / 1e9:.1f} billion",
        "1.1 billion",
    ),
    claim("another says 2.3 billion", f"{2 * sum(WORK) / 1e9:.1f} billion", "2.3 billion"),
    # why 2012
    claim("A thousand times the parameters", {1011: "A thousand"}[round(sum(COUNTS) / sum(LENET[0]))], "A thousand"),
    claim("2,726 times the work for a picture", count(round(sum(WORK) / sum(LENET[1]))), "2,726"),
    claim("and 20 times as many pictures", str(1_200_000 // 60_000), "20"),
    claim("A network with 62 million numbers", f"{sum(COUNTS) / 1e6:.0f} million", "62 million"),
    claim("256 − 224 + 1 = 33 places across", str(256 - 224 + 1), "33"),
    claim("33·33·2 = 2,178. The paper counts 32·32·2 = 2,048", count(33 * 33 * 2), "2,178"),
    claim("The paper counts 32·32·2 = 2,048", count(32 * 32 * 2), "2,048"),
    claim("they say, 2,048 pictures of each", count((256 - 224) ** 2 * 2), "2,048"),
    claim("two cards needs 724 million MACs for a picture", f"{TWO_CARDS_WORK / 1e6:.0f} million", "724 million"),
    claim("33 years against less than two days", f"{OPERATIONS / 450e6 / 86_400 / 365:.0f} years", "33 years"),
    claim(
        "33 years against less than two days", {1: "less than two"}[int(OPERATIONS / 3.16e12 / 86_400)], "less than two"
    ),
    claim("a *weight decay* of 0.0005", in_code(MASTER, r'"weight_decay": ([\d.]+)'), "0.0005"),
    claim("*momentum* 0.9 (a step goes on", in_code(MASTER, r'"momentum": ([\d.]+)'), "0.9"),
    # bugs
    claim("11 pixels became 41", str(EARLY[0]), "41"),
    claim(
        "54 for 55, then 26, 12, and in the end 5×5 places",
        ", ".join(str(UNPADDED[k][1]) for k in (1, 2, 4)).replace("54, ", "54 for 55, then "),
        "54 for 55, then 26, 12",
    ),
    claim("6,400 numbers reach dense1, which waits for 9,216", count(math.prod(UNPADDED[8])), "6,400"),
    claim("which waits for 9,216", count(SHAPES_AT[9][0]), "9,216"),
    claim("now there are 16,384", count(256 * 8 * 8), "16,384"),
]


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_the_lesson_states_is_so(words, computed, expected):
    assert computed == expected


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_is_recomputed_stands_in_the_lesson(words, computed, expected):
    assert MASTER.stated(words)


def test_no_number_in_the_prose_goes_unchecked():
    reported = {
        "2.30",
        "15.3",
        "18.2",
        "26.2",
        "1.2",
        "60,000",
        "580",
        "170",
    }  # guessing among ten; by the paper, MNIST's, a card's name, megabytes
    harmless = reported | {
        "224",
        "227",
        "150",
        "200",
        "256",
        "384",
        "192",
        "100352",
        "1_000_000",
        "4096",
        "1,000",
        "4,096",
        "128",
    }
    assert unclaimed(MASTER, CLAIMS, harmless) == []  # sizes of layers and pictures, given and not computed


def test_a_changed_number_would_be_noticed():
    assert not MASTER.stated("99.5% of 1,008,619")
    assert unclaimed(MASTER, CLAIMS[:0])


def test_the_table_of_the_solution_is_alexnet():
    answers = table()
    assert list(answers) == [*SHAPES, *PARAMETERS, *VARIANTS]
    names = ["conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool3", "flatten"]
    assert [answers[f"shape after {name}"] for name in names] == SHAPES_AT[1:10]
    names = ["conv1", "conv2", "conv3", "conv4", "conv5", "dense1", "dense2", "dense3"]
    assert [answers[f"parameters of {name}"] for name in names] == [n for n in COUNTS if n]
    assert [n for n in COUNTS if n] == [34944, 614656, 885120, 1327488, 884992, 37752832, 16781312, 4097000]
    assert answers["parameters in all"] == sum(COUNTS) == 62_378_344
    assert answers["percent of them in dense layers"] == round(100 * sum(COUNTS[9:]) / sum(COUNTS)) == 94


def test_the_puzzles_of_the_table_are_settled_by_the_tracer():
    answers = table()
    assert answers["224 unpadded: side after conv1"] == output_size(224, 11, 0, 4) == 54
    assert answers["224, padding 2: side after conv1"] == output_size(224, 11, 2, 4) == 55
    assert answers["two GPUs: parameters of conv2"] == two_cards()[1]
    assert answers["two GPUs: parameters in all"] == sum(two_cards()) + sum(COUNTS[9:])
    assert answers["torchvision: parameters in all"] == sum(parameters(TORCHVISION, (3, 224, 224))) == 61_100_840
    assert answers["Tiny ImageNet: parameters of the last layer"] == parameters(TINY, AT)[-1]
    assert answers["Tiny ImageNet: parameters in all"] == sum(parameters(TINY, AT))


def test_the_learner_finds_every_row_of_the_table_empty():
    source = next(source for tags, source in MASTER.cells if tags.get("solution") == "alexnet_answers")
    assert source.count(": None,") == len(table())


def test_the_paper_has_one_number_that_does_not_fit():
    assert output_size(224, 11, 0, 4) != 55 == output_size(227, 11, 0, 4)


def test_the_networks_of_the_widgets_are_those_of_the_lesson():
    from cnnlab.widgets.networks import FIELDS as STACKS
    from cnnlab.widgets.networks import NETWORKS

    assert NETWORKS["AlexNet"] == (AT, ALEXNET)
    assert NETWORKS["VGG-16"] == ((3, 224, 224), VGG16)
    assert NETWORKS["two convolutions on 224 × 224"] == ((3, 224, 224), MINI)
    for name in ("ten 3 × 3", "nothing yet", "dilations 1, 2, 4, 8"):
        assert name in STACKS
        assert MASTER.stated(f'"{name}"')


def test_the_shrunken_alexnet_is_alexnet_in_small():
    source = next(source for tags, source in MASTER.cells if tags.get("figure") == "shrunk-traced")
    room = {"Conv": Conv, "Pool": Pool, "Flatten": Flatten, "Dense": Dense}
    exec(source.split("title =")[0], room)
    kinds = lambda layers: [type(layer) for layer in layers if not isinstance(layer, Pool)]  # noqa: E731
    assert kinds(room["SHRUNK"]) == kinds(ALEXNET)
    work = macs(room["SHRUNK"], (3, 32, 32))
    assert max(work) == work[2], "the second convolution, as the figure's words say"
