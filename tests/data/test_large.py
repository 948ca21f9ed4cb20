"""MNIST and CIFAR-10 as a lesson gets them: from a folder, the cache, the network, or something in their place.

Most tests use data sets of their own, a few pictures in the same formats; the real ones are used where they are.
"""

import gzip
import hashlib
import io
import os
import pickle
import struct
import tarfile
import time

import numpy as np
import pytest

from cnnlab import places
from cnnlab.data import cifar10, cifar10_or_digits, large, mnist, stored
from cnnlab.data.pictures import Pictures
from cnnlab.data.sources import Remote
from cnnlab.data.unavailable import Damaged, NoRoom, NotHere
from tests.data.server import serving

RNG = np.random.default_rng(0)
DIGITS = {"train": RNG.integers(0, 256, (6, 28, 28), np.uint8), "t10k": RNG.integers(0, 256, (3, 28, 28), np.uint8)}
LABELS = {"train": np.array([5, 0, 4, 1, 9, 2], np.uint8), "t10k": np.array([7, 2, 1], np.uint8)}
COLOURS = np.zeros((6, 10_000, 3072), np.uint8)  # with some three dots in each picture, it packs well
COLOURS.ravel()[RNG.integers(0, COLOURS.size, COLOURS.size // 1000)] = 255


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}i", *array.shape) + array.tobytes()


def md5(content):
    return hashlib.md5(content).hexdigest()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("CNNLAB_DATA", raising=False)
    monkeypatch.delenv("CNNLAB_MIRROR", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def small_mnist(cache, monkeypatch):
    """Nine digits in MNIST's four files, {name: content}; nothing else passes for MNIST in this test."""
    plain = {f"{part}-images-idx3-ubyte": idx(DIGITS[part]) for part in DIGITS}
    plain |= {f"{part}-labels-idx1-ubyte": idx(LABELS[part]) for part in LABELS}
    packed = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in plain.items()}
    order = [file.name for file in large.MNIST]
    files = tuple(Remote(name, len(packed[name]), md5(packed[name]), ("http://127.0.0.1:9/",)) for name in order)
    for module in (large, stored):
        monkeypatch.setattr(module, "MNIST", files)
    monkeypatch.setattr(stored, "MD5_UNPACKED", {name: md5(content) for name, content in plain.items()})
    return packed


@pytest.fixture(scope="module")
def archive():
    """CIFAR-10's archive with dots in it, and the MD5 of each file therein."""
    labels = [[(k + n) % 10 for n in range(10_000)] for k in range(6)]
    names = [*places.CIFAR10_FILES]
    batches = {
        name: pickle.dumps({b"data": COLOURS[k], b"labels": labels[k]}, protocol=2) for k, name in enumerate(names)
    }
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=1) as tar:
        for name, content in batches.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue(), {name: md5(batch) for name, batch in batches.items()}


@pytest.fixture
def small_cifar10(archive, cache, monkeypatch):
    """That archive in CIFAR-10's place, {name: content}."""
    content, sums = archive
    file = Remote("cifar-10-python.tar.gz", len(content), md5(content), ("http://127.0.0.1:9/",))
    for module in (large, stored):
        monkeypatch.setattr(module, "CIFAR10", file)
    monkeypatch.setattr(stored, "MD5_UNPACKED", sums)
    return {file.name: content}


def put(folder, packed, unpack=False):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in packed.items():
        (raw / (name.removesuffix(".gz") if unpack else name)).write_bytes(
            gzip.decompress(content) if unpack else content
        )
    return raw


def is_small_mnist(parts):
    return all(
        np.array_equal(got.images, DIGITS[part]) and np.array_equal(got.labels, LABELS[part])
        for got, part in zip(parts, ("train", "t10k"), strict=True)
    )


@pytest.mark.parametrize("unpack", [False, True], ids=["packed", "unpacked"])
def test_mnist_is_found_in_the_folder_that_was_named(unpack, small_mnist, tmp_path, monkeypatch):
    put(tmp_path / "data", small_mnist, unpack)
    monkeypatch.setenv("CNNLAB_DATA", str(tmp_path / "data"))
    train, test = mnist(download=False)
    assert is_small_mnist((train, test))
    assert (train.images.dtype, train.labels.dtype) == (np.uint8, np.int64)
    assert train.images.flags.writeable
    assert (len(train), len(test), train.classes[3], train.stand_in) == (6, 3, "3", False)
    assert len(train[:2]) == 2
    assert train[train.labels > 4].labels.tolist() == [5, 9]
    with pytest.raises(TypeError, match="first five"):
        train[0]


def test_a_folder_that_cannot_be_written_is_left_as_it_was(small_mnist, tmp_path, monkeypatch):
    raw = put(tmp_path / "data", small_mnist)
    before = sorted(path.name for path in raw.iterdir())
    for path in [*raw.iterdir(), raw, raw.parent]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    monkeypatch.setenv("CNNLAB_DATA", str(tmp_path / "data"))
    try:
        assert is_small_mnist(mnist())
    finally:
        for path in [raw.parent, raw]:
            path.chmod(0o755)
    assert sorted(path.name for path in raw.iterdir()) == before


@pytest.mark.slow
def test_mnist_is_downloaded_once_as_torchvision_wants_it_and_kept(small_mnist, cache, monkeypatch):
    with serving(small_mnist, cut=1500) as server:
        monkeypatch.setenv("CNNLAB_MIRROR", server.address)
        assert is_small_mnist(mnist())
        asked = len(server.asked)
        assert is_small_mnist(mnist())
        assert len(server.asked) == asked
    raw = cache / "MNIST" / "raw"
    names = {path.name for path in raw.iterdir()}
    assert names == {*small_mnist, *(name.removesuffix(".gz") for name in small_mnist)}
    assert (raw / "train-images-idx3-ubyte").read_bytes() == idx(DIGITS["train"])


def test_the_decoded_arrays_are_enough_the_next_time_and_broken_ones_do_no_harm(small_mnist, cache):
    raw = put(cache, small_mnist)
    assert is_small_mnist(mnist())
    kept = next((cache / "decoded").iterdir())
    for spoil in (lambda c: c[: len(c) // 2], lambda c: c[:600] + bytes([c[600] ^ 1]) + c[601:], lambda c: b""):
        kept.write_bytes(spoil(kept.read_bytes()))
        assert is_small_mnist(mnist())
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]
    for path in raw.iterdir():
        path.unlink()
    assert is_small_mnist(mnist(download=False))


def test_a_damaged_file_is_named_with_the_remedy_and_the_other_form_helps(small_mnist, cache):
    raw = put(cache, small_mnist)
    image_file = raw / "train-images-idx3-ubyte.gz"
    whole = image_file.read_bytes()
    image_file.write_bytes(whole[:-100])
    with pytest.raises(Damaged) as caught:
        mnist()
    assert str(image_file) in str(caught.value)
    assert "cut short" in str(caught.value)
    assert caught.value._render_traceback_() == [str(caught.value)]
    plain = raw / "train-images-idx3-ubyte"
    plain.write_bytes(gzip.decompress(whole))
    assert is_small_mnist(mnist())


def test_a_damaged_unpacked_file_does_no_harm_where_the_packed_one_is_whole(small_mnist, cache):
    raw = put(cache, small_mnist)
    (raw / "train-images-idx3-ubyte").write_bytes(b"cut short")
    assert is_small_mnist(mnist())


def test_without_data_and_network_one_message_says_what_to_do(small_mnist, cache):
    with pytest.raises(NotHere) as caught:
        mnist()
    assert "refused" in str(caught.value)
    assert "by hand" in str(caught.value)
    with pytest.raises(NotHere, match="download=False"):
        mnist(download=False)


def test_in_a_rehearsal_there_is_a_fortieth_of_it(cache, monkeypatch):
    arrays = {f"{part}_images": np.zeros((n, 28, 28), np.uint8) for part, n in {"train": 160, "test": 5}.items()}
    arrays |= {f"{part}_labels": np.arange(len(arrays[f"{part}_images"])) for part in ("train", "test")}
    monkeypatch.setattr(large, "recall", lambda kept: arrays)
    assert [len(part) for part in mnist()] == [160, 5]
    monkeypatch.setenv("CNNLAB_REHEARSAL", "1")
    assert [part.labels.tolist() for part in mnist()] == [[0, 1, 2, 3], [0]]


def test_a_tenth_is_kept_back_and_nothing_is_in_both_parts():
    images = RNG.integers(0, 256, (6, 4, 4), np.uint8)
    train = Pictures(images, np.arange(6), tuple("abcdef"), "six")
    learned_from, kept_back = train.keep_back(1 / 3)
    assert (len(learned_from), len(kept_back)) == (4, 2)
    assert np.array_equal(np.concatenate([learned_from.images, kept_back.images]), train.images)
    assert np.array_equal(np.concatenate([learned_from.labels, kept_back.labels]), train.labels)
    assert kept_back.classes == train.classes
    assert [len(part) for part in train.keep_back()] == [5, 1]


def test_the_lesson_can_go_on_with_digits_and_is_told(small_mnist, capsys):
    train, test = mnist(fallback=True)
    told = capsys.readouterr().out
    assert "could not be downloaded" in told
    assert "Going on with scikit-learn's digits" in told
    assert (len(train), len(test)) == (1437, 360)
    assert train.images.shape[1:] == (28, 28)
    assert (train.images.dtype, train.labels.dtype, train.stand_in) == (np.uint8, np.int64, True)
    assert train.images[:, 4:24, 4:24].max() == 255
    assert train.images.sum() == train.images[:, 4:24, 4:24].sum(dtype=np.int64), "a border as MNIST's"
    means = np.stack([train.images[train.labels == k].mean(axis=0) for k in range(10)]).reshape(10, -1)
    nearest = np.linalg.norm(test.images.reshape(360, 1, -1) - means, axis=2).argmin(axis=1)
    assert (nearest == test.labels).mean() > 0.85, "still digits, with their own labels"


def test_digits_stand_in_for_cifar10_where_nothing_shall_be_downloaded(cache, capsys):
    train, test = cifar10_or_digits()
    assert "CIFAR-10 is not on this machine yet" in capsys.readouterr().out
    assert train.images.shape == (1437, 3, 32, 32)
    assert (train.images.dtype, train.stand_in, len(test)) == (np.uint8, True, 360)
    assert (train.images == train.images[:, :1]).all(), "grey"


@pytest.mark.slow
def test_the_lesson_can_go_on_with_camera_frames_and_is_told(small_cifar10, capsys, monkeypatch):
    monkeypatch.setenv("CNNLAB_REHEARSAL", "1")  # a tenth of the frames
    train, test = cifar10(fallback=True)
    assert "camera in CIFAR-10's place: two classes" in capsys.readouterr().out
    assert train.images.shape == (150, 3, 32, 32)
    assert len(test) == 50
    assert train.classes == ("nobody", "person")


def test_a_cache_that_cannot_be_written_is_no_trouble_where_data_is_at_hand(small_mnist, tmp_path, monkeypatch):
    (tmp_path / "a file").touch()
    monkeypatch.setattr(places, "cache_folder", lambda: tmp_path / "a file" / "cnnlab")
    with pytest.raises(NoRoom, match="CNNLAB_DATA"):
        mnist()
    put(tmp_path / "data", small_mnist)
    monkeypatch.setenv("CNNLAB_DATA", str(tmp_path / "data"))
    assert is_small_mnist(mnist())


@pytest.mark.slow
def test_cifar10_comes_from_the_archive_and_is_unpacked_whole(small_cifar10, cache, monkeypatch):
    with serving(small_cifar10) as server:
        monkeypatch.setenv("CNNLAB_MIRROR", server.address)
        train, test = cifar10()
    assert np.array_equal(train.images, COLOURS[:5].reshape(-1, 3, 32, 32))
    assert np.array_equal(test.images, COLOURS[5].reshape(-1, 3, 32, 32))
    assert test.labels[:3].tolist() == [5, 6, 7]
    assert {path.name for path in cache.iterdir()} == {"cifar-10-batches-py", "decoded"} | (
        {".CIFAR-10.lock"} if (cache / ".CIFAR-10.lock").exists() else set()
    )
    next((cache / "decoded").iterdir()).unlink()
    assert np.array_equal(cifar10(download=False)[0].images, train.images)
    damaged = cache / "cifar-10-batches-py" / "data_batch_3"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    next((cache / "decoded").iterdir()).unlink()
    with pytest.raises(Damaged, match="data_batch_3"):
        cifar10()


@pytest.mark.slow
def test_an_archive_alone_in_a_folder_that_cannot_be_written_is_enough(small_cifar10, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "cifar-10-python.tar.gz").write_bytes(small_cifar10["cifar-10-python.tar.gz"])
    monkeypatch.setenv("CNNLAB_DATA", str(folder))
    train, _ = cifar10(download=False)
    assert np.array_equal(train.images, COLOURS[:5].reshape(-1, 3, 32, 32))
    assert len(list(folder.iterdir())) == 1


@pytest.mark.slow
def test_an_archive_with_another_checksum_is_not_opened(small_cifar10, tmp_path, monkeypatch):
    """Its pickles could run anything."""
    archive = tmp_path / "cifar-10-python.tar.gz"
    content = small_cifar10[archive.name]
    archive.write_bytes(content[:4] + b"?" + content[5:])  # the time stamp: gzip and tar are content
    monkeypatch.setenv("CNNLAB_DATA", str(tmp_path))
    with pytest.raises(Damaged, match="checksum"):
        cifar10(download=False)


def real(name):
    folder = next((folder for folder in places.folders() if places.holds(folder, name)), None)
    return pytest.mark.skipif(
        folder is None, reason=f"{name} is not on this machine (set CNNLAB_DATA to have this tested)"
    )


@pytest.mark.slow
@real("MNIST")
def test_the_real_mnist_is_all_there_and_as_torchvision_reads_it(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "cache_folder", lambda: tmp_path)
    train, test = mnist(download=False)
    assert (train.images.shape, test.images.shape) == ((60_000, 28, 28), (10_000, 28, 28))
    assert np.bincount(train.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    began = time.perf_counter()
    again, _ = mnist(download=False)
    assert time.perf_counter() - began < 3, "the second time is a blink"
    assert np.array_equal(again.images, train.images)
    datasets = pytest.importorskip("torchvision.datasets")
    put(tmp_path / "theirs", {f.name: _found("MNIST/raw/" + f.name) for f in large.MNIST}, unpack=True)
    theirs = datasets.MNIST(tmp_path / "theirs", download=False)
    images, labels = train.tensors()
    assert bool((theirs.data == images).all())
    assert bool((theirs.targets == labels).all())


def _found(name):
    chosen = next(folder for folder in places.folders() if places.holds(folder, "MNIST"))
    packed = chosen / name
    return packed.read_bytes() if packed.exists() else gzip.compress((chosen / name.removesuffix(".gz")).read_bytes())


@pytest.mark.slow
@real("CIFAR-10")
def test_the_real_cifar10_is_all_there(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "cache_folder", lambda: tmp_path)
    train, test = cifar10(download=False)
    assert (train.images.shape, test.images.shape) == ((50_000, 3, 32, 32), (10_000, 3, 32, 32))
    assert np.bincount(train.labels).tolist() == [5000] * 10
    assert train.images.mean(axis=(0, 2, 3)) / 255 == pytest.approx([0.4914, 0.4822, 0.4465], abs=1e-4)
    assert os.listdir(tmp_path / "decoded") == ["cifar-10-1.npz"]
