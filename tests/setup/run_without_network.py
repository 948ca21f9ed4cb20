"""Run a notebook in a network namespace of its own: `unshare -n python run_without_network.py HOW NOTEBOOK OUT`.

HOW is "run" (OUT is the executed notebook; a cell that raises may say so by the tag `raises-exception`, and check cells
may raise CheckFailed) or "nbval" (OUT is nbval's report). Prints the seconds of the wall clock and of the processor.
Only the loopback address answers in there, so that the kernel can be talked to. With CNNLAB_TEST_NETWORK=as-it-is the
network is left alone, for machines where namespaces are not permitted.
"""

import fcntl
import os
import resource
import socket
import struct
import sys
import time
from pathlib import Path

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
HANG = 900  # seconds for a cell: ends what hangs, on a busy machine too; how long a lesson takes is held elsewhere


def raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(probe, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def there_is_a_network():
    names = [name for _, name in socket.if_nameindex() if name != "lo"]
    routes = Path("/proc/net/route").read_text().splitlines()[1:]
    return any(line.split()[0] in names for line in routes)


def run(notebook, out):
    import nbformat
    from nbclient import NotebookClient

    found = nbformat.read(notebook, as_version=4)
    client = NotebookClient(found, timeout=HANG, kernel_name="python3", extra_arguments=["--log-level=ERROR"])
    client.execute(cwd=str(Path(notebook).parent))
    nbformat.write(found, out)
    return 0


def nbval(notebook, out):
    import pytest

    flags = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--nbval-lax", "--nbval-current-env", "-o", "addopts="]
    return pytest.main([*flags, f"--nbval-cell-timeout={HANG}", f"--junitxml={out}", str(notebook)])


if __name__ == "__main__":
    if os.environ.get("CNNLAB_TEST_NETWORK") != "as-it-is":
        raise_loopback()
        if there_is_a_network():
            sys.exit("there is a network here: this would prove nothing")
    how, notebook, out = sys.argv[1:]
    begun = time.monotonic()
    code = {"run": run, "nbval": nbval}[how](notebook, out)
    kernels = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{time.monotonic() - begun:.1f} s, {kernels.ru_utime + kernels.ru_stime:.1f} s of the processor")
    sys.exit(code)
