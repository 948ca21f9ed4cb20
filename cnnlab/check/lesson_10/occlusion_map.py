"""occlusion_map: how far a logit falls when a patch of the picture is covered."""

from __future__ import annotations

import numpy as np

from cnnlab.check import verbs
from cnnlab.check.cases import Args, Case
from cnnlab.check.draw import ints
from cnnlab.check.lesson_10.traces import TRACES, measuring_exercise, own, traces


# fmt: off
def occluded(model, x, target, patch, stride, fill=0.0, *, score="logit", compared="before − after", channels="all",
             restored=True, sides="floor", step=None, cover="patch", filled="set", then=lambda found: found,
             training=False):
    """The map, some of its pieces being others. cover: the patch, or all but the patch; filled: what becomes of it;
    sides: whole patches only?"""
    # fmt: on
    import torch

    step = stride if step is None else step
    modes = [(module, module.training) for module in model.modules()]
    picture = own(x)
    height, width = picture.shape[-2:]
    scores = {
        "logit": lambda z: z[:, target], "softmax": lambda z: z.softmax(1)[:, target],
        "log-softmax": lambda z: z.log_softmax(1)[:, target], "largest": lambda z: z.amax(1), "sum": lambda z: z.sum(1),
        "first": lambda z: z[:, 0], "loss": lambda z: -z.log_softmax(1)[:, target], "other": lambda z: z[:, target - 1],
        "margin": lambda z: z[:, target] - z.mean(1), "sigmoid": lambda z: z[:, target].sigmoid(),
        "lead": lambda z: z[:, target] - torch.cat([z[:, :target], z[:, target + 1 :]], 1).amax(1),
    }  # fmt: skip
    more = {"floor": 0, "ceil": step - 1, "to the end": patch - 1, "short": -1}[sides]
    tops, lefts = range(0, height - patch + 1 + more, step), range(0, width - patch + 1 + more, step)
    try:
        model.train() if training else None
        with torch.no_grad(), verbs.drawing_alike():  # for what drops out in train mode
            before = scores[score](model(picture))[0]
            covered = []
            for top in tops:
                for left in lefts:
                    one = picture if not restored else picture.clone()
                    if cover == "all but the patch":
                        one = torch.full_like(one, fill)
                        one[..., top : top + patch, left : left + patch] = picture[
                            ..., top : top + patch, left : left + patch
                        ]
                    else:
                        at = 0 if channels == "first" else slice(None)
                        i, j = top // step, left // step
                        down, across = {
                            "patch": (slice(top, top + patch), slice(left, left + patch)),
                            "less": (slice(top, top + patch - 1), slice(left, left + patch - 1)),
                            "more": (slice(top, top + patch + 1), slice(left, left + patch + 1)),
                            "swapped": (slice(left, left + patch), slice(top, top + patch)),
                            "no stride": (slice(i, i + patch), slice(j, j + patch)),
                            "patches": (slice(i * patch, (i + 1) * patch), slice(j * patch, (j + 1) * patch)),
                            "rows": (slice(top, top + patch), slice(None)),
                            "columns": (slice(None), slice(left, left + patch)),
                            "centred": tuple(slice(max(k - patch // 2, 0), k + (patch + 1) // 2) for k in (top, left)),
                        }[cover]
                        there = one[:, at, down, across]
                        one[:, at, down, across] = {
                            "set": fill + 0 * there, "added": fill + there, "times": fill * there,
                            "mean": one.mean() + 0 * there,
                        }[filled]  # fmt: skip
                    covered.append(one.clone())
            after = scores[score](model(torch.cat(covered))).reshape(len(tops), len(lefts))
    finally:
        for module, mode in modes:
            module.training = mode
    change = {
        "before − after": before - after, "after − before": after - before, "after": after, "ratio": after / before,
        "size": (before - after).abs(), "share": (before - after) / before, "cut": (before - after).relu(),
        "square": (before - after) ** 2,
    }[compared]  # fmt: skip
    return then(change)


def _cases(rng: np.random.Generator) -> list[Case]:
    def seeded(net, **more):
        return {"net": net, "seed": int(rng.integers(1, 10**6)), **more}

    def drawn(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    weights = [np.array([[1, 2, 0, -1, 3, 1], [2, 0, 1, 1, -2, 4.0]]), np.array([1.0, 0.0])]
    line = seeded([("flatten",), ("dense", 6, 2)], weights=weights)
    branching = seeded("branching", sizes=(3, 4))
    net = [("conv", 2, 4, 3, 1, 1), ("norm", 4), ("relu", True), ("conv", 4, 3, 3), ("relu",), ("gap", 1), ("flatten",),
           ("dense", 3, 5)]
    return [
        Case((line, np.array([[[[1, 2, 3], [4, 5, 6]]]], np.float32), 0, 1, 1), note="logit = sum of weights · pixels"),
        Case((line, ints(rng, 1, 1, 2, 3).astype(np.float32), 1, 2, 1), note="two places, one beside the other"),
        Case((line, ints(rng, 1, 1, 2, 3).astype(np.float32), 1, 1, 2, 2.0), note="covered with 2; stride 2"),
        Case((seeded(net), drawn(1, 2, 7, 10), 3, 3, 2)), Case((seeded(net), drawn(1, 2, 9, 6), 0, 2, 3, -0.5)),
        Case((branching, drawn(1, 3, 8, 11), 2, 4, 3), note="the last rows and columns hold no whole patch"),
        Case((branching, 2 * drawn(1, 3, 10, 7), 1, 3, 1, 0.25), note="patches overlap"),
        Case((branching, drawn(1, 3, 6, 9), 3, 6, 4), note="as high as the picture"),
    ]  # fmt: skip


def _traces(rng: np.random.Generator) -> list[Case]:
    x, seed = rng.standard_normal((1, 3, 6, 8)).astype(np.float32), int(rng.integers(1, 10**6))

    def case(note, target=1, **about):
        about = {"net": "branching", "sizes": (3, 4), "seed": seed, **about}
        return Case((about, x, target, 3, 2, 0.5), note=note)

    more = [
        case("the model raises at its second call", trace=True, training=True, others=True, breaks=2),
        case("there is no such target", 99, trace=True, training=True, misses=True),
    ]
    return traces(rng, case) + more


def _in_x(a: Args):
    found = a.right()
    a.x.data[..., : a.patch, : a.patch] = a.fill
    return found


# fmt: off
SLIPS = {
    "it is after minus before": {"compared": "after − before"},
    "the logit after covering is kept, and the one before not taken off": {"compared": "after"},
    "it is taken without its sign": {"compared": "size"},
    "what is negative is cut at 0": {"compared": "cut"},
    "it is divided by the logit before": {"compared": "share"},
    "the logit after is divided by the one before": {"compared": "ratio"},
    "it is squared": {"compared": "square"},
    "softmax is taken": {"score": "softmax"},
    "log-softmax is taken": {"score": "log-softmax"},
    "the loss is taken": {"score": "loss"},
    "the largest logit is taken, whichever it is": {"score": "largest"},
    "the first logit is taken": {"score": "first"},
    "the logit before the target is taken": {"score": "other"},
    "all logits are added up": {"score": "sum"},
    "the first channel alone is covered": {"channels": "first"},
    "patches stay covered": {"restored": False},
    "places are counted with ceil": {"sides": "ceil"},
    "the last place is left out, down and across": {"sides": "short"},
    "patches that hang over the edge count, too": {"sides": "to the end"},
    "the stride is 1": {"step": 1},
    "the patch is a pixel too small": {"cover": "less"},
    "the patch is a pixel too large": {"cover": "more"},
    "down and across change places where the patch is laid": {"cover": "swapped"},
    "the corner of the patch is (i, j), not (i·stride, j·stride)": {"cover": "no stride"},
    "the corner of the patch is (i·patch, j·patch)": {"cover": "patches"},
    "whole rows are covered": {"cover": "rows"},
    "whole columns are covered": {"cover": "columns"},
    "the middle of the patch, not its corner, is laid on the place": {"cover": "centred"},
    "the fill is added to what stands there": {"filled": "added"},
    "what stands there is multiplied by the fill": {"filled": "times"},
    "the patch is filled with the picture's mean": {"filled": "mean"},
    "the lead over the best other logit is taken": {"score": "lead"},
    "the mean of all logits is taken off": {"score": "margin"},
    "the sigmoid of the logit is taken": {"score": "sigmoid"},
    "everything but the patch is covered": {"cover": "all but the patch"},
    "the fill is 0, whatever is asked for": {"fill": 0.0},
    "the map is divided by its largest number": {"then": lambda found: found / found.max()},
    "the map is divided by its largest size": {"then": lambda found: found / found.abs().max()},
    "the map is stretched to 0 … 1": {
        "then": lambda found: (found - found.min()) / (found.max() - found.min()).clamp(min=1e-12)
    },
    "the model runs in train mode": {"training": True},
}
WRONG = [
    ("after minus before", "Where covering hurts, the map is positive: the logit before minus the one after.",
     lambda a: a.right(compared="after − before")),
    ("the logit after covering", "The map shows how far the logit *fell*: take the one for the whole picture, and "
     "subtract.",
     lambda a: a.right(compared="after")),
    ("without its sign", "Some patches hold the logit down, and covering them lets it rise: the map is negative "
     "there. Keep the sign.", lambda a: a.right(compared="size")),
    ("cut at 0", "The map is negative where covering helps; keep that.", lambda a: a.right(compared="cut")),
    ("in relation to the logit before", "The plain difference is asked for, not its share of the logit.",
     lambda a: a.right(compared="share")),
    ("probabilities", "Take the logit as it comes: after softmax a sure network hides what it leans on.",
     lambda a: a.right(score="softmax")),
    ("the largest logit", "The target's logit is asked for, whichever is the largest.",
     lambda a: a.right(score="largest")),
    ("the first logit", "logits[0, target]: the target is an argument.", lambda a: a.right(score="first")),
    ("patches stay covered", "Each patch is covered on the whole picture. Work on a fresh copy for every place.",
     lambda a: a.right(restored=False)),
    ("one colour alone is covered", "All channels of the patch are set to `fill`.", lambda a: a.right(channels="first")
     ),
    ("everything else is covered", "Cover the patch, and leave the rest as it is.",
     lambda a: a.right(cover="all but the patch")),
    ("fill is not used", "The patch is set to `fill`; 0 is only what stands there if nobody says anything.",
     lambda a: a.right(fill=0.0)),
    ("half a patch counts", "Whole patches only: (H − patch) // stride + 1 places down.",
     lambda a: a.right(sides="to the end")),
    ("one place too many", "The last patch ends inside of the picture: (H − patch) // stride + 1 places, rounded down.",
     lambda a: a.right(sides="ceil")),
    ("a step of 1", "Move on by `stride` pixels.", lambda a: a.right(step=1)),
    ("a step of a whole patch", "Move on by `stride` pixels; it need not be the patch's side.",
     lambda a: a.right(step=a.patch)),
    ("patch and stride change places", "patch is the side of what is covered, stride how far it moves on.",
     lambda a: a.right(patch=a.stride, stride=a.patch)),
    ("down and across change places", "Row i, column j of the map belongs to the patch whose corner is i·stride down "
     "and j·stride to the right.", lambda a: a.right().T.contiguous()),
    ("divided by the largest", "The differences themselves are asked for; scale them where you draw.",
     lambda a: a.right(then=lambda found: found / found.abs().max())),
    ("as large as the picture", "One number for each place of the patch, and no more. Enlarging can wait until you "
     "draw.",
     lambda a: a.right().repeat_interleave(a.stride, 0).repeat_interleave(a.stride, 1)),
    ("no tensor", "A tensor is asked for: torch.tensor(rows) makes one of rows of numbers; .numpy() can wait until you "
     "draw.", lambda a: a.right().numpy()),
    ("put into train mode", "In train mode dropout draws anew for each patch, and the map shows dice.",
     lambda a: a.right(training=True)),
    ("x is covered for good", "The patches are covered in x itself, and whoever handed it over has lost the picture. "
     "Work on x.clone().", _in_x),
    *(row for row in TRACES if row[0] != "x is written into"),
]
EXERCISE = measuring_exercise(
    "occlusion_map", occluded, _cases, _traces, wrong=WRONG, slips=SLIPS,
    axes={"x": "image channel row column", "": "row column"},
    tests="models that give logits, patches, strides and fills",
    look="for each place: a fresh copy of x, the patch set to `fill` in all channels, the logit before minus the one "
    "after.",
)
# fmt: on
