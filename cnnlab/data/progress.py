"""One line that says how far a download is: a bar in a notebook, a line that rewrites itself in a terminal."""

from __future__ import annotations

import sys
import time


class Progress:
    """progress(done) at any time; drawn at most five times a second, and a last time by close()."""

    def __init__(self, title: str, size: int, begun: int = 0):
        self.title, self.size, self.done, self._begun = title, size, begun, begun
        self._start = time.monotonic()
        self._drawn = 0.0
        self._display = None

    def __call__(self, done: int) -> None:
        self.done = done
        if time.monotonic() - self._drawn > 0.2:
            self._draw()

    def close(self) -> None:
        self._draw()
        if self._display is None and sys.stdout.isatty():
            print()

    def words(self) -> str:
        """ "train-images: 4.2 of 9.9 MB, 3.1 MB/s, 2 s left"."""
        seconds = max(time.monotonic() - self._start, 1e-6)
        rate = (self.done - self._begun) / seconds
        text = f"{self.title}: {self.done / 1e6:.1f} of {self.size / 1e6:.1f} MB"
        if self.done >= self.size:
            return f"{text}, done"
        if seconds < 0.5 or rate <= 0:
            return text
        left = (self.size - self.done) / rate
        return f"{text}, {rate / 1e6:.2f} MB/s, {f'{left / 60:.0f} min' if left > 90 else f'{left:.0f} s'} left"

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        if "IPython" in sys.modules and getattr(sys.modules["IPython"].get_ipython(), "kernel", None) is not None:
            from IPython.display import display

            bar = f'<progress value="{self.done}" max="{self.size}" style="width:20em;max-width:50%"></progress>'
            data = {"text/html": f'<div style="font-size:13px">{bar} {self.words()}</div>', "text/plain": self.words()}
            if self._display is None:
                self._display = display(data, raw=True, display_id=True)
            else:
                self._display.update(data, raw=True)
        elif sys.stdout.isatty():
            print(f"\r\x1b[K{self.words()}", end="", flush=True)
