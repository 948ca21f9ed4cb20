"""Frames: what goes in comes out, and nothing that a worker writes does more than end that worker."""

import contextlib
import itertools
import json
import os
import random
import struct
import threading
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cnnlab.check.plain import Foreign, same
from cnnlab.check.subject import Answer, Ref
from cnnlab.course.grading import wire
from cnnlab.course.grading.sandbox import WorkerLost, WorkerProcess
from cnnlab.course.grading.sandbox_subject import read_answer

QUICK, MANY = 30, 300  # examples of each of the five properties
FRAMES = pytest.mark.parametrize("examples", [QUICK, pytest.param(MANY, marks=pytest.mark.slow)])
PIPES = pytest.mark.skipif(os.name == "nt", reason="the judge's pipes are POSIX's; there is no sandbox on Windows")
tried = itertools.count()


def fuzz(examples, *strategies):
    calm = settings(max_examples=examples, deadline=1000, suppress_health_check=list(HealthCheck), database=None)
    return lambda function: calm(given(*strategies)(function))


@pytest.fixture(scope="module", autouse=True)
def tell_how_many(request):
    yield
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f" frames tried: {next(tried):,}", flush=True)


def frame(tree, body=b""):
    header = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return struct.pack(">4sII", b"CNN1", len(header), len(body)) + header + body


def decode(data):
    header, body = wire.lengths(data[:12])
    return wire.decode(data[12 : 12 + header], data[12 + header : 12 + header + body])


scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20)
arrays = hnp.arrays(
    st.sampled_from(sorted(wire.DTYPES)), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
)
values = st.recursive(
    scalars | arrays | st.builds(Ref, st.integers(0, 9999)) | st.builds(Foreign, st.text(max_size=9)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=6) | st.integers(-99, 99), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=6), values, max_size=4))
@settings(max_examples=60, deadline=None, database=None)
def test_what_goes_in_comes_out(message):
    clean = json.loads(json.dumps(["", *message]).encode("utf-8", "replace"))  # text without half characters
    if any(0xD800 <= ord(c) < 0xE000 for c in "".join(clean)):
        return
    assert same(decode(wire.encode(message)), message)


@pytest.mark.parametrize("flip", [np.s_[::-1], np.s_[:, ::2], np.s_[1:, 1:], np.s_[..., ::-1]])
def test_a_slice_stays_one_on_its_way_to_the_worker(flip):
    x = np.arange(24.0).reshape(4, 6)[flip]
    data = wire.encode({"x": x.T}, layouts=True)
    header, _body = wire.lengths(data[:12])
    got = wire.decode(data[12 : 12 + header], data[12 + header :], layouts=True)["x"]
    assert got.strides == x.T.strides
    assert np.array_equal(got, x.T)
    with pytest.raises(wire.WireError):
        decode(data)  # from a worker a layout is no array


@pytest.mark.parametrize(
    ("tree", "body"),
    [
        ({"d": [["v", {"a": ["float64", [0, 1 << 26, 1 << 26, 1 << 26], "numpy"]}]]}, b""),
        ({"d": [["v", {"a": ["float64", [1 << 26] * 8, "numpy"]}]]}, b""),
        ({"d": [["v", {"a": ["object", [1], "numpy"]}]]}, b"12345678"),
        ({"d": [["v", {"a": ["float64", [-1], "numpy"]}]]}, b""),
        ({"d": [["v", {"a": ["float64", [True], "numpy"]}]]}, b"12345678"),
        ({"d": [["v", {"a": ["float64", [2], "numpy"]}]]}, b"12345678"),
        ({"d": [["v", {"a": ["float64", [1], "numpy", [0], 0, 1 << 40]}]]}, b"12345678"),
        ({"d": [["v", {"a": ["uint16", [1], "torch"]}]]}, b"12"),
        ({"d": [[{"l": []}, 1]]}, b""),
        ({"d": [[1 << 61, 1]]}, b""),
        ({"d": [["v", {"n": "1e999"}]]}, b""),
        ({"d": [["v", {"r": -1}]]}, b""),
        ({"d": [["v", {"c": 10**9}]]}, b""),
        ({"d": [["v", {"c": 0}]]}, b""),
        ({"d": [["v", {"t": []}]]}, b"left over"),
        ({"d": [["v", {"l": [], "t": []}]]}, b""),
        ({"d": [["v", [1, 2]]]}, b""),
        (b'{"d":[["v",NaN]]}', b""),
        (b'{"d":[["v",' + b"9" * 5000 + b"]]}", b""),
        (b'{"l":[' * 5000 + b"]}" * 5000, b""),
        (b"[" * 500_000, b""),
        (b"\xff\xfe{}", b""),
        (7, b""),
        ({"l": []}, b""),
    ],
)
def test_a_frame_of_another_form_is_refused(tree, body):
    with pytest.raises(wire.WireError):
        decode(frame(tree, body))


@pytest.mark.parametrize("head", [b"CNN2" + bytes(8), b"CNN1" + b"\xff" * 8, struct.pack(">4sII", b"CNN1", 9, 1 << 30)])
def test_a_head_of_another_form_takes_no_memory(head):
    with pytest.raises(wire.WireError):
        wire.lengths(head)


def test_half_a_character_arrives_as_a_question_mark():
    message = decode(frame(b'{"d":[["v","\\ud800 and more"]]}'))
    assert message == {"v": "? and more"}
    message["v"].encode()


# what a worker may write

names = st.sampled_from(
    ["id", "value", "args", "trouble", "warnings", "printed", "callback", "name", "kind", "line", ""]
)
sides = st.integers(-2, 9) | st.sampled_from([1 << 26, 1 << 31, 1 << 62, 10**30]) | st.none() | st.booleans()
kinds = st.sampled_from(["numpy", "torch", "x", None])
dtypes = st.sampled_from([*sorted(wire.DTYPES), "object", "U4", "V8", "float128", ">f8", "datetime64[s]", None])
described = st.tuples(dtypes, st.lists(sides, max_size=9), kinds).map(list) | st.lists(sides, max_size=7)
leaves = scalars | names | st.integers(0, 10**4)
trees = st.recursive(
    leaves
    | described.map(lambda a: {"a": a})
    | st.tuples(st.sampled_from("ntldrxcya"), leaves).map(lambda pair: dict([pair])),
    lambda inner: (
        st.tuples(st.sampled_from("tl"), st.lists(inner, max_size=4)).map(lambda p: dict([p]))
        | st.lists(st.tuples(names | inner, inner).map(list), max_size=5).map(lambda items: {"d": items})
        | st.tuples(st.text(max_size=3), inner).map(lambda pair: dict([pair]))
        | st.tuples(names, st.dictionaries(names, inner, max_size=3)).map(lambda y: {"y": list(y)})
        | st.lists(inner, max_size=3)
    ),
    max_leaves=12,
)
answers = st.lists(st.tuples(names, trees).map(list), max_size=8).map(lambda items: {"d": items})
bodies = st.binary(max_size=64)


@FRAMES
def test_any_bytes_are_a_message_or_a_wire_error(examples):
    @fuzz(examples, st.binary(max_size=80), st.binary(max_size=40), st.booleans())
    def holds(header, body, layouts):
        next(tried)
        with contextlib.suppress(wire.WireError):
            wire.lengths(header[:12].ljust(12, b"\0"))
        with contextlib.suppress(wire.WireError):
            wire.decode(header, body, layouts=layouts)

    holds()


@FRAMES
def test_any_tree_is_a_message_or_a_wire_error(examples):
    @fuzz(examples, trees | answers, bodies, st.booleans(), st.booleans())
    def holds(tree, body, layouts, tensors):
        next(tried)
        try:
            message = wire.decode(json.dumps(tree).encode(), body, tensors, layouts)
        except wire.WireError:
            return
        wire.encode(message)
        repr(message).encode()

    holds()


@FRAMES
def test_any_answer_is_read_or_the_worker_is_lost(examples):
    @fuzz(examples, st.dictionaries(names, values | st.dictionaries(names, values, max_size=6), max_size=8))
    def holds(message):
        next(tried)
        try:
            answer = read_answer(message, "f")
        except WorkerLost:
            return
        assert isinstance(answer, Answer)
        assert answer.problem is None or answer.problem.encode()

    holds()


class PipesAlone(WorkerProcess):
    """A worker's two pipes, and no process behind them."""

    def __init__(self):
        theirs, mine = os.pipe(), os.pipe()
        self.reads, self.writes = theirs[0], mine[1]
        self._connect(theirs[1], mine[0], tensors=False)
        self.ready, self.inner = True, 2**22 + 1  # none has this number

    def end(self):
        self._hang_up()

    def close(self):
        self.end()
        os.close(self.reads)
        if self.writes is not None:
            os.close(self.writes)


def said(data, hang_up=True):
    """A worker that has said `data` (and hung up)."""
    worker = PipesAlone()
    os.set_blocking(worker.writes, False)
    os.write(worker.writes, data[:60_000])
    if hang_up:
        os.close(worker.writes)
        worker.writes = None
    return worker


def ask_and_close(worker, callbacks=()):
    try:
        answer = worker.ask({"do": "verb"}, 0.2, callbacks)
        read_answer(answer, "f")
    except WorkerLost:
        pass
    finally:
        worker.close()


@PIPES
@FRAMES
def test_whatever_a_worker_writes_it_is_read_or_lost(examples):
    parts = st.lists(st.builds(frame, trees | answers, bodies) | st.binary(max_size=30), max_size=4)

    @fuzz(examples, parts.map(b"".join))
    def holds(data):
        next(tried)
        started = time.process_time()
        worker = said(data)
        ask_and_close(worker)
        assert time.process_time() - started < 0.5

    holds()


@PIPES
@FRAMES
def test_whatever_a_worker_calls_back_with_it_is_answered_or_lost(examples):
    calls = st.fixed_dictionaries({"id": st.just(1) | values, "callback": st.integers(-1, 4) | values, "args": values})
    frames = st.lists(calls | st.dictionaries(names, values, max_size=4), min_size=1, max_size=5)

    def whole(x):
        return float(np.sum(x))

    def giant(x):
        return np.zeros((1 << 26) + 1, np.uint8)

    def odd(x):
        return object()

    @fuzz(examples, frames)
    def holds(messages):
        next(tried)
        try:
            data = b"".join(map(wire.encode, messages))
        except wire.WireError:
            return
        ask_and_close(said(data), (whole, np.sum, odd, giant))

    holds()


SEEDS = [
    wire.encode(message)
    for message in (
        {"id": 1, "value": np.arange(6.0).reshape(2, 3), "args": (np.ones((2, 2), np.int8), 3), "trouble": None},
        {
            "id": 1,
            "trouble": {"kind": "raised", "error": "E", "message": "m", "line": 3},
            "warnings": ("w",),
            "args": (),
        },
        {"id": 1, "callback": 0, "args": (np.zeros(3), {"a": [1, (2.5, float("nan"))]}, Ref(3), Foreign("set"))},
    )
]
TOKENS = [
    b'"a"',
    b'"t"',
    b'"d"',
    b"[",
    b"]",
    b"{",
    b"}",
    b"-1",
    b"1e400",
    b"99999999999",
    b"null",
    b'"torch"',
    b"\\ud800",
]


@pytest.mark.parametrize("examples", [2_000, pytest.param(45_000, marks=pytest.mark.slow)])
def test_frames_with_some_bytes_changed_are_read_or_refused(examples):
    draw = random.Random(examples)
    slowest = 0.0
    for _ in range(examples):
        next(tried)
        data = bytearray(draw.choice(SEEDS))
        for _ in range(draw.randint(1, 6)):
            at = draw.randrange(12, len(data))
            piece = draw.choice(TOKENS) if draw.random() < 0.6 else draw.randbytes(draw.randint(0, 3))
            data[at : at + draw.randint(0, 4)] = piece
        header = draw.choice([struct.unpack(">I", data[4:8])[0], draw.randint(0, len(data))])
        started = time.monotonic()
        with contextlib.suppress(wire.WireError, WorkerLost):
            message = wire.decode(bytes(data[12 : 12 + header]), bytes(data[12 + header :]), draw.random() < 0.5)
            read_answer(message, "f")
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < 0.5


def talk(fd, chunks):
    try:
        for chunk in chunks:
            os.write(fd, chunk)
    except OSError:
        pass  # the judge has hung up


@PIPES
@pytest.mark.parametrize(
    "chunks",
    [
        itertools.repeat(wire.encode({"id": 1, "callback": 0, "args": (1,)})),
        (b"\0" for _ in itertools.count() if not time.sleep(0.001)),
        itertools.chain([struct.pack(">4sII", b"CNN1", 2, 1 << 26), b"{}"], itertools.repeat(b"x")),
        iter(()),
    ],
    ids=["calls back for ever", "a byte at a time", "a body that dribbles", "silent"],
)
def test_a_worker_that_talks_for_ever_has_no_more_time_than_another(chunks):
    worker = said(b"", hang_up=False)
    os.set_blocking(worker.writes, True)
    for talker in (
        threading.Thread(target=talk, args=(worker.writes, chunks), daemon=True),
        threading.Thread(target=lambda: [None for _ in iter(lambda: os.read(worker.reads, 4096), b"")], daemon=True),
    ):
        talker.start()
    started = time.monotonic()
    with pytest.raises(WorkerLost):
        worker.ask({"do": "verb"}, 0.3, (lambda x: x,))
    assert time.monotonic() - started < 10  # it would never end
    worker.end()


@PIPES
def test_an_answer_to_another_question_loses_the_worker():
    with pytest.raises(WorkerLost, match="no question"):
        said(wire.encode({"id": 2, "value": 8})).ask({"do": "verb"}, 0.2)


@PIPES
@pytest.mark.parametrize("number", [np.arange(3), np.array([], bool), True, 1.0, None, "1"])
def test_a_number_that_is_no_number_loses_the_worker(number):
    with pytest.raises(WorkerLost, match="no question"):
        said(wire.encode({"id": number, "value": 8})).ask({"do": "verb"}, 0.2)


@pytest.mark.parametrize("kind", [np.arange(3), np.array([], bool), "passed", None, ("unsolved",)])
def test_a_trouble_of_another_kind_loses_the_worker(kind):
    with pytest.raises(WorkerLost, match="another form"):
        read_answer({"trouble": {"kind": kind}}, "f")


@pytest.mark.parametrize("line", [-1, 10**7, pytest.param(10**4000, id="long")])
def test_a_line_that_no_cell_has_loses_the_worker(line):
    with pytest.raises(WorkerLost):
        read_answer({"trouble": {"kind": "raised", "line": line}}, "f")


def test_what_a_terminal_would_obey_is_taken_out_of_messages():
    trouble = {"kind": "raised", "error": "E", "message": "\x1b[31mred\x07 \u202eevil"}
    answer = read_answer({"trouble": trouble, "printed": "a\0b\n"}, "f")
    assert answer.trouble.message == "\ufffd[31mred\ufffd \ufffdevil"
    assert answer.printed == "a\ufffdb\n"


@PIPES
def test_a_message_that_can_not_cross_is_said_and_not_raised():
    with pytest.raises(WorkerLost, match="can not cross"):
        said(b"", hang_up=False).ask({"code": "x" * 300_000}, 0.2)
