"""normalise: bytes from 0 to 255 become numbers from −1 to 1, with an axis for the channel."""

from typing import Any

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.draw import pixels
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import of_kind


def normalised(images: Any, by: float = 255, off: float = 0.5, over: float = 0.5, axis: int = 1, kind=np.float32):
    """(x/by − off)/over with one more axis, of the same kind as the images: an array or a tensor."""
    return of_kind(np.expand_dims(((np.asarray(images) / by - off) / over).astype(kind), axis), images)


def _judge(value: Any, case: Case, expected: Any) -> Difference | None:
    found = difference(expected, value, 1.0, True)
    if found is None and "float32" not in str(value.dtype):
        kind = str(value.dtype).removeprefix("torch.")
        return Difference("dtype", f"The numbers are right, but they are {kind}; the network's own are float32.")
    return found


def _images(rng: np.random.Generator) -> list[Case]:
    import torch

    return [
        Case((np.full((1, 28, 28), 255, np.uint8),), note="white"),
        Case((np.zeros((1, 28, 28), np.uint8),), note="black"),
        Case((pixels(rng, 3, 28, 28),), note="an array"),
        Case((torch.from_numpy(pixels(rng, 2, 28, 28)),), note="a tensor"),
        Case((pixels(rng, 8, 28, 28)[::2],), note="every second picture"),
        Case((np.asfortranarray(pixels(rng, 4, 28, 28)),), note="another order in memory"),
        Case((pixels(rng, 3, 28, 28),), note="as many pictures as before"),
        Case((torch.from_numpy(pixels(rng, 1, 28, 28)),), note="a single tensor"),
    ]


def _by_its_own(a: Args) -> Any:
    x = np.asarray(a.images) / 255
    return normalised(a.images, off=x.mean(), over=x.std() + 1e-6)


# fmt: off
WRONG = [
    ("0 to 1", "x/255 goes from 0 to 1. Subtract 0.5 and divide by 0.5 as well: −1 to 1.",
     lambda a: normalised(a.images, off=0, over=1)),
    ("not divided by 0.5", "x/255 − 0.5 goes from −0.5 to 0.5; divide by the 0.5 too.",
     lambda a: normalised(a.images, over=1)),
    ("not divided by 255", "The 0.5 belongs to pixels from 0 to 1: divide by 255 first.",
     lambda a: normalised(a.images, by=1)),
    ("divided by 256", "The largest byte is 255; divided by 256 it never becomes 1.",
     lambda a: normalised(a.images, by=256)),
    ("no channel axis", "The network wants (N, 1, 28, 28): put an axis of length 1 in second place.",
     lambda a: a.right()[:, 0]),
    ("the channel comes last", "That is (N, 28, 28, 1); PyTorch wants the channel second: (N, 1, 28, 28).",
     lambda a: normalised(a.images, axis=3)),
    ("the channel comes first", "That is (1, N, 28, 28): one picture with N channels. The channel is second.",
     lambda a: normalised(a.images, axis=0)),
    ("a division comes first", "Without brackets 0.5/0.5 is worked out before the subtraction: white becomes 0.",
     lambda a: normalised(a.images, off=1, over=1)),
    ("its own mean and deviation", "Here both are 0.5, fixed numbers: with each batch's own mean a white picture "
     "would look like a black one.", _by_its_own),
    ("float64", "Ask for float32, the type of the network's own numbers: .astype(np.float32) or .float().",
     lambda a: normalised(a.images, kind=np.float64)),
    ("bytes wrap around", "Bytes hold 0 to 255: subtract after the pictures have become floats, not before.",
     lambda a: normalised(a.images - 128, by=128, off=0, over=1)),
    ("black and white changed places", "−1 is black and 1 is white: (x/255 − 0.5)/0.5, not the other way round.",
     lambda a: -a.right()),
]

EXERCISE = Exercise(
    name="normalise", lesson="08_mnist", oracle=lambda images: normalised(images), judge=_judge, wrong=WRONG,
    axes={"images": "picture row column", "": "picture channel row column"},
    parts=[Part("pixels", 1, _images, "batches of pictures, arrays and tensors",
                "0 has to become −1 and 255 has to become 1, and a channel axis comes second.")],
)
