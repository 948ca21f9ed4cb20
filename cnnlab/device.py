"""Which device to train on: CUDA, else MPS (Apple's GPU), else the CPU. Said once."""

from __future__ import annotations

import functools
import math
import os
import time

_said: set[str] = set()


def best_device(say=True):
    """The torch device to use; $CNNLAB_DEVICE ("cpu", "cuda:1", …) overrules the choice.

    A GPU that torch sees but cannot use (too old, or a driver that does not fit) is passed over, with a line.
    """
    import torch

    asked = os.environ.get("CNNLAB_DEVICE")
    kinds = [asked] if asked else ["cuda"] * torch.cuda.is_available() + ["mps"] * torch.backends.mps.is_available()
    for kind in [*kinds, "cpu"]:
        device, problem = _tried(kind)
        if problem:
            _once(f"{kind} does not work here ({problem}); going on without it.", say)
        else:
            _once(f"Device: {describe(device)}", say)
            return device
    raise RuntimeError("torch works on no device here, not even the CPU.")


def describe(device) -> str:
    """ "CUDA: NVIDIA H200", "CPU, 2 cores, AMX"."""
    import torch

    device = torch.device(device)
    if device.type == "cuda":
        return f"CUDA: {torch.cuda.get_device_name(device)}"
    if device.type == "mps":
        return "MPS (Apple's GPU)"
    units = {"AMX": ", AMX", "AVX-512 bf16": ", AVX-512 bf16"}.get(processor(device), "")
    threads = torch.get_num_threads()
    return f"CPU, {threads} {'core' if threads == 1 else 'cores'}{units}"


def processor(device) -> str:
    """Which kind of processor it is, by its units for 16-bit floats: "GPU", "AMX", "AVX-512 bf16" or "other CPU".

    On "other CPU" products in 16 bits are slower than in 32. The CPU's flags, as torch sees them, say which units there
    are; a product in each says once whether they pay: Intel's vector units alone take twice as long in 16 bits.
    """
    import torch

    if torch.device(device).type != "cpu":
        return "GPU"
    probe = getattr(torch.backends.cpu, "get_cpu_capability", lambda: "")()
    if "AVX512" in probe:
        for kind, name in (("AMX", "_is_amx_tile_supported"), ("AVX-512 bf16", "_is_avx512_bf16_supported")):
            if getattr(torch.cpu, name, bool)():
                return kind if times_as_fast_in_half() > 1 else "other CPU"
    return "other CPU"


@functools.cache
def times_as_fast_in_half(side=512, rounds=6) -> float:
    """How many times as fast this CPU multiplies matrices (side × side) in bfloat16 as in float32, at its best."""
    import torch

    pairs = {kind: torch.ones(2, side, side, dtype=kind) for kind in (torch.float32, torch.bfloat16)}
    best = dict.fromkeys(pairs, math.inf)
    for _ in range(rounds):
        for kind, (a, b) in pairs.items():
            began = time.perf_counter()
            a @ b
            best[kind] = min(best[kind], time.perf_counter() - began)
    return best[torch.float32] / best[torch.bfloat16]


def synchronise(device) -> None:
    """Wait until the device has done what it was given: before every look at the clock."""
    import torch

    kind = torch.device(device).type
    if kind == "cuda":
        torch.cuda.synchronize(device)
    elif kind == "mps":
        torch.mps.synchronize()


def _tried(kind):
    import torch

    try:
        device = torch.device(kind)
        (torch.ones(4, device=device) * 2).sum().item()
        return device, ""
    except (RuntimeError, AssertionError) as error:
        return None, (str(error).strip().splitlines() or [type(error).__name__])[0]


def _once(line, say):
    if say and line not in _said:
        _said.add(line)
        print(line)
