"""Every number that lesson 05 states, computed again; the words are looked up in the master, so they cannot drift."""

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from cnnlab import check
from cnnlab.built import lesson_02, lesson_03, lesson_04, lesson_05
from cnnlab.built.lesson_02 import conv2d
from cnnlab.built.lesson_04 import forward
from cnnlab.data import digits
from cnnlab.data.worked_example import own_example, own_gradients, params_of, printed_example
from cnnlab.figures.backwards import autograd_of, backwards, forwards
from tests.lessons.claims import claim, count, unclaimed
from tests.lessons.master import read

MASTER = read("05_backprop")
ORACLE = {e.name: e.oracle for e in check.exercises("05")}
X = np.array([[3, 1, 2], [0, 2, 1], [4, 1, 5]])
KERNEL = np.array([[1, 0], [0, -1]])
DOUT = np.array([[1, -1], [2, 0]])
DX, DK, DB = (g.squeeze() for g in ORACLE["conv2d_backward"](DOUT[None, None], X[None, None], KERNEL[None, None]))


def loss(w):
    return (2 * w - 3) ** 2


def minus(text):
    return str(text).replace("-", "−")


def listed(values, form="{:.4f}"):
    return "[" + ", ".join(minus(form.format(v)) for v in np.ravel(values)) + "]"


def nested(array):
    return "[" + ", ".join("[" + ", ".join(minus(int(v)) for v in row) + "]" for row in array) + "]"


PRINTED, OWN = printed_example(), own_example()
PRINTED_STEPS = forwards(PRINTED["image"], params_of(PRINTED), PRINTED["label"], 2, 1)
PRINTED_GRADIENTS, _ = backwards(PRINTED_STEPS, params_of(PRINTED), PRINTED["label"], vars(lesson_05), 2, 1)
OWN_STEPS = forwards(OWN["image"], params_of(OWN), OWN["label"], 2, 2)
OWN_GRADIENTS, _ = backwards(OWN_STEPS, params_of(OWN), OWN["label"], vars(lesson_05), 2, 2)
DLOGITS = PRINTED_GRADIENTS["fc_bias"]
DFEATURES = DLOGITS @ params_of(PRINTED)["fc_weight"]
OWN_DFEATURES = OWN_GRADIENTS["fc_bias"] @ params_of(OWN)["fc_weight"]
Q = OWN_GRADIENTS["fc_bias"][0]
MOVED = params_of(PRINTED)["fc_bias"] - 0.1 * DLOGITS
BOTH, TEST = (len(digits(split)[1]) for split in ("train", "test"))

BLAME = np.array([-0.5, 0.7, 0.1])  # bug 5's
GATED = lesson_05.relu_backward(BLAME, np.array([3.0, -1.0, 2.0]))


def cells(*beginnings):
    """The lesson's own cells that begin so, run with the ready-made functions: their names."""
    names = {"np": np, **vars(lesson_03), **vars(lesson_04), **vars(lesson_02), **vars(lesson_05)}
    drawing = dict.fromkeys(("show_pictures", "show_by_layer", "print"), lambda *_, **__: None)
    names |= {"digits": digits, **drawing}
    for beginning in beginnings:
        (source,) = [source for _, source in MASTER.cells if source.startswith(beginning)]
        exec(source, names)
    return names


TAPE = cells("tape = []", "times = gate", "convolve = gate")


def chain():
    """Section 2's chain on the tape: the blame of x, w and b."""
    wires = [TAPE["Wire"](value) for value in (2, 3, -1, -3)]
    times, plus = TAPE["times"], TAPE["plus"]
    TAPE["go_back"](TAPE["square"](plus(plus(times(*wires[:2]), wires[2]), wires[3])))
    return [wire.blame for wire in wires[:3]]


FORK = TAPE["x"].blame
BEGUN = cells("both_images", "def start")
BY_LAYER = cells("def there_and_back")
STARTED = BEGUN["start"](np.random.default_rng(0))
LABELS = BEGUN["train_labels"]


def first_loss(size):
    logits = forward(BEGUN["start"](np.random.default_rng(0), size=size), BEGUN["x_train"])
    return lesson_04.cross_entropy(logits, LABELS)


def by_heart():
    params, losses = STARTED, []
    for _ in range(100):
        loss, params = lesson_05.train_step(params, BEGUN["x_train"][:20], LABELS[:20], 0.3)
        losses.append(loss)
    assert BEGUN["accuracy"](params, BEGUN["x_train"][:20], LABELS[:20]) == 1
    return losses[0], losses[-1]


def spread(size):
    """How large numbers are behind twenty layers with ReLU, 100 wide, and their blame in front of them."""
    there, back = BY_LAYER["there_and_back"](size)
    return there[-1].std(), back[0].std()


def power(value):
    """The power of ten that is nearest: 10⁻⁹."""
    return "10" + f"{np.log10(value):.0f}".translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


CLAIMS = [
    *(
        claim("The two values, 9.00006 and 8.99994, are", f"{np.float32(3 + step) ** 2:.5f}", value)
        for step, value in ((1e-5, "9.00006"), (-1e-5, "8.99994"))
    ),
    # section 1
    claim("a nudge up gives (2·1.001 − 3)² = 0.996004", f"{loss(1.001):.6f}", "0.996004"),
    claim("a nudge down (2·0.999 − 3)² = 1.004004", f"{loss(0.999):.6f}", "1.004004"),
    claim("The weight moved by 0.002 in all", f"{1.001 - 0.999:.3f}", "0.002"),
    claim("the loss fell by 0.008", f"{loss(0.999) - loss(1.001):.3f}", "0.008"),
    claim("With *h* = 0.001", f"{(1.001 - 0.999) / 2:.3f}", "0.001"),
    claim("*w* becomes 1 − 0.1·(−4) = 1.4, and the loss falls from 1 to 0.04",
          f"{1 + 0.1 * 4:.1f}, and the loss falls from 1 to {loss(1.4):.2f}", "1.4, and the loss falls from 1 to 0.04"),
    claim("a nudge of about 0.00001", f"{1e-5:.5f}", "0.00001"),
    # section 4: E3, E4
    claim("logits 0.1 and 0.2, so p = [0.4750, 0.5250]", listed(PRINTED_STEPS["p"]), "[0.4750, 0.5250]"),
    claim("blame is [−0.5250, 0.5250]", listed(DLOGITS), "[−0.5250, 0.5250]"),
    claim("takes log 2 from 0.6931 up to 0.6981 and down to 0.6881",
          f"{np.log(2):.4f} up to {np.log(2.01):.4f} and down to {np.log(1.99):.4f}",
          "0.6931 up to 0.6981 and down to 0.6881"),
    claim("so 0.01 in all for 0.02: ½", f"{np.log(2.01) - np.log(1.99):.2f} in all for {2.01 - 1.99:.2f}",
          "0.01 in all for 0.02"),
    # section 6: F4
    claim("dbias = 1 + (−1) + 2 + 0 = 2", str(int(DB)), "2"),
    claim("So dweight = [[2, 3], [6, 3]]", nested(DK), "[[2, 3], [6, 3]]"),
    claim("So dx = [[1, −1, 0], [2, −1, 1], [0, −2, 0]]", nested(DX), "[[1, −1, 0], [2, −1, 1], [0, −2, 0]]"),
    claim("if you get [[−1, 1, 0], [−2, 1, −1], [0, 2, 0]]", nested(convolve2d(DOUT, KERNEL[::-1, ::-1])),
          "[[−1, 1, 0], [−2, 1, −1], [0, 2, 0]]"),
    claim("26·26·10 = 6,760", count(26 * 26 * 10), "6,760"),
    claim("676 times as many", count(26 * 26), "676"),
    # section 7: E4, E5
    claim("0.1·(−0.5250) + 0.2·0.5250 = 0.0525", f"{DFEATURES[0]:.4f}", "0.0525"),
    claim("the dense bias, to [0.1525, 0.1475]", listed(MOVED), "[0.1525, 0.1475]"),
    claim("gets 0.7503 so far", f"{OWN_STEPS['p'][0, 1]:.4f}", "0.7503"),
    claim("Let *q* stand for 0.2497", f"{Q:.4f}", "0.2497"),
    claim("−0.1·*q* = −0.0250", minus(f"{-0.1 * Q:.4f}"), "−0.0250"),
    claim("The four are −0.1, −0.3, −0.2 and 0.4 times *q*",
          "{}, {}, {} and {}".format(*(minus(f"{v:.1f}") for v in OWN_DFEATURES / Q)), "−0.1, −0.3, −0.2 and 0.4"),
    claim("= −0.7, times *q*: −0.1748", minus(f"{OWN_GRADIENTS['conv_weight'][0, 0, 0, 0]:.4f}"), "−0.1748"),
    claim("= −0.2, times *q*: −0.0499", minus(f"{OWN_GRADIENTS['conv_bias'][0]:.4f}"), "−0.0499"),
    # section 9: F7
    claim("1,797 real handwritten digits", count(BOTH + TEST), "1,797"),
    claim("1,200 to **learn from**", count(len(LABELS)), "1,200"),
    claim("237 that are **kept back**", count(len(BEGUN["kept_labels"])), "237"),
    claim("360 to **test** with", count(TEST), "360"),
    claim("of 360 digits each counts 0.3 points, and of 237 each counts 0.4", f"{100 / TEST:.1f}", "0.3"),
    claim("of 360 digits each counts 0.3 points, and of 237 each counts 0.4",
          f"{100 / len(BEGUN['kept_labels']):.1f}", "0.4"),
    claim("that is 144 features for ten classes", count(16 * 3 * 3), "144"),
    claim("1,610 numbers have to be found", count(16 * 9 + 16 + 144 * 10 + 10), "1,610"),
    claim("of the pooled features −0.0250, −0.0749, −0.0499, 0.0999", listed(OWN_DFEATURES)[1:-1],
          "−0.0250, −0.0749, −0.0499, 0.0999"),
    claim("gradient is −0.1748, 0.0250, −0.2997, 0.0250", listed(OWN_GRADIENTS["conv_weight"])[1:-1],
          "−0.1748, 0.0250, −0.2997, 0.0250"),
    claim("average pooling gives it 2.5", f"{(1 + 2 + 3 + 4) / 4}", "2.5"),
    claim("the loss falls from about 2.3 to below 0.1", f"{np.log(10):.1f}", "2.3"),
    # section 8: the tape
    claim("12, 8 and 4, as in the figure of section 2", "{:g}, {:g} and {:g}".format(*chain()), "12, 8 and 4"),
    claim("3 + 3 + 1 = 7", f"{FORK:g}", "7"),
    claim("the slope of *x*² + *x* is 7", f"{(3.001**2 + 3.001 - 2.999**2 - 2.999) / 0.002:.0f}", "7"),
    # section 9: before training
    claim("−log 0.1 = log 10 = 2.30", f"{-np.log(0.1):.2f}", "2.30"),
    claim("2.88 is near enough. 227 is a network", f"{first_loss(1):.2f}", "2.88"),
    claim("2.88 is near enough. 227 is a network", f"{first_loss(10):.0f}", "227"),
    claim("It has 1,610 numbers for twenty labels", count(sum(v.size for v in STARTED.values())), "1,610"),
    *(claim("next to nothing is left after 20 layers, 10⁻⁹, and the blame", power(s), "10⁻⁹") for s in spread(0.05)),
    *(claim("With 0.5 it is 10¹¹", power(s), "10¹¹") for s in spread(0.5)),
    claim("√(2/100) = 0.14", f"{np.sqrt(2 / 100):.2f}", "0.14"),
    claim("With weights of about 0.05 both shrink", "0.05", "0.05"),
    claim("it falls from 2.4 to 0.02", "{:.1f} to {:.2f}".format(*by_heart()), "2.4 to 0.02"),
    # bugs
    claim("Right is [−0.5, 0, 0.1]", listed(GATED, "{:g}"), "[−0.5, 0, 0.1]"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_the_lesson_states_is_so(words, computed, expected):
    assert computed == expected
    assert MASTER.stated(words)


def test_no_number_in_the_prose_goes_unchecked():
    known = {"100", "180", "0.003"}  # how wide a layer is, half a turn, a learning rate
    assert unclaimed(MASTER, CLAIMS, known) == []


def test_the_worked_example_of_convolution_holds_both_ways():
    """F2, F3, F4: correlation for the kernel, full convolution for the input, and the centre added up by hand."""
    assert conv2d(X[None, None], KERNEL[None, None])[0, 0].tolist() == [[1, 0], [-1, -3]]
    assert correlate2d(X, DOUT, "valid").tolist() == DK.tolist()
    assert convolve2d(DOUT, KERNEL).tolist() == DX.tolist()
    assert correlate2d(DOUT, KERNEL[::-1, ::-1]).tolist() == DX.tolist()
    assert convolve2d(DOUT, KERNEL[::-1, ::-1]).tolist() != DX.tolist(), "the double flip"
    assert sum(DOUT[1 - u, 1 - v] * KERNEL[u, v] for u in (0, 1) for v in (0, 1)) == DX[1, 1] == -1


def test_the_printed_example_is_dead():
    """E4."""
    assert not PRINTED_STEPS["maps"].any()
    np.testing.assert_allclose(DFEATURES, 0.0525, atol=5e-5)
    assert PRINTED_GRADIENTS["fc_weight"].shape == (2, 4)
    assert not any(PRINTED_GRADIENTS[name].any() for name in ("conv_weight", "conv_bias", "fc_weight"))


def test_every_gradient_of_the_own_example_is_as_stated_and_none_is_dead():
    """E5."""
    for name, value in own_gradients().items():
        np.testing.assert_allclose(np.squeeze(OWN_GRADIENTS[name]), np.squeeze(value), atol=5.1e-5, err_msg=name)
    assert all(OWN_GRADIENTS[name].any() for name in params_of(OWN))
    stops = [(0, 0), (0, 3), (2, 1), (2, 2)]
    assert [int(OWN["image"][stop]) for stop in stops] == [0, 3, 3, 2]
    assert [float(OWN_STEPS["maps"][0, 0][stop]) for stop in stops] == OWN["steps"]["features"].tolist()


def test_the_tape_takes_the_step_that_train_step_takes(capsys):
    check.train_step(TAPE["taped_step"])
    assert "passed" in capsys.readouterr().out


def test_weights_of_the_right_size_keep_the_numbers_size():
    assert all(0.3 < size < 3 for size in spread(np.sqrt(2 / 100)))


def test_the_test_digits_are_looked_at_in_one_cell_after_every_choice():
    loads = [k for k, (_, source) in enumerate(MASTER.cells) if 'digits("test")' in source]
    (trained,) = [k for k, (tags, _) in enumerate(MASTER.cells) if tags.get("figure") == "training"]
    assert len(loads) == 1
    assert loads[0] > trained
    assert not [k for k, (_, source) in enumerate(MASTER.cells) if "test_" in source and k != loads[0]]


def test_no_digit_is_in_two_parts():
    learn, keep = set(BEGUN["learn"].tolist()), set(BEGUN["keep"].tolist())
    assert not learn & keep
    assert len(learn | keep) == BOTH


def test_a_network_that_begins_with_zeros_moves_its_dense_bias_alone():
    zeros = {name: 0 * value for name, value in STARTED.items()}
    _, moved = lesson_05.train_step(zeros, BEGUN["x_train"][:32], LABELS[:32], 0.3)
    assert [name for name, value in moved.items() if value.any()] == ["fc_bias"]


def test_the_two_suspects_of_a_wrong_step_are_innocent_and_only_by_relus_luck():
    rng = np.random.default_rng(0)
    maps = rng.integers(-3, 3, (4, 3, 6, 6)).astype(float)  # windows with ties, and windows that ReLU cuts whole
    active, dpooled = np.maximum(maps, 0), rng.normal(size=(4, 3, 3, 3))
    right = lesson_05.relu_backward(lesson_05.max_pool2d_backward(dpooled, active, 2), maps)
    for pool, relu in ((maps, maps), (active, active), (maps, active)):
        mixed = lesson_05.relu_backward(lesson_05.max_pool2d_backward(dpooled, pool, 2), relu)
        np.testing.assert_array_equal(mixed, right)
    steps = [s * (1 - s) for s in (1 / (1 + np.exp(-x)) for x in (maps, 1 / (1 + np.exp(-maps))))]
    assert not np.allclose(*steps), "a sigmoid's slope is another at its output"


@pytest.mark.slow
@pytest.mark.parametrize(("example", "stride"), [(PRINTED, 1), (OWN, 2)], ids=["printed", "own"])
def test_autograd_agrees_with_every_gradient(example, stride):
    """E4, E5, F6."""
    steps = forwards(example["image"], params_of(example), example["label"], 2, stride)
    found, problem = backwards(steps, params_of(example), example["label"], vars(lesson_05), 2, stride)
    assert problem is None
    for name, value in autograd_of(example["image"], params_of(example), example["label"], 2, stride).items():
        np.testing.assert_allclose(found[name], value, atol=1e-12, err_msg=name)
