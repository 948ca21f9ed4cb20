"""Lists of layers written as text, one layer a line: read without running anything, and written again."""

import ast

from cnnlab.layers import Conv, Dense, Flatten, Pool

NAMES = {"Conv": Conv, "Pool": Pool, "Flatten": Flatten, "Dense": Dense}
MOST = 40


def read_layers(text):
    """The layers of a text, and a sentence on the first line that is none, or ""; lines before it count.

    text: like "Conv(16, 3, padding=1)", one a line or with commas between, of cnnlab.layers; nothing of it is run.
    Raises nothing.
    """
    try:
        tree = ast.parse("[" + _with_commas(text) + "]", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _line_by_line(text)
    layers = []
    for node in tree.body.elts:
        layer, problem = _layer(node)
        if problem:
            return layers, problem
        layers.append(layer)
    if len(layers) > MOST:
        return layers[:MOST], f"{len(layers)} layers are too many to draw; these are the first {MOST}."
    return layers, ""


def write_layers(layers):
    """The text of layers, one a line."""
    return "\n".join(map(str, layers))


def _with_commas(text):
    lines = [line.split("#")[0].strip().strip("[]").strip().rstrip(",") for line in text.splitlines()]
    return ",\n".join(line for line in lines if line)


def _line_by_line(text):
    layers = []
    for line in _with_commas(text).split(",\n"):
        try:
            node = ast.parse(line.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return layers, f"“{line.strip()[:40]}” can not be read: write Conv(16, 3, padding=1), for example."
        for one in node.elts if isinstance(node, ast.Tuple) else [node]:
            layer, problem = _layer(one)
            if problem:
                return layers, problem
            layers.append(layer)
    return layers, ""


def _layer(node):
    """A layer from a call with plain numbers; or why there is none."""
    said = ast.unparse(node)[:40]
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES):
        return None, f"“{said}” is no layer: there are Conv(…), Pool(…), Flatten() and Dense(…)."
    try:
        numbers = [ast.literal_eval(one) for one in node.args]
        named = {one.arg: ast.literal_eval(one.value) for one in node.keywords}
        layer = NAMES[node.func.id](*numbers, **named)
    except (ValueError, TypeError, SyntaxError) as error:
        return None, f"“{said}”: {str(error).replace('__init__() ', '')[:90]}."
    if max((value for value in vars(layer).values()), default=0) > 1_000_000:
        return None, f"“{said}”: that is too large."
    return layer, ""
