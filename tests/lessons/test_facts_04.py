"""Every number that lesson 04 states, computed again; the words are looked up in the master, so they cannot drift."""

import math

import numpy as np
import pytest

from cnnlab import check
from cnnlab.built.lesson_02 import conv2d
from cnnlab.built.lesson_03 import max_pool2d, relu
from cnnlab.check.lesson_04.find_the_slip import right_steps
from cnnlab.data.worked_example import own_example, params_of, printed_example
from cnnlab.widgets.network import network_of
from tests.lessons.claims import claim, count, unclaimed
from tests.lessons.master import read

MASTER = read("04_forward")
ORACLE = {e.name: e.oracle for e in check.exercises("04")}
softmax, loss, forward = (ORACLE[name] for name in ("softmax", "cross_entropy", "forward"))
PRINTED, OWN = printed_example(), own_example()
P, E5 = right_steps(PRINTED), right_steps(OWN)
KERNEL, Z = np.array([[1, 0], [0, -1]]), np.array([0.1, 0.2])

FRAMES = np.zeros((4, 1, 5, 5))
FRAMES[0, 0] = OWN["image"]
FRAMES[1, 0, :, 1:] = OWN["image"][:, :-1]
FRAMES[3] = 3
LABELS = np.array([1, 1, 0, 0])
LOGITS = forward(params_of(OWN), FRAMES)
VERDICTS = softmax(LOGITS)
DRAGGED = network_of(OWN).at("out", (1, 2)).with_value(-0.5)


def slid():
    """What the lesson's network says at each place of its wide frame, by the lesson's own cell."""
    (source,) = [source for _, source in MASTER.cells if source.startswith("wide = np.zeros")]
    room = {"np": np, "own": OWN, "params_of": params_of, "conv2d": conv2d, "max_pool2d": max_pool2d, "relu": relu}
    room |= {"class_kernels": OWN["fc_weight"].reshape(2, 1, 2, 2), "print": lambda *_: None}
    exec(source, room)
    return room["person"]


SLID = slid()
PAIRS = softmax(np.array([[0.1, 0.2], [1.1, 1.2], [1, 2], [10, 20]]))


def four(value):
    return f"{value:.4f}".replace("-", "−")


def listed(values, digits=4):
    return "[" + ", ".join(f"{v:.{digits}f}".replace("-", "−") for v in values) + "]"


def ints(rows):
    return "; ".join(" ".join(f"{v:.0f}" for v in row) for row in rows).replace("-", "−")


def cost(p):
    return f"{-math.log(p):.2f}"


CLAIMS = [
    # E1, E2: the maps and their pooling
    claim("There are 4 − 2 + 1 = 3 stops across and 3 down", str(P["maps"].shape[1]), "3"),
    claim("So the result is 3×3, and not 2×2", "{}×{}".format(*P["maps"].shape), "3×3"),
    claim("All nine numbers are 0.", str(int(np.abs(P["maps"]).max())), "0"),
    claim("(3 − 2)/2 is 0.5, rounded down 0, plus 1 is 1", str((3 - 2) / 2), "0.5"),
    claim("With a stride of 1: 3 − 2 + 1 = 2, so 2×2.", "{}×{}".format(*P["pooled"].shape), "2×2"),
    # D5: flattening
    claim("64 maps of 7×7 become one row of 7·7·64 = 3,136 numbers", count(7 * 7 * 64), "3,136"),
    # E3: the head
    claim("| feature 0 | 0.1 | 0.2 |", " | ".join(map(str, PRINTED["fc_weight"].T[0])), "0.1 | 0.2"),
    claim("| feature 1 | 0.3 | 0.4 |", " | ".join(map(str, PRINTED["fc_weight"].T[1])), "0.3 | 0.4"),
    claim("| feature 2 | 0.5 | 0.6 |", " | ".join(map(str, PRINTED["fc_weight"].T[2])), "0.5 | 0.6"),
    claim("| feature 3 | 0.7 | 0.8 |", " | ".join(map(str, PRINTED["fc_weight"].T[3])), "0.7 | 0.8"),
    claim("Only the bias is left: z = [0.1, 0.2].", listed(P["logits"], 1), "[0.1, 0.2]"),
    claim("The answer is [[1·3 + 2·4 + 10]] = [[21]].", str(1 * 3 + 2 * 4 + 10), "21"),
    # D7: softmax
    claim("e to the 0.1 is 1.1052, e to the 0.2 is 1.2214", four(math.exp(0.1)), "1.1052"),
    claim("e to the 0.1 is 1.1052, e to the 0.2 is 1.2214", four(math.exp(0.2)), "1.2214"),
    claim("the sum is 2.3266", four(np.exp(Z).sum()), "2.3266"),
    claim("1.1052/2.3266 = 0.4750, and 1.2214/2.3266 = 0.5250", four(1.1052 / 2.3266), "0.4750"),
    claim("1.1052/2.3266 = 0.4750, and 1.2214/2.3266 = 0.5250", four(P["p"][1]), "0.5250"),
    claim("$e^{1000}$ has 435 digits", str(int(1000 / math.log(10)) + 1), "435"),
    claim("the largest number that a float can hold has 309", str(int(math.log10(np.finfo(float).max)) + 1), "309"),
    claim(
        "0.1 and 0.2 give 0.4750 and 0.5250; 1.1 and 1.2 the same",
        " and ".join(map(four, PAIRS[1])),
        "0.4750 and 0.5250",
    ),
    claim("1 and 2 give 0.2689 and 0.7311", " and ".join(map(four, PAIRS[2])), "0.2689 and 0.7311"),
    claim(
        "10 and 20 give 0.0000 and 1.0000",
        " and ".join(map(four, PAIRS[3])),
        "0.0000 and 1.0000",
    ),
    # D7: the loss
    claim("The network gave it 0.4750.", four(P["p"][0]), "0.4750"),
    claim("3.91 at p = 0.02, sure and wrong", cost(0.02), "3.91"),
    claim("0.69 at p = 0.5, undecided", cost(0.5), "0.69"),
    claim("0.05 at p = 0.95, sure and right", cost(0.95), "0.05"),
    claim("−log 0.4750 = 0.7444", four(P["loss"]), "0.7444"),
    claim("The sum of the powers is 0.9048 + 1 = 1.9048, its log 0.6444", four(math.exp(-0.1)), "0.9048"),
    claim("The sum of the powers is 0.9048 + 1 = 1.9048, its log 0.6444", four(1 + math.exp(-0.1)), "1.9048"),
    claim("its log 0.6444", four(math.log(1 + math.exp(-0.1))), "0.6444"),
    claim("0.6444 + 0.1 = 0.7444", four(0.6444 + 0.1), "0.7444"),
    claim("the shifted logits are [−0.1, 0]", listed(Z[:1] - Z.max(), 1)[:-1], "[−0.1"),
    claim("while the true loss is 1000", f"{loss(np.array([[1000.0, 0.0]]), np.array([1])):.0f}", "1000"),
    claim("If it is 27.6 or 34.5 where 1000 is right", f"{-math.log(1e-12):.1f}", "27.6"),
    claim("If it is 27.6 or 34.5 where 1000 is right", f"{-math.log(1e-15):.1f}", "34.5"),
    claim("Cross-entropy says 0.71 and 3.91", cost(0.49), "0.71"),
    # E5: the course's own
    claim("1 −1 −1 3; −2 −1 1 2; 1 4 2 1; −1 1 −2 1", ints(E5["maps"]), "1 −1 −1 3; −2 −1 1 2; 1 4 2 1; −1 1 −2 1"),
    claim("Six of the sixteen are below zero", {6: "Six"}[int((E5["maps"] < 0).sum())], "Six"),
    claim("are 1, 3, 4 and 2", "{:.0f}, {:.0f}, {:.0f} and {:.0f}".format(*E5["features"]), "1, 3, 4 and 2"),
    claim("0.1·1 − 0.2·3 + 0.1·4 + 0.3·2 + 0.1 = 0.5 + 0.1 = 0.6", f"{E5['logits'][0]:.1f}", "0.6"),
    claim("0.2·1 + 0.1·3 + 0.3·4 − 0.1·2 + 0.2 = 1.5 + 0.2 = 1.7", f"{E5['logits'][1]:.1f}", "1.7"),
    claim("= 1.5 + 0.2 = 1.7", f"{E5['logits'][1] - 0.2:.1f}", "1.5"),
    claim("the difference is 1.1, so p = [0.2497, 0.7503]", listed(E5["p"]), "[0.2497, 0.7503]"),
    claim("the difference is 1.1", f"{E5['logits'][1] - E5['logits'][0]:.1f}", "1.1"),
    claim("so the loss is −log 0.7503 = 0.2873", four(E5["loss"]), "0.2873"),
    claim("the 4 in the third row of the maps. It is 3 − 0 + 1", f"{E5['maps'][2, 1]:.0f}", "4"),
    claim("brings 0.3·4 = 1.2 to class 1", f"{OWN['fc_weight'][1, 2] * 4:.1f}", "1.2"),
    claim("features 1 3 4 2, logits 0.60 and 1.70", "{:.2f} and {:.2f}".format(*E5["logits"]), "0.60 and 1.70"),
    claim(
        "dense weights 0.10 −0.20 0.10 0.30 for class 0 and 0.20 0.10 0.30 −0.10 for class 1",
        " for class 0 and ".join(" ".join(f"{v:.2f}".replace("-", "−") for v in row) for row in OWN["fc_weight"]),
        "0.10 −0.20 0.10 0.30 for class 0 and 0.20 0.10 0.30 −0.10",
    ),
    # the four frames
    claim("Our example: a person with 75%.", f"{VERDICTS[0, 1]:.0%}", "75%"),
    claim("The same one column to the right: nobody with 71%.", f"{VERDICTS[1, 0]:.0%}", "71%"),
    claim("A dark hall and a bright hall: both a person with 57%.", f"{VERDICTS[2, 1]:.0%}", "57%"),
    claim("0.8093 is worse than a coin,", four(loss(LOGITS, LABELS)), "0.8093"),
    claim("0.8093 is worse than a coin, which costs 0.6931", four(math.log(2)), "0.6931"),
    claim("All it has is a loss of 0.8093", four(loss(LOGITS, LABELS)), "0.8093"),
    # E4: the way back
    claim(
        "| [0.4750 − 1, 0.5250 − 0] |", f"[{four(P['p'][0])} − 1, {four(P['p'][1])} − 0]", "[0.4750 − 1, 0.5250 − 0]"
    ),
    claim("0.4750 − 1 = −0.5250 and 0.5250. Right.", four(P["dlogits"][0]), "−0.5250"),
    claim("| `dlogits` | [−0.5250, 0.5250] |", listed(P["dlogits"]), "[−0.5250, 0.5250]"),
    claim("In our layout it is 2×4; in the text's, 4×2.", "{}×{}".format(*P["dweight"].shape), "2×4"),
    claim("0.1·(−0.5250) + 0.2·0.5250 = 0.0525 for feature 0", four(P["dfeatures"][0]), "0.0525"),
    claim("and the same 0.0525 for the other three", four(P["dfeatures"][1:].max()), "0.0525"),
    claim("dfeatures printed as 0, right 0.0525 four times", four(P["dfeatures"].min()), "0.0525"),
    claim("p − y = [0.2497 − 0, 0.7503 − 1]", four(E5["p"][0]), "0.2497"),
    claim("dlogits 0.2497 and −0.2497", " and ".join(map(four, E5["dlogits"])), "0.2497 and −0.2497"),
    claim(
        "0.2497, 0.7492, 0.9990, 0.4995 and the same below zero",
        ", ".join(map(four, E5["dweight"][0])),
        "0.2497, 0.7492, 0.9990, 0.4995",
    ),
    claim(
        "dfeatures −0.0250, −0.0749, −0.0499, 0.0999",
        ", ".join(map(four, E5["dfeatures"])),
        "−0.0250, −0.0749, −0.0499, 0.0999",
    ),
    # the live network
    claim(
        "by 0.8 times feature 2, which is 4: from 1.7 to −1.5".replace("by", "By", 1),
        f"{DRAGGED.steps['logits'][1]:.1f}".replace("-", "−"),
        "−1.5",
    ),
    claim("Drag the weight of 0.30 in the row", f"{OWN['fc_weight'][1, 2]:.2f}", "0.30"),
    claim('"a person" down to −0.50', "−0.50", "−0.50"),
    claim("what it said before, 75.0%", f"{100 * SLID[2]:.1f}%", "75.0%"),
    claim("By 0.8 times feature 2", f"{OWN['fc_weight'][1, 2] + 0.5:.1f}", "0.8"),
    # bugs
    claim("It caps the loss at 27.6", f"{-math.log(1e-12):.1f}", "27.6"),
    claim("so its score is 1·1 + 0·2 = 1 and that of class 1 is 3", str(np.dot([3, 4], [1, 0])), "3"),
]


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_the_lesson_states_is_so(words, computed, expected):
    assert computed == expected


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_is_recomputed_stands_in_the_lesson(words, computed, expected):
    assert MASTER.stated(words)


def test_no_number_in_the_prose_goes_unchecked():
    harmless = {"0.005", "0.02", "0.49", "0.03"}  # rounding and slip, tested below; probabilities of a question
    assert unclaimed(MASTER, CLAIMS, harmless) == []


def test_a_changed_number_would_be_noticed():
    assert not MASTER.stated("0.7445")
    assert unclaimed(MASTER, CLAIMS[:0])


def test_the_printed_picture_is_constant_along_each_diagonal_and_not_flat():
    image = PRINTED["image"]
    assert all(np.ptp(np.diagonal(image, k)) == 0 for k in range(-3, 4))
    assert np.ptp(image) > 0


def test_what_is_printed_right_and_what_wrong_is_as_the_lesson_tells():
    agree = {
        name
        for name, value in P.items()
        if np.shape(value) == np.shape(PRINTED["steps"][name]) and np.allclose(value, PRINTED["steps"][name], atol=1e-4)
    }
    assert set(P) - agree == {"maps", "relu", "dweight", "dfeatures"}


def test_no_stride_pools_2_by_2_to_2_by_2():
    assert all((2 - 2) // stride + 1 == 1 for stride in (1, 2, 3))


def test_rounding_and_slips_differ_as_told():
    exercise = next(e for e in check.exercises("04") if e.name == "find_the_slip")
    for seed in range(5):
        for part in exercise.parts:
            for case in part.cases(np.random.default_rng(seed)):
                example = case.args[0]
                name, right = ORACLE["find_the_slip"](example)
                steps, printed = right_steps(example), example["steps"]
                before = list(printed)[: list(printed).index(name)]
                assert all(np.max(np.abs(printed[k] - steps[k])) < 0.0001 for k in before)
                same_shape = np.shape(printed[name]) == np.shape(right)
                assert not same_shape or np.max(np.abs(printed[name] - right)) > 0.0199


def test_the_loss_takes_logits_in_torch_and_does_not_complain_about_probabilities():
    functional = pytest.importorskip("torch").nn.functional
    torch = pytest.importorskip("torch")
    z, label = torch.tensor([[0.1, 0.2]], dtype=torch.float64), torch.tensor([0])
    assert functional.cross_entropy(z, label).item() == pytest.approx(P["loss"])
    assert functional.cross_entropy(z.softmax(dim=1), label).item() == pytest.approx(0.7185, abs=1e-4)


def test_three_clicks_make_it_say_nobody_and_two_do_not():
    def clicked(state, place):
        state = state.at("in", place)
        return state.with_value(0 if state.value >= 3 else state.value + 1)

    def nobody(state):
        return state.steps["p"].argmax() == 0

    start, places = network_of(OWN), list(np.ndindex(5, 5))
    assert nobody(clicked(clicked(clicked(start, (0, 3)), (2, 1)), (2, 2)))
    once = [clicked(start, place) for place in places]
    assert not any(nobody(clicked(state, place)) for state in once for place in places)
    never = [p for p, state in zip(places, once, strict=True) if not any(state.moved.values())]
    assert never == [(0, 4), (4, 0)], "the corners at the top right and the bottom left"
