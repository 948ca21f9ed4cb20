"""The clock of a browser, where there are no threads; tests/browser_python runs the same in WebAssembly."""

import sys

import pytest

from cnnlab.check import timelimit
from tests.check import stubborn

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring came with Python 3.12")


def test_what_does_not_come_back_is_stopped_without_threads(monkeypatch):
    monkeypatch.setattr(timelimit, "THREADS", False)
    assert stubborn.differing() == []
    assert stubborn.interrupted()
    assert sys.monitoring.get_tool(4) is None
