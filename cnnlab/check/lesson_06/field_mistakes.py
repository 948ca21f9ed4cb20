"""receptive_field: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

from cnnlab.check.cases import Mistake, known
from cnnlab.layers import Conv, Pool

FIELD: list[Mistake] = []


def _growth(layer):
    return getattr(layer, "dilation", 1) * (layer.kernel - 1)


def _fields(layers, growth=_growth, stride=lambda layer: layer.stride, start=1):
    field, step, found = start, 1, []
    for layer in layers:
        field += growth(layer) * step
        step *= stride(layer)
        found.append(field)
    return found


@known(FIELD, "it begins at 0", "A pixel of the input sees itself: the field begins at 1, before the first layer.")
def _(layers):
    return _fields(layers, start=0)


@known(
    FIELD,
    "strides are left out",
    "After a stride of 2 one step of the next layer is two pixels of the picture: growth is multiplied.",
)
def _(layers):
    return _fields(layers, stride=lambda layer: 1)


@known(
    FIELD,
    "a layer's own stride multiplies its growth",
    "A layer's taps lie in its input, and its own stride comes after them. Multiply by the strides of the layers "
    "before it.",
)
def _(layers):
    field, step, found = 1, 1, []
    for layer in layers:
        step *= layer.stride
        field += _growth(layer) * step
        found.append(field)
    return found


@known(
    FIELD,
    "the strides come one layer late",
    "The stride of the layer just before counts already: multiply by every stride before this layer.",
)
def _(layers):
    strides = [1, *(layer.stride for layer in layers)]
    field, step, found = 1, 1, []
    for k, layer in enumerate(layers):
        field += _growth(layer) * step
        step *= strides[k]
        found.append(field)
    return found


@known(
    FIELD,
    "only the layer just before counts",
    "Strides pile up: the growth is multiplied by the product of all strides before the layer, not by the last one.",
)
def _(layers):
    field, step, found = 1, 1, []
    for layer in layers:
        field += _growth(layer) * step
        step = layer.stride
        found.append(field)
    return found


@known(
    FIELD, "strides are added up", "Two strides of 2 make a step of 4 pixels, three of them 8: strides are multiplied."
)
def _(layers):
    field, step, found = 1, 0, []
    for layer in layers:
        field += _growth(layer) * max(step, 1)
        step += layer.stride
        found.append(field)
    return found


@known(
    FIELD, "strides of pooling are left out", "Pooling has a stride as well: what comes after it takes larger steps."
)
def _(layers):
    return _fields(layers, stride=lambda layer: 1 if isinstance(layer, Pool) else layer.stride)


@known(
    FIELD, "strides of convolutions are left out", "Convolutions may have a stride, too: it counts as pooling's does."
)
def _(layers):
    return _fields(layers, stride=lambda layer: layer.stride if isinstance(layer, Pool) else 1)


@known(FIELD, "pooling always steps by its kernel", "Windows may overlap: pooling's step is layer.stride.")
def _(layers):
    return _fields(layers, stride=lambda layer: layer.kernel if isinstance(layer, Pool) else layer.stride)


@known(FIELD, "pooling windows do not widen the field", "A pooled value sees its whole window: kernel − 1 steps more.")
def _(layers):
    return _fields(layers, lambda layer: 0 if isinstance(layer, Pool) else _growth(layer))


@known(
    FIELD, "pooling has no entry", "A value is asked for each Conv and each Pool: pooled values have a field as well."
)
def _(layers):
    return [field for layer, field in zip(layers, _fields(layers), strict=True) if isinstance(layer, Conv)]


@known(
    FIELD,
    "the dilation is left out",
    "A dilated kernel spans dilation·(kernel − 1) steps from its first tap to its last.",
)
def _(layers):
    return _fields(layers, lambda layer: layer.kernel - 1)


@known(
    FIELD,
    "the dilation makes every tap wider",
    "Dilation puts gaps between the taps, and there are kernel − 1 of them: dilation·(kernel − 1) steps.",
)
def _(layers):
    return _fields(layers, lambda layer: getattr(layer, "dilation", 1) * layer.kernel - 1)


@known(
    FIELD,
    "the dilation stays for later layers",
    "A dilation spreads this layer's taps alone; it is no stride, and later layers take no larger steps for it.",
)
def _(layers):
    return _fields(layers, stride=lambda layer: layer.stride * getattr(layer, "dilation", 1))


@known(FIELD, "the dilation is added", "There are kernel − 1 gaps and each one grows: dilation·(kernel − 1) steps.")
def _(layers):
    return _fields(layers, lambda layer: layer.kernel - 1 + getattr(layer, "dilation", 1) - 1)


@known(
    FIELD,
    "the whole kernel is added",
    "Between k taps there are k − 1 steps: a 3 × 3 layer adds two pixels, one on each side.",
)
def _(layers):
    return _fields(layers, lambda layer: _growth(layer) + 1)


@known(
    FIELD,
    "half a kernel is added",
    "The field grows on both sides, by (kernel − 1)/2 each: kernel − 1 in all.",
)
def _(layers):
    return _fields(layers, lambda layer: _growth(layer) // 2)


@known(
    FIELD, "kernels are multiplied", "Two 3 × 3 layers see 5 × 5, not 9 × 9: their windows overlap, so growth is added."
)
def _(layers):
    field, found = 1, []
    for layer in layers:
        field *= _growth(layer) + 1
        found.append(field)
    return found


@known(
    FIELD, "each layer by itself", "A value sees through all layers before it: carry the field on from one to the next."
)
def _(layers):
    return [_growth(layer) + 1 for layer in layers]


@known(
    FIELD,
    "the field is stretched by each stride",
    "A stride does not stretch what was seen before it; it makes later growth larger.",
)
def _(layers):
    field, found = 1, []
    for layer in layers:
        field = (field + _growth(layer)) * layer.stride
        found.append(field)
    return found


@known(
    FIELD,
    "walked in the wrong direction",
    "field·stride + kernel − stride is the rule for walking back from the last layer; from the first one on, growth "
    "is multiplied by the strides before it.",
)
def _(layers):
    field, found = 1, []
    for layer in layers:
        field = (field - 1) * layer.stride + _growth(layer) + 1
        found.append(field)
    return found


@known(
    FIELD, "padding widens the field", "Padding moves nothing closer: a value sees as many pixels with it as without."
)
def _(layers):
    return _fields(layers, lambda layer: _growth(layer) + 2 * getattr(layer, "padding", 0))


@known(
    FIELD, "padding narrows the field", "Padding moves nothing away: a value sees as many pixels with it as without."
)
def _(layers):
    return _fields(layers, lambda layer: _growth(layer) - 2 * getattr(layer, "padding", 0))


@known(FIELD, "the last field only", "One value for each layer is asked for: append the field in every round.")
def _(layers):
    return _fields(layers)[-1]


@known(FIELD, "the input has an entry", "The list has one value for each layer; the input's 1 is not in it.")
def _(layers):
    return [1, *_fields(layers)]


@known(FIELD, "an entry behind", "Each entry is the field after its layer. Append when the layer has been added.")
def _(layers):
    return [1, *_fields(layers)[:-1]]


@known(FIELD, "areas, not sides", "The field along one axis is asked for, 3 and not 9.")
def _(layers):
    return [field**2 for field in _fields(layers)]


@known(FIELD, "pairs, not sides", "One int for each layer, the field along one axis: kernels are square.")
def _(layers):
    return [(field, field) for field in _fields(layers)]
