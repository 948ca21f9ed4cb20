"""`await` at the top of a cell, inside the sandbox: asyncio's loop where there is nothing to listen to."""

import asyncio
import selectors
import time


def finish(coroutine):
    """Run a cell's coroutine to its end."""
    loop = _Loop(_Sleep())
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(coroutine)
    finally:
        asyncio.set_event_loop(None)
        loop.close()


class _Sleep(selectors.BaseSelector):
    """A selector where there is nothing to listen to: time goes by."""

    def select(self, timeout=None):
        time.sleep(0.01 if timeout is None else min(max(timeout, 0), 0.01))
        return []

    def get_map(self):
        return {}

    def register(self, fileobj, events, data=None):
        raise OSError("nothing from outside can be waited for here")

    def unregister(self, fileobj):
        raise KeyError(fileobj)


class _Loop(asyncio.SelectorEventLoop):
    """asyncio's loop without the pair of sockets, which a worker may not open."""

    def _make_self_pipe(self):
        pass

    def _close_self_pipe(self):
        pass

    def _write_to_self(self):
        pass
