"""convolve2d: the kernel turned by 180°, then cross_correlate2d; image (H, W), kernel (kh, kw)."""

import numpy as np

from cnnlab.check.cases import Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_01.cross_correlate2d import correlate, oblong_pictures, square_pictures
from cnnlab.check.lesson_01.wrong_ways import BYTES, in_bytes, leaving

# fmt: off
WRONG = [
    ("no flip", "This is cross-correlation still. The mathematician's convolution turns the kernel by 180° first, "
     "top to bottom and left to right.", lambda a: a.right(kernel=a.kernel[::-1, ::-1])),
    ("flipped top to bottom only", "Only the rows are reversed. A turn by 180° reverses the columns too.",
     lambda a: a.right(kernel=a.kernel[:, ::-1])),
    ("mirrored left to right only", "Only the columns are reversed. A turn by 180° reverses the rows too.",
     lambda a: a.right(kernel=a.kernel[::-1])),
    ("transposed, not turned", "The kernel is transposed: that mirrors it on its diagonal. "
     "Convolution reverses both axes: kernel[::-1, ::-1].", lambda a: a.right(kernel=a.kernel[::-1, ::-1].T)),
    ("turned by 90°", "np.rot90 turns by a quarter; two quarters are needed, or kernel[::-1, ::-1].",
     lambda a: a.right(kernel=np.rot90(a.kernel, -1))),
    ("turned by 90°, clockwise", "That is a quarter turn, the other way round; two quarters are needed.",
     lambda a: a.right(kernel=np.rot90(a.kernel))),
    ("transposed and turned", "The kernel is turned and transposed. Reversing both axes is enough.",
     lambda a: a.right(kernel=a.kernel.T)),
    ("counted from the end, but one place off", "kernel[−u, −v] begins at kernel[0, 0], since −0 is 0: "
     "the last weight is kernel[−1, −1].", lambda a: a.right(kernel=np.roll(a.kernel, (-1, -1), (0, 1)))),
    ("the height turns the columns", "The columns are counted back from the kernel's height. From its width: "
     "kernel[…, kw − 1 − v].", lambda a: a.right(kernel=np.roll(a.kernel, a.kernel.shape[1] - len(a.kernel), 1))),
    ("the image is flipped too", "Both were turned, and two turns undo each other but for the order of the output. "
     "Turn the kernel alone.", lambda a: a.right(image=a.image[::-1, ::-1])),
    ("the image is flipped instead", "The image was turned. "
     "That gives convolution's numbers in reverse order; turn the kernel.", lambda a: a.right()[::-1, ::-1]),
    ("the sign is changed, not the order", "The weights were negated. Flipping changes their places, not their signs.",
     lambda a: -a.right(kernel=a.kernel[::-1, ::-1])),
    ("flipped and negated", "The kernel is turned as it should be, but every sign is changed as well.",
     lambda a: -a.right()),
    ("bytes begin again", BYTES, lambda a: in_bytes(a.right(), a.image)),
    ("cut to whole numbers", "The fractions are gone: the output took over the image's dtype.",
     lambda a: a.right().astype(a.image.dtype)),
    ("the mean, not the sum", "The kernel is turned as it should be, but the products are averaged. Add them up.",
     lambda a: a.right() / a.kernel.size),
    ("the kernel is turned in place",
     "The kernel that came in was turned and stays so: call it twice and the second answer is another. "
     "kernel[::-1, ::-1] leaves it alone.", lambda a: leaving(a.right(), a.kernel, a.kernel[::-1, ::-1])),
]

EXERCISE = Exercise(
    name="convolve2d", lesson="01_convolution", wrong=WRONG,
    oracle=lambda image, kernel: correlate(image, kernel[::-1, ::-1]),
    axes={"image": "row column", "kernel": "kernel-row kernel-column", "": "row column"},
    parts=[Part("values", 1, lambda rng: [*square_pictures(rng), *oblong_pictures(rng)], "pictures, square and oblong",
                "turn the kernel on paper: the weight at the top left goes to the bottom right.")],
)
