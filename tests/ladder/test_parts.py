"""Muon, shifts and mirrors, the whitened first layer, kept memory, the device."""

import sys

import pytest

torch = pytest.importorskip("torch")

from cnnlab import device  # noqa: E402
from cnnlab.ladder import cifar10, mnist  # noqa: E402
from cnnlab.ladder.memory import kept_memory  # noqa: E402
from cnnlab.ladder.muon import Muon, orthogonalise  # noqa: E402
from cnnlab.ladder.quick import QuickNet  # noqa: E402
from cnnlab.ladder.shifts import covered, mirrored, shifted  # noqa: E402
from cnnlab.ladder.whiten import whiten  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("shape", [(16, 40), (40, 16), (32, 9)])
def test_orthogonalise_brings_every_singular_value_near_one_and_keeps_the_directions(shape):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    result = orthogonalise(matrix, steps=5)
    assert result.dtype == matrix.dtype
    values = torch.linalg.svdvals(result)
    assert 0.5 < values.min() < values.max() < 1.3
    assert torch.allclose(result @ right.T, left @ torch.diag(torch.diag(left.T @ result @ right.T)), atol=0.15)
    assert torch.allclose(orthogonalise(1000 * matrix), orthogonalise(matrix), atol=0.05), "the size does not matter"


def test_muon_goes_downhill():
    weight = torch.nn.Parameter(torch.zeros(4, 2, 3, 3))
    goal = torch.randn(4, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    optimiser = Muon([weight], lr=0.05)
    before = (weight - goal).norm().item()
    for _ in range(60):
        optimiser.zero_grad()
        ((weight - goal) ** 2).sum().backward()
        optimiser.step()
    assert (weight - goal).norm() < 0.5 * before


def test_every_picture_is_shifted_by_its_own_whole_pixels_and_zeros_come_in():
    x = torch.zeros(400, 2, 9, 11)
    x[:, :, 4, 5] = 1
    moved = shifted(x, 2, torch.Generator().manual_seed(0))
    assert moved.shape == x.shape
    places = {tuple(spot) for spot in moved[:, 0].nonzero()[:, 1:].tolist()}
    assert places == {(r, c) for r in range(2, 7) for c in range(3, 8)}
    assert torch.equal(moved[:, 0], moved[:, 1])
    assert moved.sum() == x.sum()
    ones = shifted(torch.ones(50, 1, 6, 6), 2, torch.Generator().manual_seed(1))
    assert set(ones.sum((1, 2, 3)).tolist()) <= {a * b for a in (4, 5, 6) for b in (4, 5, 6)}


def test_half_of_the_pictures_are_mirrored():
    x = torch.arange(12.0).view(1, 1, 3, 4).repeat(1000, 1, 1, 1)
    turned = mirrored(x, torch.Generator().manual_seed(0))
    same = (turned == x).flatten(1).all(1)
    assert 400 < same.sum() < 600
    assert torch.equal(turned[~same], x[~same].flip(3))


def test_the_pictures_own_mirror_image_comes_in_where_one_asks_for_it():
    x = torch.arange(1.0, 17.0).view(1, 1, 4, 4).repeat(200, 1, 1, 1)
    moved = shifted(x, 1, torch.Generator().manual_seed(0), edge="reflect")
    assert moved.min() >= 1
    row = torch.tensor([2.0, 1, 2, 3, 4, 3])
    rows = {tuple(row[k : k + 4].tolist()) for k in range(3)}
    assert {tuple(((one[1] - 1) % 4 + 1).tolist()) for one in moved[:, 0]} == rows


def test_one_square_of_every_picture_is_covered_and_every_place_has_its_turn():
    x = torch.ones(2000, 3, 6, 8)
    hidden = covered(x, 3, torch.Generator().manual_seed(0)) == 0
    assert torch.equal(hidden[:, 0], hidden[:, 2])
    assert (hidden[:, 0].sum((1, 2)) == 9).all()
    rows, columns = hidden[:, 0].any(2), hidden[:, 0].any(1)
    assert (rows.sum(1) == 3).all()
    assert (columns.sum(1) == 3).all()
    starts = rows.int().argmax(1) * 8 + columns.int().argmax(1)
    assert len(starts.unique()) == 4 * 6
    assert x.min() == 1  # the pictures themselves are as they were


def test_muon_can_keep_the_length_of_a_kernel():
    torch.manual_seed(0)
    x = torch.randn(64, 3, 8, 8)
    for sized in (False, True):
        conv = torch.nn.Conv2d(3, 16, 3, bias=False)
        conv.weight.data.mul_(5)
        muon = Muon(conv.parameters(), lr=0.05, sized=sized)
        before = conv(x).detach() / conv.weight.norm().detach()
        for _ in range(2):
            conv.zero_grad()
            (conv(x) ** 2).mean().backward()
            muon.step()
        assert (abs(conv.weight.norm() - 4) < 0.5) == sized
        assert not torch.allclose(conv(x) / conv.weight.norm(), before, atol=1e-3)


def test_the_first_layer_gives_outputs_without_correlation_and_of_equal_size():
    images = torch.nn.functional.avg_pool2d(torch.randn(300, 3, 40, 40), 3, 1)
    net = QuickNet()
    net.prepare(images)
    out = net.white(images)[:, :12].transpose(0, 1).flatten(1)
    covariance = torch.cov(out)
    assert torch.allclose(covariance, torch.eye(12), atol=0.1)
    assert torch.equal(net.white.weight[12:], -net.white.weight[:12])
    assert not net.white.weight.requires_grad
    conv = torch.nn.Conv2d(3, 24, 2)
    whiten(conv, images)
    assert torch.equal(conv.weight, net.white.weight)


def test_fewer_channels_take_the_components_that_vary_most_and_too_many_are_refused():
    images = torch.nn.functional.avg_pool2d(torch.randn(100, 3, 34, 34), 3, 1) + 2
    conv = torch.nn.Conv2d(3, 8, 3)
    whiten(conv, images)
    patches = torch.nn.functional.unfold(images, 3).transpose(1, 2).reshape(-1, 27)
    vectors = torch.linalg.eigh(torch.cov(patches.T))[1]
    leading = torch.nn.functional.normalize(conv.weight[:4].flatten(1), dim=1)
    assert torch.allclose((leading @ vectors[:, -4:].flip(1)).abs(), torch.eye(4), atol=1e-2)
    assert torch.allclose(torch.cov(conv(images)[:, :4].transpose(0, 1).flatten(1)), torch.eye(4), atol=0.05)
    for channels in (7, 56):
        with pytest.raises(ValueError, match="even number up to 54"):
            whiten(torch.nn.Conv2d(3, channels, 3), images)


def test_kept_memory_takes_fewer_page_faults():
    resource = pytest.importorskip("resource")
    if sys.platform != "linux":
        pytest.skip("glibc only")

    def faults():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(20):
            torch.ones(3_000_000).add_(1)  # 12 MB, taken and given back
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    with kept_memory():
        faults()
        inside = faults()
    assert inside < 1000


def test_the_device_is_said_once_and_can_be_overruled(monkeypatch, capsys):
    monkeypatch.setattr(device, "_said", set())
    monkeypatch.delenv("CNNLAB_DEVICE", raising=False)
    chosen = device.best_device()
    assert device.best_device() == chosen
    told = capsys.readouterr().out
    assert told.count("Device: ") == 1
    assert device.describe(chosen) in told
    monkeypatch.setenv("CNNLAB_DEVICE", "cpu")
    assert device.best_device().type == "cpu"


def test_a_product_in_half_is_timed_once_and_leaves_the_generator_alone():
    state = torch.get_rng_state()
    times = device.times_as_fast_in_half()
    assert 0 < times < 1000
    assert device.times_as_fast_in_half() == times  # the very same number: it was kept
    assert torch.equal(torch.get_rng_state(), state)


def test_a_gpu_that_does_not_work_is_passed_over_with_a_line(monkeypatch, capsys):
    monkeypatch.setattr(device, "_said", set())
    monkeypatch.setenv("CNNLAB_DEVICE", "cuda:97")
    assert device.best_device().type == "cpu"
    assert "cuda:97 does not work here" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("vectors", "matrix", "bf16", "times", "kind"),
    [
        ("AVX512", True, True, 7.0, "AMX"),
        ("AVX512", False, True, 2.0, "AVX-512 bf16"),
        ("AVX512", False, True, 0.5, "other CPU"),
        ("AVX512", False, False, 2.0, "other CPU"),
        ("AVX2", True, True, 2.0, "other CPU"),
    ],
)
def test_the_kind_of_processor_is_read_from_its_flags_and_from_a_product(
    monkeypatch, vectors, matrix, bf16, times, kind
):
    monkeypatch.setattr(device, "times_as_fast_in_half", lambda: times)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: vectors)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: matrix)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: bf16)
    assert device.processor("cpu") == kind
    assert device.processor("cuda") == "GPU"
    assert (kind in device.describe("cpu")) == (kind != "other CPU")
    paying = kind != "other CPU"
    assert [cifar10.HALF.in_half("cpu"), cifar10.LEAN.in_half("cpu"), mnist.ON_DEVICE.in_half("cpu")] == [
        True,
        paying,
        False,
    ]
    assert all(
        one.in_half("cpu") == paying for one in (cifar10.LEAN, cifar10.QUICK, cifar10.MUON, mnist.TO_985, mnist.FOLDED)
    )
