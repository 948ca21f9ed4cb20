"""In tests a rule that stumbles must be heard of."""

import pytest

from cnnlab.check import diagnose


@pytest.fixture(autouse=True)
def strict(monkeypatch):
    monkeypatch.setattr(diagnose, "strict", True)
