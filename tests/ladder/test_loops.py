"""The loops train, are what they say, and the clock stands still while one looks."""

import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from cnnlab.course.folder import Folder  # noqa: E402
from cnnlab.data.pictures import Pictures  # noqa: E402
from cnnlab.ladder import cifar10, mnist  # noqa: E402
from cnnlab.ladder.climb import climb_in_colour, ready_in_colour, watch  # noqa: E402
from cnnlab.ladder.fast import batches, normalise, optimisers, rate, train_fast  # noqa: E402
from cnnlab.ladder.measure import Clock, Run, accuracy  # noqa: E402
from cnnlab.ladder.networks import folded_cnn, simple_cnn, small_cnn  # noqa: E402
from cnnlab.ladder.quick import QuickNet  # noqa: E402
from cnnlab.ladder.residual import residual_net  # noqa: E402
from cnnlab.ladder.tutorial import OneByOne, train_as_in_the_tutorial  # noqa: E402

pytestmark = pytest.mark.slow  # torch alone takes seconds to import
ROOT = Path(__file__).parents[2]
NARROW = replace(cifar10.RESIDUAL, net=partial(residual_net, 8))


def stripes(count, shape=(28, 28), seed=0):
    """Ten classes that anything can learn: a bright bar in one of ten places."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count)
    images = rng.integers(0, 80, (count, *shape)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[..., 4 + 2 * label : 6 + 2 * label] = 255
    return Pictures(images, labels, tuple("0123456789"), "stripes")


def on_device(pictures):
    images, labels = pictures.tensors()
    return normalise(images), labels


def parameters(net):
    return sum(weight.numel() for weight in net.parameters())


def test_the_networks_have_the_sizes_that_the_lessons_state():
    assert parameters(simple_cnn()) == 421_642
    assert parameters(folded_cnn()) == 71_818
    assert parameters(small_cnn()) == 545_290


@pytest.mark.parametrize(("net", "shape"), [(simple_cnn, (5, 1, 28, 28)), (small_cnn, (5, 3, 32, 32))])
def test_pooling_first_changes_nothing(net, shape):
    usual, first = net().eval(), net(pool_first=True).eval()
    first.load_state_dict(dict(zip(first.state_dict(), usual.state_dict().values(), strict=True)))
    x = torch.randn(shape)
    assert torch.equal(usual(x), first(x))


@pytest.mark.parametrize("recipe", [r for r in [*mnist.RUNGS, mnist.FOLDED] if not r.compile], ids=lambda r: r.name)
def test_every_rung_of_mnist_learns(recipe):
    train, test = on_device(stripes(600)), on_device(stripes(200, seed=1))
    losses = []
    note = lambda step, steps, loss: losses.append(loss.item())  # noqa: E731
    _, run = train_fast(replace(recipe, images=1200), *train, test, looks=2, on_step=note)
    assert run.accuracy > 0.9
    assert len(run.looks) == 2
    assert run.looks[0][0] < run.looks[1][0]
    assert abs(run.looks[-1][1] - 1200) < recipe.batch
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("recipe", [r for r in cifar10.RUNGS if not r.compile], ids=lambda r: r.name)
def test_every_rung_of_cifar10_learns(recipe):
    train, test = on_device(stripes(600, (3, 32, 32))), on_device(stripes(100, (3, 32, 32), seed=1))
    _, run = train_fast(replace(recipe, images=960, augment=None), *train, test)
    assert run.accuracy > 0.5


def test_a_first_layer_that_was_computed_stays_as_it_is_and_all_the_rest_learns():
    train, test = on_device(stripes(300, (3, 32, 32))), on_device(stripes(50, (3, 32, 32), seed=1))
    fresh = cifar10.COMPUTED.net()
    assert fresh.state_dict().keys() == small_cnn().state_dict().keys()
    model, _ = train_fast(replace(cifar10.COMPUTED, images=384), *train, test)
    fresh.prepare(train[0][:2000])
    torch.manual_seed(0)
    begun = small_cnn()
    assert torch.equal(model[0].weight, fresh[0].weight)
    assert torch.equal(model[1].weight, torch.ones(32))
    assert model[1].running_mean.abs().max() > 0  # the norm still measures
    for now, then in zip(model[4:].parameters(), begun[4:].parameters(), strict=True):
        assert not torch.equal(now, then)


@pytest.mark.parametrize(
    "recipe",
    [NARROW, cifar10.QUICK, replace(cifar10.WIDE, net=partial(QuickNet, wide=0.5, depth=3))],
    ids=lambda r: r.name,
)
def test_the_networks_for_a_gpu_learn_on_a_cpu_too(recipe):
    train, test = on_device(stripes(400, (3, 32, 32))), on_device(stripes(60, (3, 32, 32), seed=1))
    model, run = train_fast(replace(recipe, images=960, batch=20, compile=False, augment=None), *train, test)
    assert run.accuracy > 0.5  # four seeds: 0.62 to 0.65
    assert all(torch.isfinite(weight).all() for weight in model.parameters())


@pytest.mark.parametrize("recipe", [cifar10.LEAN, cifar10.QUICK, cifar10.RESIDUAL, cifar10.WIDE], ids=lambda r: r.name)
def test_every_augmentation_keeps_shape_type_and_the_pictures_themselves(recipe):
    torch.manual_seed(0)
    x = torch.rand(20, 3, 32, 32) + 1
    kept = x.clone()
    moved = recipe.augment(x)
    assert moved.shape == x.shape
    assert moved.dtype == x.dtype
    assert torch.equal(x, kept)
    assert sum(torch.equal(one, other) for one, other in zip(moved, x, strict=True)) < 4
    assert (moved == 0).any() == (recipe in (cifar10.LEAN, cifar10.WIDE))  # the others reflect


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    train, test = on_device(stripes(300)), on_device(stripes(50))
    recipe = replace(mnist.ON_DEVICE, images=192)
    first, again, other = (train_fast(recipe, *train, test, seed=seed)[0].state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_the_fast_loop_is_the_tutorials_loop_where_nothing_is_switched_on():
    pictures, recipe = stripes(128), replace(mnist.ON_DEVICE, images=128, decay=0.01)
    images, labels = on_device(pictures)
    fast, _ = train_fast(recipe, images, labels, (images, labels), seed=5)
    torch.manual_seed(5)
    slow = simple_cnn()
    optimiser = torch.optim.AdamW(slow.parameters(), lr=1e-3, weight_decay=0.01)
    for batch in batches(128, 64, 128, "cpu", seed=5):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(slow(images[batch]), labels[batch]).backward()
        optimiser.step()
    for ours, theirs in zip(fast.parameters(), slow.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)


def test_the_tutorials_loader_gives_the_same_pictures_one_by_one():
    for shape in [(28, 28), (3, 32, 32)]:
        pictures = stripes(4, shape)
        one, label = OneByOne(pictures)[2]
        assert torch.allclose(one, on_device(pictures)[0][2], atol=1e-6)
        assert label == pictures.labels[2]


def test_the_tutorials_loop_learns_and_ends_after_its_seconds():
    pictures, test = stripes(640), on_device(stripes(100, seed=1))
    model = simple_cnn()
    run = train_as_in_the_tutorial(
        model, torch.optim.Adam(model.parameters()), pictures, test, "cpu", epochs=2, looks=2
    )
    assert [images for _, images, _ in run.looks] == [320, 640, 960, 1280]
    assert run.accuracy > 0.8
    model = simple_cnn()
    adam = torch.optim.Adam(model.parameters())
    run = train_as_in_the_tutorial(model, adam, pictures, test, "cpu", epochs=1000, seconds=0.3)
    assert run.seconds < 5


def test_batches_go_through_everything_in_a_new_order_each_time():
    seen = torch.cat(list(batches(100, 10, 200, "cpu", seed=0)))
    assert sorted(seen[:100].tolist()) == sorted(seen[100:].tolist()) == list(range(100))
    assert not torch.equal(seen[:100], seen[100:])
    assert [len(b) for b in batches(100, 30, 100, "cpu", seed=0)] == [30] * 4, "a smaller last batch is left out"


def test_the_rate_rises_and_falls_in_straight_lines():
    shares = [rate(step, 100, 0.1) for step in range(100)]
    assert shares[0] == pytest.approx(0.1)
    assert max(shares) == pytest.approx(1.0)
    assert shares.index(max(shares)) in (9, 10)
    assert shares[-1] == pytest.approx(1 / 90)
    assert rate(7, 100, None) == 1.0


def test_muon_takes_kernels_and_the_first_dense_weights_and_adam_the_rest():
    model = simple_cnn()
    muon, adam = optimisers(model, mnist.MUON)
    taken = [weight.shape for group in muon.param_groups for weight in group["params"]]
    assert taken == [(32, 1, 3, 3), (64, 32, 3, 3), (128, 3136)]
    assert sum(len(group["params"]) for group in adam.param_groups) == 5
    for recipe, momentum, sized in (
        (mnist.MUON, 0.85, False),
        (replace(mnist.MUON, momentum=0.6, sized=True), 0.6, True),
    ):
        groups = optimisers(model, recipe)[0].param_groups
        assert [(group["momentum"], group["sized"]) for group in groups] == [(momentum, sized)] * 2


def test_looking_does_not_count():
    class Slow(torch.nn.Module):
        def forward(self, x):
            time.sleep(0.2)
            return x

    clock, run = Clock("cpu"), Run("slow", 0)
    model = Slow().train()
    clock.look(run, 10, model, (torch.eye(3), torch.arange(3)))
    assert clock.seconds() < 0.1
    assert run.looks[0][1:] == (10, 1.0)
    assert model.training


def test_accuracy_is_exact_over_a_smaller_last_batch_and_with_flips():
    images, labels = torch.eye(10)[torch.arange(7)], torch.tensor([0, 1, 2, 3, 4, 0, 0])
    assert accuracy(torch.nn.Identity(), images, labels, batch=3) == pytest.approx(5 / 7)
    left = torch.zeros(1, 1, 1, 2)
    left[..., 0] = 1
    model = torch.nn.Flatten()
    assert accuracy(model, left, torch.tensor([0])) == 1.0
    both = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(2, 2))
    with torch.no_grad():
        both[1].weight.copy_(torch.tensor([[1.0, 0.0], [0.4, 0.4]]))
        both[1].bias.zero_()
    assert accuracy(both, left, torch.tensor([1])) == 0.0
    both[1].bias.data[1] = 0.3
    assert accuracy(both, left, torch.tensor([1]), flips=True) == 1.0


def test_seconds_to_a_mark_are_those_of_the_first_look_that_saw_it():
    run = Run("x", 0, [(1.0, 100, 0.5), (2.0, 200, 0.9), (3.0, 300, 0.8)])
    assert run.seconds_to(0.85) == 2.0
    assert run.seconds_to(0.95) is None
    assert run.accuracy_after(2.5) == 0.9
    assert run.accuracy_after(0.5) is None
    assert run.images_per_second == 100


def half_step(model, x, y, optimizer, rate):
    """Lesson 09's fast_step."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(x.contiguous(memory_format=torch.channels_last))
    loss = torch.nn.functional.cross_entropy(logits.float(), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def test_a_learners_step_takes_the_place_of_ours_and_does_the_same():
    train, test = on_device(stripes(400, (3, 32, 32))), on_device(stripes(50, (3, 32, 32), seed=1))
    recipe = replace(cifar10.LEAN, images=384, augment=None, half=True)  # as the learner's, on any machine
    ours, yours = (train_fast(replace(recipe, step=step), *train, test)[0] for step in (None, half_step))
    assert all(torch.equal(one, other) for one, other in zip(ours.parameters(), yours.parameters(), strict=True))


def test_in_seconds_the_rate_rises_and_falls_however_fast_the_machine_is():
    rates = []

    def step(model, x, y, optimizer, rate):
        rates.append(rate)
        time.sleep(0.02)
        return torch.tensor(1.0)

    train, test = on_device(stripes(64)), on_device(stripes(10, seed=1))
    recipe = replace(mnist.ONE_CYCLE, batch=32, lr=1.0, step=step)
    _, run = train_fast(recipe, *train, test, seconds=1.0, looks=4)
    assert 0.8 < run.seconds < 3
    assert len(run.looks) == 4
    assert run.looks[-1][1] == 32 * len(rates)
    assert max(rates) > 0.9
    assert rates[-1] < 0.2
    assert rates.index(max(rates)) < len(rates) / 2


def test_who_interrupts_has_what_was_learned_so_far_and_a_broken_network_is_one_sentence(capsys):
    train, test = on_device(stripes(200)), on_device(stripes(50, seed=1))
    calls = []

    def step(model, x, y, optimizer, rate):
        calls.append(rate)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return half_step(model, x, y, optimizer, rate)

    model, run = watch(replace(mnist.LEAN, batch=20, step=step), train, test, torch.device("cpu"))
    assert len(calls) == 3
    assert not model.training
    assert run.looks == []
    broken = replace(mnist.LEAN, net=lambda: torch.nn.Linear(3, 3))
    assert watch(broken, train, test, torch.device("cpu"))[1].looks == []
    model, run = watch(replace(mnist.LEAN, images=1280), train, test, torch.device("cpu"), looks=2)
    assert run.accuracy > 0.5
    assert len(run.looks) == 2


def test_the_long_way_that_is_off_by_default_runs_as_it_stands_in_lesson_09():
    lesson = nbformat.read(Folder(ROOT).release("09_cifar10"), as_version=4)
    [cell] = [cell.source for cell in lesson.cells if cell.source.startswith("LONG = False")]
    names = {"every": stripes(400, (3, 32, 32)), "model": None, "device": torch.device("cpu"), "watch": watch}
    names |= {"QUICK": replace(cifar10.QUICK, images=400, batch=100), "replace": replace}
    names |= {"ready_in_colour": ready_in_colour}
    exec(cell.replace("LONG = False", "LONG = True"), names)
    assert list(names["networks"]) == ["twenty seconds, the first layer computed", "the long way"]
    assert not names["networks"]["the long way"].training


def test_a_step_that_is_not_written_has_no_rung_and_the_others_have(monkeypatch, capsys):
    def fast_step(*given):
        raise NotImplementedError

    train, test = stripes(300, (3, 32, 32)), stripes(20, (3, 32, 32), seed=1)
    monkeypatch.setattr(cifar10, "RUNGS", [cifar10.LEAN, cifar10.MUON])
    runs = climb_in_colour(train, test, torch.device("cpu"), seconds=0.2, yours=fast_step)
    assert [run.name for run in runs] == ["tutorial", cifar10.LEAN.name, "Muon"]
    assert "`fast_step` has no rung: it is not written yet." in capsys.readouterr().out
    runs = climb_in_colour(train, test, torch.device("cpu"), seconds=0.2, yours=half_step)
    assert [run.name for run in runs][-1] == "yours"


def test_a_schedule_of_ones_own_sets_the_rate_and_what_was_seen_is_looked_at_too():
    asked, rates = [], []

    def one_cycle(step, total, peak, warmup):
        asked.append((step, total, peak, warmup))
        return peak / (1 + step)

    def step(model, x, y, optimizer, rate):
        rates.append(rate)
        return torch.tensor(1.0)

    train, test = on_device(stripes(60)), on_device(stripes(20, seed=1))
    recipe = replace(mnist.ONE_CYCLE, images=60, batch=20, lr=0.6, step=step, schedule=one_cycle)
    _, run = watch(recipe, train, test, torch.device("cpu"), seen=True)
    assert asked == [(k, 3, 1.0, 0.1) for k in range(3)]
    assert rates == pytest.approx([0.6, 0.3, 0.2])
    assert 0 <= run.seen <= 1
