"""What a check sees of a model in one forward pass, and how large models are built and filled quickly."""

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import difference
from cnnlab.check.exercise import CheckBroken
from cnnlab.check.lesson_06.build_alexnet import EXERCISE as build_alexnet
from cnnlab.check.lesson_07.conv_block import EXERCISE as one_conv_block
from cnnlab.check.lesson_07.DepthwiseSeparable import EXERCISE as separable_block
from cnnlab.check.lesson_07.ResidualBlock import EXERCISE as residual_block
from cnnlab.check.lesson_11.DenseBlock import EXERCISE as dense_block
from cnnlab.check.lesson_11.DenseBlock import dense
from cnnlab.check.lesson_11.InceptionBlock import EXERCISE as inception_block
from cnnlab.check.lesson_11.InceptionBlock import inception
from cnnlab.check.lesson_11.InvertedResidual import EXERCISE as inverted_residual
from cnnlab.check.lesson_11.InvertedResidual import inverted
from cnnlab.check.lesson_11.pieces import module_of
from cnnlab.check.models import ALWAYS_TRAINING, another_order_of_steps, model_exercise, other_parameters
from cnnlab.check.notebook import NotebookCheck
from cnnlab.check.report import CheckFailed
from cnnlab.check.subject import NotebookSubject

pytestmark = pytest.mark.slow  # models are built and run in each

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional
X = np.random.default_rng(0).standard_normal((2, 3, 12, 10)).astype(np.float32)


class Bare(nn.Module):
    """Parameters by themselves, in another order than their use."""

    def __init__(self):
        super().__init__()
        self.b2, self.w2 = nn.Parameter(torch.zeros(5)), nn.Parameter(torch.zeros(5, 4 * 10 * 8))
        self.b1, self.w1 = nn.Parameter(torch.zeros(4)), nn.Parameter(torch.zeros(4, 3, 3, 3))

    def forward(self, x):
        return F.relu(F.conv2d(x, self.w1, self.b1)).flatten(1) @ self.w2.T + self.b2


def in_layers():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 10 * 8, 5))


def filled(make, seed=3):
    subject = NotebookSubject(make)
    ref = subject.build().value
    assert subject.model("fill", ref, seed, X).trouble is None
    return subject.model("forward", ref, X).value


def steps(make, x=X):
    subject = NotebookSubject(make)
    return subject.model("steps", subject.build().value, x).value


def test_parameters_come_in_the_order_of_their_use_whatever_they_are_called():
    shapes = [(4, 3, 3, 3), (4,), (5, 320), (5,)]
    assert steps(Bare)["parameters"] == steps(in_layers)["parameters"] == shapes
    assert difference(filled(in_layers), filled(Bare), single=True) is None
    assert difference(filled(in_layers), filled(in_layers, seed=4), single=True) is not None


def test_the_steps_have_their_shapes():
    found = steps(in_layers)
    assert found["steps"] == [
        ("conv2d", (2, 4, 10, 8)),
        ("relu", (2, 4, 10, 8)),
        ("flatten", (2, 320)),
        ("linear", (2, 5)),
    ]
    assert (found["unused"], found["error"]) == (0, "")


def test_steps_of_wide_layers_have_the_shapes_that_torch_gives_them():
    def wide():
        return nn.Sequential(nn.Conv2d(3, 600, 5, 2, 3, 2), nn.MaxPool2d(3, 2), nn.Flatten(), nn.Linear(600 * 2, 1_700))

    shapes, x = [], torch.as_tensor(X)
    with torch.no_grad():
        for layer in wide():
            x = layer(x)
            shapes.append(tuple(x.shape))
    assert [shape for _, shape in steps(wide)["steps"]] == shapes


def test_what_breaks_on_the_way_is_told_with_what_went_before():
    found = steps(lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(9, 5)))
    assert [name for name, _ in found["steps"]] == ["conv2d", "flatten"]
    assert "mat1 and mat2 shapes cannot be multiplied (2x320 and 9x5)" in found["error"]


def test_parameters_that_are_not_used_are_counted():
    class Idle(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.other = nn.Conv2d(3, 4, 3), nn.Linear(9, 5)

        def forward(self, x):
            return self.one(x)

    assert steps(Idle)["unused"] == 2


def test_large_weights_are_not_drawn_and_are_filled_alike_each_time():
    def large():
        return nn.Sequential(nn.Flatten(), nn.Linear(360, 3_000), nn.Linear(3_000, 7))

    one, other = filled(large), filled(large)
    assert difference(one, other, single=True) is None
    rows = NotebookSubject(large)
    ref = rows.build().value
    rows.model("fill", ref, 3, X)
    weight = rows._kept[ref][1].weight.detach().numpy()
    assert len(np.unique(weight[:, 0])) == 3_000  # no two rows alike
    assert abs(weight.std() * np.sqrt(360) - 1) < 0.02


def test_one_model_returned_twice_is_one_ref():
    model = in_layers()
    subject, fresh = NotebookSubject(lambda: model), NotebookSubject(in_layers)
    assert subject.build().value == subject.build().value
    assert fresh.build().value != fresh.build().value


def test_old_models_are_forgotten():
    subject = NotebookSubject(in_layers)
    refs = [subject.build().value for _ in range(12)]
    assert subject.model("steps", refs[-1], X).trouble is None
    assert subject.model("steps", refs[0], X).trouble is not None


def said(make, part):
    with pytest.raises(CheckFailed) as caught:
        NotebookCheck(build_alexnet)(make, part=part)
    return str(caught.value)


def alexnet(classes=1000, conv2=5, act=nn.ReLU, flat=9216):
    maps = [nn.Conv2d(3, 96, 11, 4), act(), nn.MaxPool2d(3, 2), nn.Conv2d(96, 256, conv2, padding=2), act()]
    maps += [nn.MaxPool2d(3, 2), nn.Conv2d(256, 384, 3, padding=1), act(), nn.Conv2d(384, 384, 3, padding=1), act()]
    maps += [nn.Conv2d(384, 256, 3, padding=1), act(), nn.MaxPool2d(3, 2), nn.Flatten()]
    return nn.Sequential(*maps, nn.Linear(flat, 4096), act(), nn.Linear(4096, 4096), act(), nn.Linear(4096, classes))


@pytest.mark.slow
def test_the_first_layer_that_is_another_is_named():
    text = said(lambda classes=1000: alexnet(classes, conv2=7), "shapes")
    assert "conv2's weight has shape 256 × 96 × 5 × 5, and in yours 256 × 96 × 7 × 7 comes there" in text
    text = said(lambda classes=1000: alexnet(classes, flat=9126), "shapes")
    assert "dense1's weight: 9126 inputs, where 9216 are right." in text


@pytest.mark.slow
def test_what_is_no_model_is_said():
    assert "Expected a model, a torch nn.Module; yours returned None." in said(lambda classes=1000: None, "shapes")
    assert "not solved yet" in said(_not_written, "values")


def test_a_reference_that_does_not_work_is_never_the_learners_fault():
    part = Part("logits", 1, lambda rng: [Case((1, X))], "a model")
    exercise = model_exercise("broken", "06_alexnet", [lambda: 1 / 0], [part], [], lambda case: "built")
    with pytest.raises(CheckBroken):
        exercise.run(part, NotebookSubject(in_layers))


@pytest.mark.slow
def test_a_stride_in_the_place_of_a_padding_is_read_from_the_maps():
    def swapped(classes=1000):
        layers = [*alexnet(classes)]
        return nn.Sequential(*layers[:3], nn.Conv2d(96, 256, 5, 2), *layers[4:])

    text = " ".join(said(swapped, "shapes").split())
    assert "as with stride 2 and no padding, for stride 1 and padding 2" in text


def _not_written(classes=1000):
    raise NotImplementedError


class Residual(nn.Module):
    """The right block, but for `joined(x, what the branch made of it)`."""

    def __init__(self, channels, joined):
        super().__init__()
        norm = lambda: nn.BatchNorm2d(channels)  # noqa: E731
        conv = lambda: nn.Conv2d(channels, channels, 3, padding=1, bias=False)  # noqa: E731
        self.branch, self.joined = nn.Sequential(conv(), norm(), nn.ReLU(), conv(), norm()), joined

    def forward(self, x):
        return self.joined(x, self.branch(x))


def joining(joined):
    return lambda in_channels, out_channels, stride=1: Residual(in_channels, joined)


@pytest.mark.slow
def test_a_block_that_writes_into_its_input_is_told_so_and_spoils_no_later_check():
    check = NotebookCheck(residual_block)
    for joined in (lambda x, y: x.add_(y).relu_(), lambda x, y: (x if x.requires_grad else x.relu_()) + y):
        with pytest.raises(CheckFailed, match="it writes into its input"):
            check(joining(joined), part="same shape")
        check(joining(lambda x, y: (x + y).relu()), part="same shape")


@pytest.mark.parametrize(
    ("joined", "name"),
    [
        (lambda x, y: torch.cat([x, y], 1).relu(), "the two ways are concatenated"),
        (lambda x, y: F.elu(x + y), "elu for ReLU"),
        (lambda x, y: (x + F.dropout(y, 0.5)).relu(), "dropout"),
        (lambda x, y: (x + y.tanh()).relu(), "tanh, and there is none"),
        (lambda x, y: (x + y).relu()[:, :, 1:-1, 1:-1], "the maps are made smaller at the end"),
        (lambda x, y: (x + y).relu() if len(x) > 1 else (x + y).relu()[0], "a batch of one loses its axis"),
        (lambda x, y: None, "what forward returns is no tensor"),
    ],
)
def test_what_no_row_knows_is_named_by_the_first_thing_that_differs(joined, name):
    with pytest.raises(CheckFailed, match=name):
        NotebookCheck(residual_block)(joining(joined), part="same shape")


def separable(in_channels, out_channels, **how):
    look = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False, **how)
    return look, nn.Conv2d(in_channels, out_channels, 1, bias=False)


class Again(Residual):
    """The right block, which asks its branch twice."""

    def forward(self, x):
        return (self.branch(x) + x).relu() if self.branch(x).shape == x.shape else x


@pytest.mark.parametrize(
    ("exercise", "make", "name"),
    [
        (separable_block, lambda i, o, s=1: nn.Sequential(*separable(i, o)[::-1]), "the layers come in another"),
        (
            separable_block,
            lambda i, o, s=1: nn.Sequential(*separable(i, o, padding_mode="circular")),
            "another kind of",
        ),
        (residual_block, lambda i, o, stride=1: Again(i, None), "some of it runs twice"),
        (one_conv_block, lambda i, o, kernel=3, stride=1: tuple(separable(i, o)), "layers in a row, and no module"),
    ],
)
def test_the_kind_of_what_differs_has_a_name(exercise, make, name):
    with pytest.raises(CheckFailed, match=name):
        NotebookCheck(exercise)(make)


def test_groups_are_not_called_other_numbers_of_channels():
    wanted, names = [(8,), (8,), (6, 8, 3, 3)], ["batch norm's weight", "batch norm's bias", "convolution's weight"]
    assert other_parameters(wanted, [(8,), (8,), (6, 4, 3, 3)], names)[0].name == "a convolution with groups"
    assert other_parameters(wanted, [(4,), (4,), (6, 4, 3, 3)], names)[0].name == "other numbers of channels"
    assert other_parameters(wanted, [(8,), (8,), (5, 4, 1, 1)], names)[0].name == "another layer"
    assert other_parameters([(8, 3, 3, 3)], [(8, 1, 3, 3)], names)[0].name == "other numbers of channels"  # 3 | 8 not


def test_joining_once_more_is_no_mistake_by_itself():
    steps = [("batch_norm", (1, 2), 1.0), ("cat", (1, 4), 2.0)]
    assert another_order_of_steps(steps, [*steps, steps[-1]]) is None
    assert another_order_of_steps(steps, [*steps, ("relu", (1, 4), 2.0)]).name == "ReLU, and there is none"


def test_branches_that_run_in_another_order_are_named_all_the_same():
    def pool_first(in_channels, b1, b3, b5, pool):
        block = inception(in_channels, b1, b3, b5, pool)
        one, three, five, last = block.parts
        return module_of([one, three, five, last], lambda x, a, b, c, d: torch.cat([d(x), a(x), b(x), c(x)], 1))

    with pytest.raises(CheckFailed, match="the pool branch comes first"):
        NotebookCheck(inception_block)(pool_first, part="maps")


def test_nothing_returned_is_not_called_text():
    with pytest.raises(CheckFailed, match="nothing is returned"):
        NotebookCheck(residual_block)(lambda i, o: None, part="same shape")


BLOCKS = [
    *("conv_block", "ResidualBlock", "Bottleneck", "InceptionBlock", "DenseBlock", "InvertedResidual"),
    *("build_residual_net", "build_small_cnn"),
]


def blind_to_what_is_kept(norm):
    """F.batch_norm as it is in training, also in eval mode."""
    given = norm.running_mean, norm.running_var, norm.weight, norm.bias
    norm.forward = lambda x: F.batch_norm(x, *given, training=True)


def forgetful(norm):
    norm.running_mean = norm.running_var = norm.num_batches_tracked = None
    norm.track_running_stats = False


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("spoil", [forgetful, blind_to_what_is_kept])
def test_batch_norm_that_is_always_as_in_training_is_called_so_in_every_block(name, spoil):
    exercise = check.exercise(name)
    reference = exercise.oracle.__self__.references[0]

    def made(*args, **kwargs):
        model = reference(*args, **kwargs)
        for norm in model.modules():
            if isinstance(norm, nn.BatchNorm2d):
                spoil(norm)
        return model

    with pytest.raises(CheckFailed, match=ALWAYS_TRAINING.name):
        NotebookCheck(exercise)(made)


def changed_layers(make, kind, **changes):
    """A block whose layers of one kind are told something else."""

    def made(*args, **kwargs):
        model = make(*args, **kwargs)
        for layer in (one for one in model.modules() if isinstance(one, kind)):
            for name, value in changes.items():
                if not (isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1)):
                    setattr(layer, name, value)
        return model

    return made


@pytest.mark.parametrize(
    ("exercise", "make", "name"),
    [
        (dense_block, changed_layers(dense, nn.Conv2d, dilation=(2, 2), padding=(2, 2)), "another dilation"),
        (dense_block, changed_layers(dense, nn.Conv2d, stride=(2, 2)), "another stride"),
        (dense_block, changed_layers(dense, nn.BatchNorm2d, momentum=0.01), "another momentum in batch norm"),
        (dense_block, changed_layers(dense, nn.BatchNorm2d, eval=None, train=lambda mode=True: None, training=False),
         "batch norm in training as in eval mode"),
        (inverted_residual, changed_layers(inverted, nn.ReLU6, max_val=1.0), "another upper bound in"),
        (inception_block, changed_layers(inception, nn.MaxPool2d, kernel_size=5, padding=2), "another kernel in max"),
        (dense_block, lambda in_channels, growth, layers: dense(in_channels, layers, growth), "growth and layers"),
        (inverted_residual, lambda i, o, expand, stride=1: inverted(i, o, stride, expand), "expand and stride"),
        (dense_block, lambda c, growth, layers: dense(c, growth, layers, reads=lambda maps: maps[::-1]), "joined in"),
        (inverted_residual, lambda *a, **k: inverted(*a, **k, norm1=False, norm2=False, norm3=False), "no batch norm"),
        (inception_block, lambda *a, **k: inception(*a, **k, every={"norm": False, "relu": "", "bias": True}),
         "no batch norm, and no ReLU"),
    ],
)  # fmt: skip
def test_what_a_layer_was_told_has_a_name(exercise, make, name):
    with pytest.raises(CheckFailed, match=f"Looks like: {name}"):
        NotebookCheck(exercise)(make)
