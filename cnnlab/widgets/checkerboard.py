"""The checkerboard viewer: how often a transposed convolution writes to each place, and what that does to a picture."""

from cnnlab.data import camera_frame, photograph
from cnnlab.figures.upsampling import Stamps, stamps_of
from cnnlab.markup import macros
from cnnlab.widgets.controls import menu, slider
from cnnlab.widgets.explorer import Explorer

parts = macros("explorer")

PICTURES = {
    "a flat grey": lambda: photograph("flower", size=12, grey=True) * 0 + 128,
    "a frame of the camera": lambda: camera_frame(6, size=(36, 48), colour=False),
    "a photograph": lambda: photograph("china", size=(36, 48), grey=True),
}


def explore_checkerboard(overlap_count=None, transposed_conv2d=None):
    """Choose kernel and stride: see how often each place is written to, a picture made larger so,
    and the same by bilinear
    interpolation and a convolution.

    overlap_count(kernel, stride, size) -> counts and transposed_conv2d(x, weight, stride,
    padding) -> maps: yours; without
    them they are the course's own. Returns a CheckerboardViewer.
    """
    return CheckerboardViewer(overlap_count, transposed_conv2d)


class CheckerboardViewer(Explorer):
    """What `explore_checkerboard` returns; `state` is a Stamps."""

    title = "Checkerboard"

    def __init__(self, overlap_count, transposed_conv2d):
        self.counts, self.stamps, self._images = overlap_count, transposed_conv2d, {}
        numbers = {
            "kernel": slider("kernel", 3, 1, 7, at_rest=True),
            "stride": slider("stride", 2, 1, 4, at_rest=True),
            "size": slider("inputs", 8, 2, 12, at_rest=True),
        }
        super().__init__([numbers, {"picture": menu("picture", PICTURES)}], first="kernel", hover=False)

    def changed(self, name):
        if name == "picture":
            return
        given = [self.value(one) for one in ("kernel", "stride", "size")]
        self.state = self.asked(Stamps(*given), lambda state: stamps_of(self.counts, *given))
        if not self.state.counts:
            self.state = stamps_of(None, *given)[0]

    def html(self):
        from cnnlab.figures.upsampling import board_picture

        name = self.value("picture")
        if name not in self._images:
            self._images[name] = PICTURES[name]() / 255
        picture = board_picture(self.state, self._images[name], self.stamps)
        lines = filter(None, [self.state.says, self._verdict()])
        return parts.view(self.title, [*map(parts.words, lines), picture.html()])

    def _verdict(self):
        kernel, stride = self.state.kernel, self.state.stride
        if stride > kernel:
            return f"The stride {stride} is larger than the kernel {kernel}: some places are never written to."
        if self.state.uneven:
            return f"{stride} does not divide {kernel}: neighbours are written to unequally often."
        times = (kernel // stride) ** 2
        return f"{stride} divides {kernel}: away from the border every place is written to equally often, {times}×."

    def spoken(self):
        from cnnlab.figures.upsampling import described

        return f"{described(self.state)} {self._verdict()}"
