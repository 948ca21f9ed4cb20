"""random_crop_flip: what became of a picture is told whatever the order in which chance was drawn."""

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check import CheckFailed
from cnnlab.check.subject import Answer

pytestmark = pytest.mark.slow  # torch


def one_by_one(change, frame="constant", wider=0):
    """A learner's loop that draws for each picture in turn, and goes wrong in one thing."""
    import torch

    def random_crop_flip(x, generator, padding=4):
        _, _, height, width = x.shape
        side = padding + wider
        padded = torch.nn.functional.pad(x.float(), (side,) * 4, mode=frame).to(x.dtype)
        out = torch.empty_like(x)
        for k in range(len(x)):
            top, left = torch.randint(0, 2 * side + 1, (2,), generator=generator).tolist()
            window = padded[k, :, top : top + height, left : left + width]
            out[k] = change(window) if torch.rand(1, generator=generator) < 0.5 else window
        return out

    return random_crop_flip


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (one_by_one(lambda window: window.flip(-2)), "a crop turned upside down"),
        (one_by_one(lambda window: window.flip(0)), "a crop with its channels in another order"),
        (one_by_one(lambda window: window.flip(-1), frame="circular"), "what came in at the border are not zeros"),
        (one_by_one(lambda window: window.flip(-1), frame="replicate"), "what came in at the border are not zeros"),
        (one_by_one(lambda window: window.flip(-1), wider=1), "a crop out of a wider frame of zeros"),
    ],
    ids=["upside down", "channels", "circular", "edge", "wider"],
)
def test_a_picture_that_is_no_crop_is_recognised(function, words):
    for _ in range(2):
        with pytest.raises(CheckFailed) as caught:
            check.random_crop_flip(function, part="crops")
        assert words in str(caught.value)


def test_the_right_one_passes():
    check.random_crop_flip(one_by_one(lambda window: window.flip(-1)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weights": "bfloat16", "half": None}, "the weights in 32 bits"),
        ({"half": "float16"}, "as when autocast is asked for float16"),
        ({"last": False, "set_rate": "never"}, 'as in "the rate is not set"'),
        ({"set_rate": "added"}, "as when the rate is added to the old one"),
    ],
    ids=["weights", "float16", "two at once", "added"],
)
def test_what_is_wrong_with_a_step_is_told(change, words):
    from cnnlab.check.lesson_09.fast_step import stepped

    with pytest.raises(CheckFailed) as caught:
        check.fast_step(lambda *given: stepped(*given, **change))
    assert words in " ".join(str(caught.value).split())


def test_a_step_that_leaves_autocast_on_is_caught_and_switched_off_again():
    import torch

    from cnnlab.check import verbs
    from cnnlab.check.lesson_09.fast_step import stepped

    def fast_step(model, x, y, optimizer, rate):
        loss = stepped(model, x, y, optimizer, rate)
        torch.set_autocast_enabled("cpu", True)
        return loss

    with pytest.raises(CheckFailed, match="autocast left on"):
        check.fast_step(fast_step)
    recipe = check.exercise("fast_step").parts[0].cases(np.random.default_rng(0))[0].args[0]
    assert verbs.train(fast_step, recipe)["autocast"]
    assert not torch.is_autocast_enabled("cpu")


@pytest.mark.parametrize("said", [None, {}, (1, 2), {"value": 3, "kept": np.zeros(2), "drew": [True], "alone": "yes"}])
def test_whatever_a_worker_says_the_check_of_random_crop_flip_is_not_broken(said):
    class Worker:
        room = 0

        def train(self, recipe):
            return Answer(value=said)

    exercise = check.exercise("random_crop_flip")
    assert not any(exercise.run(part, Worker()).passed for part in exercise.parts)
