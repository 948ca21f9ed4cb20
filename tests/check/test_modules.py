"""The verbs for models: judged by what they compute, whatever their layers are called."""

from dataclasses import replace

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.subject import NotebookSubject, Ref
from cnnlab.check.verdict import Kind
from tests.check import right

torch = pytest.importorskip("torch")
nn = torch.nn


class Block(nn.Module):
    def __init__(self, last_first=False, slope=0.0):
        super().__init__()
        makers = [("conv", lambda: nn.Conv2d(3, 4, 3, padding=1, bias=False)), ("norm", lambda: nn.BatchNorm2d(4))]
        for name, make in makers[::-1] if last_first else makers:
            setattr(self, name, make())
        self.slope = slope

    def forward(self, x):
        return nn.functional.leaky_relu(self.norm(self.conv(x)), self.slope)


def block_of_other_names():
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU())


def judged(make):
    """Output, gradients and running statistics of a fresh, filled model: what a check compares."""
    subject, rng = NotebookSubject(make), np.random.default_rng(0)
    x = rng.standard_normal((2, 3, 5, 4)).astype(np.float32)
    dout = rng.standard_normal((2, 4, 5, 4)).astype(np.float32)
    ref = subject.build().value
    subject.model("fill", ref, 7, x)
    subject.model("mode", ref, True)
    trained = subject.model("forward", ref, x).value
    gradients = subject.model("slopes", ref, x, dout).value
    subject.model("mode", ref, False)
    return trained, gradients, subject.model("forward", ref, x).value


def test_order_and_names_of_layers_do_not_matter():
    assert difference(judged(Block), judged(lambda: Block(last_first=True)), single=True) is None
    assert difference(judged(Block), judged(block_of_other_names), single=True) is None


def test_a_model_that_computes_something_else_is_told_apart():
    assert difference(judged(Block), judged(lambda: Block(slope=0.1)), single=True) is not None


def test_shapes_and_no_other_verb():
    subject = NotebookSubject(Block)
    ref = subject.build().value
    assert subject.model("shapes", ref).value == [(4, 3, 3, 3), (4,), (4,)]
    with pytest.raises(ValueError, match="there are shapes, steps"):
        subject.model("save", ref)


def test_filling_leaves_the_mode_alone_and_repeats():
    subject = NotebookSubject(Block)
    x = np.zeros((1, 3, 4, 4), np.float32)
    first, second = subject.build().value, subject.build().value
    assert first != second
    assert subject.model("fill", first, 3, x).value == subject.model("fill", second, 3, x).value == 5
    subject.model("mode", first, False), subject.model("mode", second, False)
    outputs = [subject.model("forward", ref, x).value for ref in (first, second)]
    assert difference(*outputs, single=True) is None


def test_what_is_no_model_is_trouble_not_a_crash():
    subject = NotebookSubject(lambda: "no model")
    assert subject.build().value == "no model"
    subject = NotebookSubject(lambda: object())
    ref = subject.build().value
    assert isinstance(ref, Ref)
    assert "nn.Module" in subject.model("forward", ref, np.zeros((1, 1))).problem


def test_an_exercise_about_a_model_needs_only_a_declaration():
    def observe(subject, case):
        built = subject.build(*case.args)
        if built.trouble:
            return built
        x = np.random.default_rng(1).standard_normal((2, 3, 4, 5)).astype(np.float32)
        filled = subject.model("fill", built.value, 5, x)
        return filled if filled.trouble else subject.model("forward", built.value, x)

    def block(channels):
        return nn.Sequential(nn.Conv2d(3, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU())

    def no_relu(channels):
        return block(channels)[:2]

    exercise = Exercise(
        name="block",
        bound=False,
        lesson="07_blocks",
        parts=[Part("output", 2, lambda rng: [Case((4,)), Case((6,))], tests="two widths")],
        wrong=[("no ReLU", "The block ends with a ReLU.", no_relu)],
        observe=observe,
        oracle=lambda channels: observe(NotebookSubject(block), Case((channels,))).value,
    )
    part = exercise.parts[0]
    assert exercise.run(part, NotebookSubject(block)).passed
    assert exercise.run(part, NotebookSubject(no_relu)).failure.mistake.name == "no ReLU"


def test_a_class_whose_init_is_untouched_is_not_solved_yet_and_one_without_forward_says_so():
    exercise = check.exercise("Bottleneck")

    class Bottleneck(nn.Module):
        def __init__(self, channels, squeeze):
            super().__init__()
            raise NotImplementedError

    untouched = exercise.run(exercise.parts[0], NotebookSubject(Bottleneck)).failure
    assert untouched.kind is Kind.UNSOLVED
    assert untouched.sentence == "`Bottleneck` is not written yet."

    class HalfDone(nn.Module):
        def __init__(self, channels, squeeze):
            super().__init__()

        def forward(self, x):
            raise NotImplementedError

    half = exercise.run(exercise.parts[0], NotebookSubject(HalfDone)).failure
    assert half.kind is Kind.UNSOLVED
    assert "`forward`, which is not written yet" in half.sentence


def test_a_one_by_one_convolution_may_be_a_dense_layer_of_each_pixel_and_an_unused_layer_is_told():
    class PerPixel(nn.Module):
        def __init__(self, in_channels, out_channels, stride=1, more=False):
            super().__init__()
            self.depthwise = nn.Conv2d(in_channels, in_channels, 3, stride, 1, groups=in_channels, bias=False)
            self.mix = nn.Linear(in_channels, out_channels, bias=False)
            self.more = nn.Linear(3, 3) if more else None

        def forward(self, x):
            return self.mix(self.depthwise(x).movedim(1, -1)).movedim(-1, 1)

    exercise = check.exercise("DepthwiseSeparable")
    assert exercise.run(exercise.parts[0], NotebookSubject(PerPixel)).passed
    unused = exercise.run(exercise.parts[0], NotebookSubject(lambda *a, **k: PerPixel(*a, **k, more=True))).failure
    assert "made, but not used: 3 × 3, 3" in unused.where()


class InARow(nn.Module):
    """DepthwiseSeparable, some of it otherwise."""

    def __init__(self, *args, held=nn.ModuleList, between=lambda maps: maps, end=lambda maps: maps):
        super().__init__()
        in_channels, out_channels, *stride = args
        self.layers = held(
            [
                nn.Conv2d(in_channels, in_channels, 3, *stride, padding=1, groups=in_channels, bias=False),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
            ]
        )
        self.between, self.end = between, end

    def forward(self, x):
        return self.end(self.layers[1](self.between(self.layers[0](x))))


def with_one_scale(in_channels, growth, layers):
    """DenseBlock in which the first norm alone has a scale and a shift."""
    made = nn.ModuleList(
        nn.Sequential(
            nn.BatchNorm2d(in_channels + k * growth, affine=k == 0),
            nn.ReLU(),
            nn.Conv2d(in_channels + k * growth, growth, 3, padding=1, bias=False),
        )
        for k in range(layers)
    )
    return Joined(made)


class Joined(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = torch.cat([x, layer(x)], 1)
        return x


def with_spare_projection(in_channels, out_channels, stride=1):
    block = right.answers(check.exercise("ResidualBlock"))[0](in_channels, out_channels, stride)
    block.spare = nn.Conv2d(in_channels, out_channels, 1, bias=False)
    return block


@pytest.mark.slow
@pytest.mark.parametrize(
    ("exercise", "make", "name"),
    [
        ("DepthwiseSeparable", InARow, "an argument by a name that is not there"),
        ("DepthwiseSeparable", lambda *a: InARow(*a, held=list), "a model without weights"),
        ("DepthwiseSeparable", lambda *a: InARow(*a, between=torch.detach), "not all of it learns"),
        ("DepthwiseSeparable", lambda *a: InARow(*a).requires_grad_(False), "none of it learns"),
        ("DepthwiseSeparable", lambda *a: InARow(*a, end=lambda y: torch.cat([y, y])), "more pictures come out than"),
        ("DepthwiseSeparable", lambda *a: InARow(*a, end=lambda y: torch.cat([y, y], 2)), "the maps are made larger"),
        ("DepthwiseSeparable", lambda i, o, s=1: InARow(i, o, (s, 1)), "another stride in convolution"),
        ("DenseBlock", lambda i, g, n: with_one_scale(i, g, n - 1), "a layer too few"),
        ("ResidualBlock", with_spare_projection, "more layers are made than are used"),
        ("DenseBlock", with_one_scale, "fewer batch norms than places"),
    ],
)
def test_a_slip_in_a_block_has_a_name(exercise, make, name):
    exercise = check.exercise(exercise)
    failures = [exercise.run(part, NotebookSubject(make, seconds=None)).failure for part in exercise.parts]
    named = [one.name for failure in failures if failure is not None for one in failure.diagnosis.named]
    assert named[0].startswith(name)


def test_batch_norms_numbers_are_known_by_their_part_whatever_they_are_called():
    class OwnNames(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale_of_it, self.shift_of_it = nn.Parameter(torch.ones(4)), nn.Parameter(torch.zeros(4))
            self.register_buffer("mu", torch.zeros(4))
            self.register_buffer("sigma2", torch.ones(4))

        def forward(self, x):
            return nn.functional.batch_norm(x, self.mu, self.sigma2, self.scale_of_it, self.shift_of_it, self.training)

    x, found = np.random.default_rng(0).normal(size=(2, 4, 3, 3)), []
    for make in (OwnNames, lambda: nn.BatchNorm2d(4)):
        subject = NotebookSubject(make)
        model = subject.build().value
        subject.model("fill", model, 5, x)
        subject.model("mode", model, False)
        found.append(subject.model("forward", model, x).value)
    assert torch.equal(*found)


@pytest.mark.parametrize("later", [np.zeros((2, 2)), [np.zeros(3)], None])
def test_what_builds_a_model_once_and_then_something_else_breaks_no_check(later):
    exercise, built = check.exercise("conv_block"), []

    def conv_block(*args):
        built.append(right.answers(exercise)[1](*args) if not built else later)
        return built[-1]

    assert not any(exercise.run(part, NotebookSubject(conv_block, seconds=None)).passed for part in exercise.parts)


OTHER_STEPS = [
    {"parameters": [[float("inf")]]},
    {"parameters": torch.zeros((1,) * 8)},
    {"parameters": [(10**400,)], "unused": -(10**300)},
    {"output": [np.zeros(2), np.zeros(0)]},
    {"steps": [("conv2d", [np.zeros(2)])]},
    {"steps": np.zeros(2)},
    {"unused": 2**70},
    {"flat": torch.zeros(0)},
]


@pytest.mark.parametrize("said", OTHER_STEPS, ids=str)
@pytest.mark.parametrize("name", ["conv_block", "InceptionBlock"])
def test_whatever_a_worker_says_of_a_pass_no_check_is_broken(name, said):
    exercise = check.exercise(name)

    class Worker(NotebookSubject):
        def model(self, verb, *args):
            answer = super().model(verb, *args)
            return replace(answer, value=answer.value | said) if verb == "steps" and answer.value else answer

    model = right.answers(exercise)[0]
    assert not any(exercise.run(part, Worker(model, seconds=None)).passed for part in exercise.parts)
