"""What goes wrong in random_crop_flip and predict_with_flips."""

from __future__ import annotations

from cnnlab.check.cases import Mistake, known

RANDOM_CROP_FLIP: list[Mistake] = []
PREDICT_WITH_FLIPS: list[Mistake] = []


def _crop(x, generator, padding=4, *, places=None, count=None, flips="each", axis=-1, pad="constant", square=False):
    """Crops and mirrors with some of the pieces changed."""
    import torch

    n, height, width = len(x), *x.shape[2:]
    places = 2 * padding + 1 if places is None else places
    count = n if count is None else count
    tops = torch.randint(0, places, (count,), generator=generator).expand(n)
    lefts = tops if square else torch.randint(0, places, (count,), generator=generator).expand(n)
    chance = torch.rand(count, generator=generator).expand(n)
    mirrored = {"each": chance < 0.5, "never": chance < 0, "always": chance < 2, "rarely": chance < 0.25}[flips]
    values = x.double() if pad != "constant" else x
    padded = torch.nn.functional.pad(values, (padding,) * 4, mode=pad).to(x.dtype)
    out = [
        padded[k, :, tops[k] : tops[k] + height, lefts[k] : lefts[k] + width].flip(axis)
        if mirrored[k]
        else padded[k, :, tops[k] : tops[k] + height, lefts[k] : lefts[k] + width]
        for k in range(n)
    ]
    return torch.stack(out)


@known(
    RANDOM_CROP_FLIP,
    "one offset for the whole batch",
    "Every picture has its own offsets and its own flip: draw N of each.",
)
def one_for_all(x, generator, padding=4):
    return _crop(x, generator, padding, count=1)


@known(
    RANDOM_CROP_FLIP,
    "never the last offset",
    "randint leaves the upper end out: 2·padding + 1 gives 0 … 2·padding.",
)
def never_the_last(x, generator, padding=4):
    return _crop(x, generator, padding, places=2 * padding)


@known(
    RANDOM_CROP_FLIP,
    "only offsets up to the padding",
    "The window can stand anywhere in the padded picture: 0 … 2·padding.",
)
def half_of_them(x, generator, padding=4):
    return _crop(x, generator, padding, places=padding + 1)


@known(RANDOM_CROP_FLIP, "the same offset down and across", "Down and across are two draws.")
def diagonal_only(x, generator, padding=4):
    return _crop(x, generator, padding, square=True)


@known(RANDOM_CROP_FLIP, "upside down", "Mirror the columns, the last axis: a car stands on its wheels on both sides.")
def upside_down(x, generator, padding=4):
    return _crop(x, generator, padding, axis=-2)


@known(RANDOM_CROP_FLIP, "never mirrored", "With probability ½ a picture is mirrored left to right.")
def never_mirrored(x, generator, padding=4):
    return _crop(x, generator, padding, flips="never")


@known(RANDOM_CROP_FLIP, "always mirrored", "With probability ½, not always: torch.rand(N) < 0.5.")
def always_mirrored(x, generator, padding=4):
    return _crop(x, generator, padding, flips="always")


@known(RANDOM_CROP_FLIP, "mirrored too rarely", "With probability ½: about half of the pictures.")
def rarely_mirrored(x, generator, padding=4):
    return _crop(x, generator, padding, flips="rarely")


@known(
    RANDOM_CROP_FLIP,
    "the mirroring is not drawn from the generator",
    "torch.rand(N) draws from torch's own chance: write torch.rand(N, generator=generator).",
)
def mirrored_elsewhere(x, generator, padding=4):
    import torch

    moved = _crop(x, generator, padding, flips="never")
    return torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, moved.flip(-1), moved)


@known(RANDOM_CROP_FLIP, "the edge repeated in place of zeros", "The border is zeros here, not a copy of the edge.")
def edge_padding(x, generator, padding=4):
    return _crop(x, generator, padding, pad="replicate")


@known(
    RANDOM_CROP_FLIP,
    "the border mirrored in place of zeros",
    "The border is zeros here, not a mirror of the picture.",
)
def reflect_padding(x, generator, padding=4):
    wide = min(padding, x.shape[-1] - 1, x.shape[-2] - 1)
    import torch

    padded = torch.nn.functional.pad(x.double(), (wide,) * 4, mode="reflect").to(x.dtype)
    return _crop(padded, generator, padding)[..., wide:-wide, wide:-wide]


@known(
    RANDOM_CROP_FLIP,
    "the generator is not used",
    "Hand `generator=generator` to every draw: a run must be repeatable.",
)
def own_chance(x, generator, padding=4):
    return _crop(x, None, padding)


@known(RANDOM_CROP_FLIP, "the type changes", "Bytes that come in go out as bytes: the type is kept.")
def to_float(x, generator, padding=4):
    return _crop(x.double(), generator, padding)


@known(RANDOM_CROP_FLIP, "the padding stays on", "Cut a window of the old height and width out of the padded picture.")
def not_cut(x, generator, padding=4):
    import torch

    return torch.nn.functional.pad(x, (padding,) * 4)


@known(
    RANDOM_CROP_FLIP,
    "rolled round",
    "What leaves on one side does not come in on the other: pad with zeros, then cut.",
)
def rolled(x, generator, padding=4):
    import torch

    moves = torch.randint(-padding, padding + 1, (len(x), 2), generator=generator)
    mirrored = torch.rand(len(x), generator=generator) < 0.5
    out = [torch.roll(x[k], tuple(int(m) for m in moves[k]), (-2, -1)) for k in range(len(x))]
    return torch.stack([picture.flip(-1) if mirrored[k] else picture for k, picture in enumerate(out)])


@known(RANDOM_CROP_FLIP, "padding is always 4", "`padding` is an argument; 4 is only its default.")
def always_four(x, generator, padding=4):
    return _crop(x, generator, 4)


@known(
    RANDOM_CROP_FLIP,
    "all pictures or none are mirrored",
    "The flip is drawn for each picture by itself, not once for the batch.",
)
def flip_the_batch(x, generator, padding=4):
    import torch

    out = _crop(x, generator, padding, flips="never")
    return out.flip(-1) if torch.rand(1, generator=generator) < 0.5 else out


@known(RANDOM_CROP_FLIP, "not cropped", "Only the flip is there: pad, draw two offsets and cut as well.")
def only_flipped(x, generator, padding=4):
    import torch

    mirrored = torch.rand(len(x), generator=generator) < 0.5
    return torch.where(mirrored[:, None, None, None], x.flip(-1), x)


def _two(model, x, axis=-1, together=lambda a, b: (a + b) / 2):
    return together(model(x), model(x.flip(axis)))


@known(
    PREDICT_WITH_FLIPS,
    "upside down",
    "The mirror turns left and right, the last axis; upside-down cars were never learned.",
)
def vertical(model, x):
    return _two(model, x, axis=-2)


@known(PREDICT_WITH_FLIPS, "the channels are turned round", "Axis 1 is the channels; left and right is the last axis.")
def channels(model, x):
    return _two(model, x, axis=1)


@known(PREDICT_WITH_FLIPS, "turned by half a turn", "Mirror left and right only: flip the last axis, not both.")
def half_turn(model, x):
    return _two(model, x, axis=(-2, -1))


@known(PREDICT_WITH_FLIPS, "the order of the batch is turned round", "Axis 0 is the batch: that mixes up the pictures.")
def batch(model, x):
    return _two(model, x, axis=0)


@known(PREDICT_WITH_FLIPS, "the sum", "Divide by two: the mean of both.")
def summed(model, x):
    return _two(model, x, together=lambda a, b: a + b)


@known(PREDICT_WITH_FLIPS, "the larger of both", "Take the mean of the two logits.")
def larger(model, x):
    return _two(model, x, together=lambda a, b: a.maximum(b))


@known(PREDICT_WITH_FLIPS, "the mirror alone", "Both count: the picture as it is and its mirror.")
def mirror_only(model, x):
    return model(x.flip(-1))


@known(PREDICT_WITH_FLIPS, "no mirror", "Run the model on the mirrored picture as well, and average.")
def no_mirror(model, x):
    return model(x)


@known(PREDICT_WITH_FLIPS, "probabilities are averaged", "Average the logits as they come; softmax is not asked for.")
def probabilities(model, x):
    return _two(model, x, together=lambda a, b: (a.softmax(1) + b.softmax(1)) / 2)


@known(
    PREDICT_WITH_FLIPS,
    "put into eval mode",
    "The model is taken in the mode that it is in; whoever calls has chosen it.",
)
def sets_eval(model, x):
    return _two(model.eval(), x)


@known(PREDICT_WITH_FLIPS, "classes in place of logits", "Return the logits; argmax comes later.")
def classes(model, x):
    return _two(model, x).argmax(1)
