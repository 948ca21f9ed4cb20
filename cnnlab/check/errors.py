"""Errors in plain words: what NumPy, torch and Python mean by the messages that learners meet most."""

import re

from cnnlab.check.subject import Mishap
from cnnlab.check.verdict import Named

# Patterns of "Error: message", any of which will do, the name of the mistake, and what to do; the first that fits is
# said. {a}, {b} are what a pattern caught under that name.
# fmt: off
USUAL: list[tuple[tuple[str, ...], str, str]] = [
    ((r"UFunc\w*Error: Cannot cast ufunc .* from dtype\('(float|complex)\d+'\) to dtype\('u?int\d+'\)",),
     "an array of whole numbers is to take in fractions",
     "np.zeros_like(x) and x.copy() take over x's kind of numbers, and in-place steps such as += can not change it. "
     "Make the array with np.zeros(shape), which holds fractions."),
    ((r"UFunc\w*Error: Cannot cast ufunc .* to dtype\('u?int\d+'\)",),
     "an array of another kind of whole numbers is written into",
     "In-place steps such as += keep the kind of numbers of the array on the left. Make it with np.zeros(shape)."),
    ((r"UFunc\w*Error: .*'<U\d+'", r"UFunc\w*Error: ufunc .* did not contain a loop",
      r"TypeError: ufunc .* not supported",), "numbers are mixed with something that is none",
     "One side of this step is text, None or a list of unequal rows. Print type(…) of both sides."),
    ((r"ValueError: could not broadcast input array from shape (?P<a>\([^)]*\)) into shape (?P<b>\([^)]*\))",),
     "what is written has another shape than the place for it",
     "On the right of = stands an array of shape {a}, on the left a slice of shape {b}. Print both; with a padding of "
     "0, [p:-p] is [0:0], which holds nothing: write p : p + H."),
    ((r"ValueError: operands could not be broadcast together with remapped shapes .*requested shape (?P<a>.*)",),
     "an array that can not be stretched to a shape",
     "The shape {a} is asked for. np.pad wants a pair (before, after) for *each* axis, (0, 0) where nothing is added; "
     "np.broadcast_to repeats sides of length 1 only."),
    ((r"ValueError: operands could not be broadcast together with remapped shapes",),
     "the letters of einsum do not fit the arrays",
     "A letter that stands twice means sides of one length. Write the shape of each array below its letters."),
    ((r"ValueError: shape-mismatch for sum",), "np.tensordot sums over sides of different lengths",
     "Print both shapes. Has a slice fewer pixels than the kernel has weights, or do the axes not belong together, as "
     "maps that come in and channels of the weights do?"),
    ((r"LinAlgError: Last 2 dimensions of the array must be square", r"LinAlgError: Singular matrix",),
     "equations that have not exactly one solution",
     "np.linalg.solve and inv want as many equations as unknowns, none of them superfluous. np.linalg.lstsq takes any "
     "number of them and comes as near as can be."),
    ((r"LinAlgError: (Incompatible dimensions|.*must be two-dimensional)",), "a matrix and its answers do not fit",
     "First the matrix, one row for each equation, then the answers, one for each row. Print both shapes."),
    ((r"ValueError: (Since axis is `None`, must provide|Must provide matching length window_shape)",),
     "windows along axes that were not named",
     "sliding_window_view slides along *all* axes unless `axis` says along which: as many as the window has sides."),
    ((r"TypeError: Cannot interpret '\d+' as a data type",), "a second number is taken for a kind of numbers",
     "Several axes or sides go into one tuple, in parentheses of their own: x.sum((0, 1)), np.ones((2, 3)). Without "
     "them NumPy reads the second number as a dtype."),
    ((r"ValueError: operands could not be broadcast together with shapes? (?P<a>.*)",),
     "two arrays do not fit each other",
     "Shapes {a}: counted from the end, sides must be equal or 1. Give the smaller one axes of length 1 (bias[:, None, "
     "None]), or look which slice is shorter than you think."),
    ((r"ValueError: non-broadcastable output operand with shape (?P<a>.*) doesn't match",),
     "the array on the left of += is too small",
     "It has shape {a} and can not grow. Make it as large as the result in the first place."),
    ((r"ValueError: matmul: .*mismatch", r"ValueError: shapes .* not aligned",
      r"RuntimeError: (addmm: )?mat1 and mat2 shapes cannot", r"RuntimeError: size mismatch",),
     "the two sides of a matrix product do not fit",
     "The last side of the first must be as long as the first side of the second: (n, k) @ (k, m). Print both shapes; "
     "one of them may have to be transposed, or flattened another way."),
    ((r"ValueError: (einstein sum subscripts|operand has more dimensions|dimension mismatch|operands? .*subscript)",),
     "the letters of einsum do not fit the arrays",
     "Each array needs one letter for each of its axes, and a letter that stands twice means sides of one length."),
    ((r"ValueError: cannot reshape array of size (?P<a>\d+) into shape (?P<b>.*)",
      r"RuntimeError: shape '(?P<b>.*)' is invalid for input of size (?P<a>\d+)",),
     "a reshape that does not come out even",
     "There are {a} numbers, and the new shape {b} holds another count. Read the sides off x.shape."),
    ((r"ValueError: The truth value of an array",), "an array where one True or False is needed",
     "`if`, `and` and max(a, b) want a single answer, and an array has many. np.where and np.maximum ask each number "
     "by itself. For a bias or none write `if bias is not None`."),
    ((r"RuntimeError: Boolean value of Tensor with more than one value",),
     "a tensor where one True or False is needed",
     "`if` wants a single answer. Write `if x is not None`, or take .any() or .all()."),
    ((r"ValueError: setting an array element with a sequence.*inhomogeneous",),
     "one array of things that are not alike",
     "np.array makes one array of rows of equal length. Where several results are asked for, return them side by side, "
     "with commas between them, each as it is."),
    ((r"ValueError: setting an array element with a sequence",
      r"TypeError: only (length-1|0-dimensional) arrays can be",), "several numbers where one is needed",
     "One place takes one number, and here comes an array or a pair. Is a sum missing, or was a pair not taken apart?"),
    ((r"ValueError: axes don't match array", r"ValueError: axes? .* out of bounds",
      r"\w*AxisError: axis (?P<a>-?\d+) is out",), "an axis that the array does not have",
     "Print x.shape: axes are numbered from 0, or from −1 backwards, and an index takes one away."),
    ((r"ValueError: not enough values to unpack", r"ValueError: too many values to unpack",),
     "another number of values than names",
     "n, c, h, w = x.shape needs as many names as x has axes. Print x.shape (or what stands on the right)."),
    ((r"ValueError: (zero-size array|attempt to get arg(max|min) of an empty)", r".*max\(\) arg is an empty",),
     "the largest of nothing",
     "A window or slice is empty here. Print its shape: does it begin before it ends?"),
    ((r"ValueError: negative dimensions", r"ValueError: .*must be non-negative",
      r"ValueError: index can't contain negative",), "a negative size",
     "A side comes out below 0. Print the sizes: was something taken off twice, or does the kernel not fit at all?"),
    ((r"IndexError: index (?P<a>-?\d+) is out of bounds for axis (?P<b>\d+) with size (?P<c>\d+)",
      r"IndexError: index (?P<a>-?\d+) is out of bounds for dimension (?P<b>\d+) with size (?P<c>\d+)",),
     "an index past the end",
     "Axis {b} has {c} places, numbered 0 to {c} − 1, and place {a} was asked for. Look at where the loop ends."),
    ((r"IndexError: too many indices", r"IndexError: invalid index to scalar",
      r"TypeError: '(numpy\.)?float\d*' object is not subscriptable",), "more indices than the array has axes",
     "Print x.shape: an axis may be gone (an index takes one away, a slice 0:1 keeps it)."),
    ((r"IndexError: arrays used as indices must be of integer", r"IndexError: only integers, slices",
      r"TypeError: slice indices must be integers",
      r"TypeError: '.*float.*' object cannot be interpreted as an integer",
      r"TypeError: list indices must be integers.*float",), "a fraction where a whole number is needed",
     "/ gives a float, even where it comes out even. Sizes, indices and ranges need //."),
    ((r"IndexError: (list|tuple|pop from empty list).*", r"IndexError: boolean index did not match",),
     "an index past the end of a list",
     "A list of n has the places 0 to n − 1. x.shape is a tuple with one number for each axis."),
    ((r"TypeError: only integer scalar arrays can be converted",), "an array where a whole number is needed",
     "An axis, an index or the end of a range stands here. np.max(a, b) takes b for an axis: np.maximum compares place "
     "by place; and np.concatenate wants its arrays in one list."),
    ((r"TypeError: 'list' object cannot be interpreted",), "a list where a number or a tuple is needed",
     "Several axes go in parentheses: axis=(0, 1). An argument that may be an int or a pair is taken apart first."),
    ((r"TypeError: .*'(tuple|list)' and '(int|float)'", r"TypeError: .*'(int|float)' and '(tuple|list)'",
      r"TypeError: int\(\) argument must be .* not '(tuple|list)'", r"TypeError: can't multiply sequence",
      r"TypeError: 'tuple' object cannot be interpreted", r"TypeError: can only concatenate (tuple|list)",
      r"TypeError: bad operand type for .*: '(tuple|list)'",), "a pair where one number is expected",
     "This argument may be an int or a pair (height, width). Take it apart first: an int n stands for (n, n)."),
    ((r"TypeError: cannot unpack non-iterable",
      r"TypeError: '(numpy\.)?int\d*' object is not (subscriptable|iterable)",
      r"TypeError: object of type 'int' has no len",), "one number where a pair is expected",
     "An int has no parts. An argument that may be an int or a pair (height, width) becomes a pair first: an int n "
     "stands for (n, n)."),
    ((r"TypeError: conv2d\(\) received an invalid combination of arguments - got \((?P<a>(?!Tensor|NoneType)\w+),",
      r"TypeError: linear\(\): argument 'input' .*must be Tensor, not (?P<a>(?!None)\w+)"),
     "a layer gets no tensor",
     "Its input is of the kind {a}. Print what comes before it; and what a forward hook returns takes the place of the "
     "output, what a pre-hook returns that of the input: let hooks return nothing."),
    ((r"(TypeError|AttributeError): .*NoneType",), "None where a value is needed",
     "Something is None here: an optional argument that was left out (ask `is None` first), or a function of yours "
     "without a `return`."),
    ((r"TypeError: (?P<a>\w+)\.__init__\(\) got an unexpected keyword argument '(?P<b>\w+)'",),
     "a layer has no argument of that name",
     "{a} does not know `{b}`. torch says nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding) and "
     "nn.Linear(in_features, out_features)."),
    ((r"TypeError: expected a torch nn.Module, got type",), "a class comes back, not a model",
     "Write Model(), with parentheses: Model alone is the plan, Model() is built after it."),
    ((r"TypeError: .* is not a Module( subclass)?$",), "a layer without its parentheses",
     "nn.ReLU is a class, and nn.ReLU() makes a layer of it. All that goes into nn.Sequential is such a layer."),
    ((r"AttributeError: cannot assign (module|parameter)s? before Module.__init__",),
     "super().__init__() is missing", "It is the first line of a module's __init__, before any layer is made."),
    ((r"RuntimeError: (non-positive stride|negative padding|stride should not be zero)",
      r"RuntimeError: .*(dilation|kernel size) should be greater than zero", r"RuntimeError: pad should be at most"),
     "a layer gets a size that can not be",
     "Are its numbers in the right order? nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding), "
     "nn.MaxPool2d(kernel_size, stride, padding)."),
    ((r"TypeError: .*\(\) (got an unexpected keyword argument|got multiple values for)",),
     "an argument by a name that is not there",
     "Arguments may come by name: give yours the names of the first line of the exercise, in that order."),
    ((r"TypeError: .*<locals>.* takes (from )?\d+ (to \d+ )?positional arguments? but \d+ (was|were) given",),
     "an inner function with another number of arguments",
     "A function that you made inside is called with more or fewer things than it takes. Forward hooks get three, "
     "(module, inputs, output), pre-hooks two, (module, inputs)."),
    ((r"TypeError: .*takes (from )?\d+ (to \d+ )?positional arguments? but \d+ (was|were) given",),
     "another number of arguments",
     "The function is called with other arguments than its first line takes. Leave that line as it was given."),
    ((r"TypeError: .*missing \d+ required (positional|keyword-only) arguments?: (?P<a>.*)",),
     "an argument that is not handed over",
     "{a} has no value here. Arguments with a default may be left out: keep the defaults of the first line; and a call "
     "of your own must hand over all that its function asks for."),
    ((r"NameError: name '(?P<a>\w+)' is not defined", r"UnboundLocalError: .*variable '(?P<a>\w+)'",),
     "a name that has no value yet",
     "`{a}` is not defined where this line runs: misspelt, defined in a branch that did not run, or in a cell that you "
     "have not run."),
    ((r"AttributeError: module '(?P<a>[\w.]+)' has no attribute '(?P<b>\w+)'",),
     "a function that the package does not have",
     "There is no {a}.{b}. Look up its name in the documentation; the text above may name the one to use."),
    ((r"AttributeError: '(numpy\.)?ndarray' object has no attribute",
      r"AttributeError: 'Tensor' object has no attribute",), "a method that this kind of array does not have",
     "torch's tensors and NumPy's arrays have different methods: x.float, x.permute on one side, x.astype, x.transpose "
     "on the other."),
    ((r"AttributeError: '\w+' object has no attribute '(?P<a>\w+\.[\w.]+)'",), "getattr with a dot in the name",
     "getattr knows no path. {a}: dict(model.named_modules()) has it, and model.get_submodule finds it."),
    ((r"AttributeError: '(?P<a>\w+)' object has no attribute '(?P<b>\w+)'",), "an attribute that is not there",
     "A {a} has no `{b}`. Is it the kind of thing that you think, and are its parts made in __init__ under that name?"),
    ((r"KeyError: (?P<a>.*)",), "a key that is not in the dict",
     "{a} is not one of its keys. Print list(d): what are they called?"),
    ((r"ZeroDivisionError", r"FloatingPointError: divide",), "a division by 0",
     "The number below the line is 0 here. Which argument makes it so, and what is right then?"),
    ((r"OverflowError: Python integer (?P<a>-?\d+) out of bounds for (?P<b>\w+)",),
     "a number that its kind can not hold",
     "There is no {a} in {b}: bytes (uint8) hold 0 to 255, int8 −128 to 127. Leave the kind out, or take float."),
    ((r"OverflowError", r"RuntimeWarning: overflow",), "a number that runs over",
     "exp of a large number is beyond every float. Take something off before exp, so that nothing positive goes in."),
    ((r"RuntimeWarning: (invalid value|divide by zero)",), "a step that has no answer",
     "0/0, infinity − infinity and the logarithm of 0 have none. Which number makes it so?"),
    ((r"RecursionError",), "a function that calls itself without end",
     "Does it call a function of the same name as itself? A helper may have the exercise's own name."),
    ((r"RuntimeError: Given groups=\d+, weight of size (?P<a>\[.*?\]), expected input(\[.*?\])? to have "
      r"(?P<b>\d+) channels, but got (?P<c>\d+)",), "a convolution gets another number of channels",
     "It was built for {b} channels and gets {c}. nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding): "
     "in that order, and further numbers by name (padding=2)."),
    ((r"ValueError: (in|out)_channels must be divisible by groups",), "groups that do not divide the channels",
     "`groups` cuts the maps that come in and those that go out into as many groups. A depthwise convolution gives as "
     "many maps as it takes: Conv2d(n, n, kernel, groups=n)."),
    ((r"RuntimeError: running_mean should contain (?P<a>\d+) elements not (?P<b>\d+)",),
     "a batch norm for another number of channels",
     "nn.BatchNorm2d takes the number of channels that *come in*: {a} here, and it was built for {b}."),
    ((r"RuntimeError: Calculated padded input size per channel", r"RuntimeError: .*Output size is too small",
      r"RuntimeError: Kernel size can't be greater", r"ValueError: window shape cannot be larger than input",
      r"ValueError: a kernel of .* does not fit into",), "nothing is left of the picture",
     "The maps have become smaller than the next kernel. Print the shape after each layer, and look for a missing "
     "padding or a stride that should be 1."),
    ((r"ValueError: Expected more than 1 value per channel when training",), "a batch norm on a single number",
     "In training it needs more than one number for each channel: is the picture flattened or pooled too early? In "
     "eval mode it needs none: is it always as in training (training=True, track_running_stats=False)?"),
    ((r"ValueError: Improper number of dimensions to norm",), "a matrix's norm of something that is no matrix",
     "np.linalg.norm with \"fro\" or axis=(…) wants two axes. Without them it is the root of the sum of all squares."),
    ((r"(RuntimeError|ValueError): .*`inputs` argument to `grad\(\)` cannot be empty",
      r"(RuntimeError|ValueError): grad requires non-empty inputs",), "gradients for an empty list",
     "No tensor is left to take the gradient for: which did you leave out, the frozen ones, those of nested layers?"),
    ((r"RuntimeError: Expected \dD", r"ValueError: expected \dD input",
      r"RuntimeError: .*expected .* dimensional input",),
     "a picture with another number of axes than the layer takes",
     "Convolutions, poolings and batch norm take (N, C, H, W). Print x.shape before this layer: flattened too early?"),
    ((r"RuntimeError: element 0 of tensors does not require grad",
      r"RuntimeError: One of the differentiated Tensors does not require grad",
      r"RuntimeError: .*does not have a grad_fn",), "gradients are cut off",
     "Somewhere on the way the link to the parameters is cut: torch.no_grad, .detach(), .item(), .data, argmax, or a "
     "step by way of NumPy; or a parameter has requires_grad=False."),
    ((r"RuntimeError: .*appears to not have been used in the graph",), "a tensor that the result was not computed from",
     "The gradient is asked for with respect to a copy, and the pass went on with the original. Keep the very tensor, "
     "or hand the copy on."),
    ((r"RuntimeError: Trying to backward through the graph a second time",), "backward is called twice on one loss",
     "Each batch needs a forward pass of its own before backward."),
    ((r"RuntimeError: .*modified by an inplace operation", r"RuntimeError: a leaf Variable that requires grad",),
     "a value that backward needs was written over",
     "Write y = y + x in place of y += x, and nn.ReLU() without inplace=True, where the value is needed again."),
    ((r"RuntimeError: Can't call numpy\(\) on Tensor that requires grad",), "a tensor with gradients goes to NumPy",
     "Stay in torch, or call .detach() first where no gradient is wanted."),
    ((r"RuntimeError: Expected floating point type for target", r"IndexError: Dimension out of range .*got 1",),
     "one number for each picture, where one for each class is needed",
     "The loss takes the logits as the model gives them, (N, classes), and argmax(dim=1) needs that second axis."),
    ((r"RuntimeError: grad can be implicitly created only for scalar",), "backward on more than one number",
     "backward wants a single number, the loss: take the mean first."),
    ((r"RuntimeError: (expected scalar type|Input type|.*(have|has) (the )?same dtype|.*not implemented for)",
      r"RuntimeError: Only Tensors of floating point", r"RuntimeError: .*(Long|Int|Byte|Double|Float)Tensor",
      r"NotImplementedError: .*not implemented for",),
     "two kinds of numbers meet in torch",
     "float32, float64 and whole numbers do not mix there. Convert with .float() (pictures) or .long() (labels)."),
    ((r"RuntimeError: The size of tensor a \((?P<a>\d+)\) must match the size of tensor b \((?P<b>\d+)\)",),
     "two tensors do not fit each other",
     "One side is {a}, the other {b}. Print both shapes: along which axis do they differ, and what made it so (a "
     "stride, a padding, an argmax)? Or should these two not meet here at all?"),
    ((r"RuntimeError: The expanded size of the tensor .*Target sizes: (?P<a>\[.*?\]).*Tensor sizes: (?P<b>\[.*?\])",),
     "what is written has another shape than the place for it",
     "A tensor of shape {b} is to fill {a}. Print both shapes: are height and width in each other's place, or is a "
     "slice shorter than you think?"),
    ((r"RuntimeError: .*must be (the )?(same|equal)", r"RuntimeError: Sizes of tensors must match",
      r"RuntimeError: stack expects each tensor to be equal size",
      r"ValueError: all (the )?input array", r"ValueError: Expected input batch_size",),
     "what is put together does not fit together",
     "All sides but the one along which they are joined must be equal. Print the shapes."),
    ((r"ValueError: step must be greater than zero",), "a slice backwards, which torch has not",
     "NumPy's x[..., ::-1] is x.flip(-1) in torch."),
    ((r"TypeError: expected a torch nn.Module, got (?P<a>\w+)",), "no model comes back",
     "A {a} came back. A class makes a model when it is called, Model(); and a function needs its `return`."),
    ((r"TypeError: 'generator' object", r"TypeError: object of type 'generator' has no len",),
     "the batches can only be gone through",
     "They are any iterable, perhaps a generator: no len(…), no indices, and one round only."),
    ((r"TypeError: '(?P<a>[\w.]+)' object is not callable",), "something is called that is no function",
     "A {a} stands before the brackets. Does a variable have the name of a function, or are brackets too many?"),
    ((r"TypeError: .*must be an iterable, not (?P<a>\w+)",
      r"TypeError: '(?P<a>[\w.]+)' object is not (subscriptable|iterable)",),
     "something is taken apart that has no parts",
     "A {a} has no items. Print what it is just before this line."),
    ((r"MemoryError", r".*Unable to allocate",), "an array that is far too large",
     "One of the sizes is not what you think: print the shape before you make the array."),
    ((r"SyntaxError", r"IndentationError",), "Python can not read the cell",
     "Look at the line above the one that is named, too: a bracket that is not closed, a colon that is missing."),
]
# fmt: on


def named(trouble: Mishap | None) -> list[Named]:
    """The usual mistake behind an error, in plain words; none where the error is not a usual one."""
    if trouble is None or trouble.kind != "raised":
        return []
    inside = trouble.line is not None  # the learner's function was entered; else it is the one that is called wrongly
    said = trouble.message if inside else trouble.message.replace("<locals>.", "").replace(".__init__()", "()")
    text = f"{trouble.error}: {said}"
    for patterns, name, says in USUAL:
        for pattern in patterns:
            if found := re.match(pattern, text, re.DOTALL):
                groups = {key: value.strip() for key, value in found.groupdict().items() if value}
                return [Named(name, says.format_map(_Blank(groups)))]
    if trouble.error == "NotImplementedError" and trouble.message:
        said = f"It says: {trouble.message.splitlines()[0][:120]}."
        return [
            Named("torch has no such step", f"{said} Is the module's `forward` spelt so, and not indented too far?")
        ]
    return []


class _Blank(dict):
    def __missing__(self, key: str) -> str:
        return "…"
