"""Two drawings for the map of the course: a timeline of architectures, and the pipeline of a network to scale."""

from matplotlib.patches import Polygon

from cnnlab.figures.style import BLUE, GREEN, INK, KEYS, LABEL, ORANGE, SMALL, SOFT, TITLE, Picture

TIMELINE = [
    (1980, "Neocognitron", "Fukushima", "layers of small detectors,\ncopied across the picture"),
    (1998, "LeNet-5", "LeCun et al.", "the detectors are learned:\nreads cheques"),
    (2012, "AlexNet", "Krizhevsky et al.", "deep, ReLU, on GPUs:\na million photographs"),
    (2014, "VGG", "Simonyan, Zisserman", "only 3 × 3, stacked deep"),
    (2014, "GoogLeNet", "Szegedy et al.", "several kernel sizes\nside by side"),
    (2015, "ResNet", "He et al.", "add the input back:\n152 layers can learn"),
    (2017, "DenseNet", "Huang et al.", "every layer sees\nall earlier ones"),
    (2017, "MobileNet", "Howard et al.", "space and channels apart:\nruns on a phone"),
    (2019, "EfficientNet", "Tan, Le", "grow depth, width and\nresolution together"),
    (2020, "ViT", "Dosovitskiy et al.", "patches and attention,\nhardly any convolution"),
]


def show_timeline(title="Forty years in ten ideas", chosen=None) -> Picture:
    """The architectures of the course in order, with who, when, and one key idea each (see TIMELINE); `chosen`, a name
    or several, are ringed."""
    ringed = {chosen} if isinstance(chosen, str) else set(chosen or ())
    picture = Picture("", 9.6, 5.1)
    axes = picture.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 51)
    axes.text(1.6, 48.4, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    for row in range(2):
        y = 37.5 - 20.5 * row
        axes.plot([3, 98 if row == 0 else 97], [y, y], color="#c9ccd6", lw=2.5, zorder=1, solid_capstyle="round")
        for k, (year, name, who, idea) in enumerate(TIMELINE[row * 5 : row * 5 + 5]):
            x = 3.2 + 19.6 * k
            colour = KEYS[5] if year < 2012 else GREEN if year < 2016 else ORANGE if name != "ViT" else KEYS[3]
            axes.scatter([x], [y], s=130, color=colour, zorder=3, edgecolor="white", linewidth=2)
            if name in ringed:
                axes.scatter([x], [y], s=330, facecolor="none", edgecolor=INK, zorder=4, linewidth=1.8)
            axes.text(x - 1.2, y + 3.4, str(year), fontsize=LABEL + 1, color=colour, fontweight="bold", va="center")
            axes.text(x - 1.2, y - 3.5, name, fontsize=LABEL + 1, color=INK, fontweight="bold", va="center")
            axes.text(x - 1.2, y - 6.0, who, fontsize=SMALL - 0.5, color=SOFT, va="center")
            for line, words in enumerate(idea.split("\n")):
                axes.text(x - 1.2, y - 8.9 - 2.1 * line, words, fontsize=SMALL + 0.2, color=INK, va="baseline")
    axes.text(97.8, 37.5, "›", fontsize=18, color="#c9ccd6", va="center", ha="center")
    legend = (
        "blue: first steps   ·   green: deep learning takes off   ·   orange: more with less   ·   pink: another way"
    )
    axes.text(1.6, 1.4, legend, fontsize=SMALL, color=SOFT, va="center")
    picture.alt = f"{title}. " + " ".join(
        f"{year} {name} ({who}): {' '.join(idea.split())}." for year, name, who, idea in TIMELINE
    )
    return picture


PIPELINE = [
    ("input", (3, 64, 64)),
    ("conv, ReLU", (8, 64, 64)),
    ("pool", (8, 32, 32)),
    ("conv, ReLU", (16, 32, 32)),
    ("pool", (16, 16, 16)),
    ("conv, ReLU", (32, 16, 16)),
    ("pool", (32, 8, 8)),
]


def show_pipeline(
    blocks=PIPELINE, classes=("person", "no person"), title="From pixels to an answer, drawn to scale"
) -> Picture:
    """A CNN as blocks: a block's face is height by width, its depth is the number of channels; then the head.

    blocks: (name, (channels, height, width)) in order, ints; the numbers after flattening follow from the last;
    classes: names of the outputs.
    """
    picture = Picture("", 9.6, 4.1)
    axes = picture.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.text(1.5, 38.4, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    unit, x, base = 17.0 / max(h for _, (_, h, _) in blocks), 2.0, 21.0
    colours = {"input": "#8a93a6", "conv": BLUE, "pool": KEYS[0]}
    for name, (channels, height, width) in blocks:
        high, side, deep = height * unit, 0.34 * width * unit, channels * 0.105 + 0.5
        colour = colours.get(name.split(",")[0], BLUE)
        bottom = base - high / 2
        lift = 0.45 * side
        front = [(x, bottom), (x + deep, bottom), (x + deep, bottom + high), (x, bottom + high)]
        roof = [
            (x, bottom + high),
            (x + side, bottom + high + lift),
            (x + side + deep, bottom + high + lift),
            (x + deep, bottom + high),
        ]
        right = [
            (x + deep, bottom),
            (x + deep + side, bottom + lift),
            (x + deep + side, bottom + high + lift),
            (x + deep, bottom + high),
        ]
        for corners, shade in ((front, 1.0), (roof, 1.25), (right, 0.8)):
            axes.add_patch(
                Polygon(corners, closed=True, facecolor=_shade(colour, shade), edgecolor="white", linewidth=0.8)
            )
        middle = x + (deep + side) / 2
        axes.text(middle, 6.4, name, ha="center", va="baseline", fontsize=SMALL + 0.5, color=INK)
        axes.text(
            middle, 3.6, f"{height}×{width}×{channels}", ha="center", va="baseline", fontsize=SMALL - 1, color=SOFT
        )
        x += deep + side + 2.5
    channels, height, width = blocks[-1][1]
    count = channels * height * width
    flat = [(x, base - 11), (x + 1.1, base - 11), (x + 1.1, base + 11), (x, base + 11)]
    axes.add_patch(Polygon(flat, facecolor=KEYS[1], edgecolor="white"))
    axes.text(x + 0.5, 6.4, "flatten", ha="center", va="baseline", fontsize=SMALL + 0.5, color=INK)
    axes.text(x + 0.5, 3.6, f"{count:,}", ha="center", va="baseline", fontsize=SMALL - 1, color=SOFT)
    end = x + 8.6
    for k, name in enumerate(classes):
        y = base + 3 - 6 * k
        for start in (-10, -5, 0, 5, 10):
            axes.plot([x + 1.2, end], [base + start, y], color="#c9ccd6", lw=0.8, zorder=0)
        axes.scatter([end], [y], s=170, color=ORANGE, zorder=3)
        axes.text(end + 1.6, y, name, fontsize=LABEL, color=INK, va="center")
    axes.text(end, 6.4, "dense, softmax", ha="center", va="baseline", fontsize=SMALL + 0.5, color=INK)
    axes.text(end, 3.6, f"{len(classes)}", ha="center", va="baseline", fontsize=SMALL - 1, color=SOFT)
    cut = x - 1.6
    for start, stop, words, colour in ((2, cut, "learns features", BLUE), (x - 0.2, end + 9, "classifies", ORANGE)):
        axes.plot([start, stop], [34.2, 34.2], color=colour, lw=3, solid_capstyle="round")
        axes.text(start, 35.6, words, fontsize=LABEL, color=colour, va="center", fontweight="bold")
    axes.set_xlim(0, end + 12)
    axes.set_ylim(0, 41)
    shapes = ", ".join(f"{n} {h} by {w} by {c}" for n, (c, h, w) in blocks)
    picture.alt = (
        f"{title}: {shapes}, then flatten to {count:,} numbers, then dense and softmax to {' or '.join(classes)}."
    )
    return picture


def _shade(colour, factor):
    from matplotlib.colors import to_rgb

    return tuple(c + (1 - c) * (factor - 1) * 2 if factor > 1 else c * factor for c in to_rgb(colour))
