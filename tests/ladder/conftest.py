import pytest


@pytest.fixture(autouse=True)
def one_thread():
    """Tests run side by side: with a neighbour on the other core, two threads are slower than one."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
