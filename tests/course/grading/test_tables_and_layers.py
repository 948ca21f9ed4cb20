"""Layers as arguments, and tables filled in by hand, judged through the pipe."""

import json
import struct

import pytest

from cnnlab.check.lesson_06.alexnet_answers import EXERCISE as alexnet_answers
from cnnlab.check.lesson_06.table import RIGHT
from cnnlab.check.lesson_06.trace import EXERCISE as trace
from cnnlab.check.plain import same
from cnnlab.check.subject import NotebookSubject
from cnnlab.course.grading import wire
from cnnlab.layers import Conv, Dense, Flatten, Pool
from tests.course.grading.test_verbs import subject_of

TRACE = """
    from cnnlab.layers import Conv, Dense, Flatten, Pool

    def after(shape, layer):
        if isinstance(layer, Flatten):
            return (shape[0] * shape[1] * shape[2],)
        if isinstance(layer, Dense):
            return (layer.out_features,)
        out = layer.out_channels if isinstance(layer, Conv) else shape[0]
        padding, dilation = getattr(layer, "padding", 0), getattr(layer, "dilation", 1)
        return (out, *((n + 2 * padding - dilation * (layer.kernel - 1) - 1) // layer.stride + 1 for n in shape[1:]))

    def trace(layers, input_shape):
        shapes = [input_shape]
        for layer in layers:
            shapes.append(after(shapes[-1], layer))
        return shapes
"""


def verdicts(pool, exercise, source):
    worker, subject = subject_of(pool, exercise.name, source)
    try:
        return [exercise.run(part, subject, 7) for part in exercise.parts]
    finally:
        worker.end()


def test_layers_cross_both_ways():
    message = {"v": [Conv(96, 11, stride=4), Pool(3, 2), Flatten(), (Dense(1000),)]}
    data = wire.encode(message)
    header, _body = wire.lengths(data[:12])
    assert same(wire.decode(data[12 : 12 + header], data[12 + header :]), message)


@pytest.mark.parametrize(
    "layer",
    [
        ["Conv", {"out_channels": 4}],
        ["Conv", {"out_channels": 4, "kernel": 3, "weights": 1}],
        ["Conv", {"out_channels": 4, "kernel": True}],
        ["Conv", {"out_channels": 4, "kernel": 3.0}],
        ["Conv", {"out_channels": 4, "kernel": [3]}],
        ["Pool", {"kernel": 3, "stride": 0}],
        ["_Layer", {}],
        ["object", {}],
        ["Flatten"],
        ["Flatten", []],
        [[], {}],
        "Flatten",
    ],
)
def test_what_is_no_layer_is_refused(layer):
    header = json.dumps({"d": [["v", {"y": layer}]]}).encode()
    assert wire.lengths(struct.pack(">4sII", b"CNN1", len(header), 0)) == (len(header), 0)
    with pytest.raises(wire.WireError):
        wire.decode(header, b"")


def test_a_list_of_layers_is_traced_in_the_sandbox(pool):
    assert [verdict.passed for verdict in verdicts(pool, trace, TRACE)] == [True, True]


def test_a_mistake_and_a_list_that_is_used_up_are_told_as_in_the_notebook(pool):
    source = TRACE.replace("return shapes", "layers.clear()\n        return shapes")
    failure = verdicts(pool, trace, source)[0].failure
    assert failure.kind == "changed input"
    ceil = TRACE.replace("(n + 2 * padding", "(layer.stride - 1 + n + 2 * padding")
    failure = verdicts(pool, trace, ceil)[0].failure
    assert failure.mistake.name == "rounded up"
    assert "after Pool(2, 2)" in failure.sentence


def test_a_layer_that_was_bent_counts_as_changed(pool):
    source = TRACE.replace("return shapes", "object.__setattr__(layers[0], 'kernel', 1)\n        return shapes")
    failure = verdicts(pool, trace, source)[0].failure
    assert failure.kind == "changed input"


def test_a_table_is_judged_row_by_row(pool):
    assert all(verdict.passed for verdict in verdicts(pool, alexnet_answers, f"alexnet_answers = {RIGHT}"))
    table = RIGHT | {"parameters of conv2": 614_400, "two GPUs: parameters in all": None}
    judged = verdicts(pool, alexnet_answers, f"alexnet_answers = {table}")
    assert [verdict.passed for verdict in judged] == [True, False, False]
    for verdict, part in zip(judged, alexnet_answers.parts, strict=True):
        here = alexnet_answers.run(part, NotebookSubject(table), 7)
        assert (verdict.failure and verdict.failure.sentence) == (here.failure and here.failure.sentence)


def test_an_untouched_table_is_unsolved_and_one_that_is_not_there_absent(pool):
    empty = verdicts(pool, alexnet_answers, f"alexnet_answers = {dict.fromkeys(RIGHT)}")
    assert {verdict.failure.kind for verdict in empty} == {"unsolved"}
    missing = verdicts(pool, alexnet_answers, "alexnet_anwsers = {}")
    assert {verdict.failure.kind for verdict in missing} == {"absent"}
    odd = verdicts(pool, alexnet_answers, "alexnet_answers = None")
    assert {verdict.failure.kind for verdict in odd} == {"type"}


def test_a_table_that_lies_wins_nothing(pool):
    liar = """
        class Liar(dict):
            def __getitem__(self, key): return 1 / 0
            def items(self): raise SystemExit
            def __str__(self): raise SystemExit
            def __len__(self): return 10 ** 9
            def __reduce__(self): raise SystemExit
            get = keys = __iter__ = __repr__ = __eq__ = __str__

        class Same(int):
            def __eq__(self, other): return True
            __hash__ = int.__hash__

        alexnet_answers = Liar({})
        for name in NAMES:
            dict.__setitem__(alexnet_answers, name, Same(1))
    """.replace("NAMES", repr(list(RIGHT)))
    judged = verdicts(pool, alexnet_answers, liar)
    assert {verdict.failure.kind for verdict in judged} == {"values"}
    assert "0 of 7 rows are right" in judged[2].failure.sentence
