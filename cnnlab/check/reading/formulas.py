"""A formula with one slip in it, or two: a term that is left out, a sign, a bracket, // for /. Where a learner's
numbers are those of such a formula, the slip is said."""

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

MOST_FIRST = 60  # slips that are tried together with a second one
LARGE = 100  # a number of this size is hit by chance hardly ever
CALLED = (round, max, min, int, math.cos, math.floor, math.ceil)
FUNCTIONS: dict[str, Callable] = {function.__name__: function for function in CALLED}
LARGEST_POWER = 8
ENOUGH_CASES = 3  # in which a slip must fit; twice as many for two slips


class Operator(NamedTuple):
    """What it computes, its sign and how tightly that binds (0: it is no slip's), and what is taken for it."""

    of: Callable
    sign: str = ""
    level: int = 0
    swaps: tuple[type[ast.operator], ...] = ()


OPERATORS: dict[type[ast.operator], Operator] = {
    ast.Add: Operator(operator.add, "+", 1, (ast.Sub, ast.Mult)),
    ast.Sub: Operator(operator.sub, "−", 1, (ast.Add,)),
    ast.Mult: Operator(operator.mul, "·", 2, (ast.Add, ast.FloorDiv, ast.Div)),
    ast.FloorDiv: Operator(operator.floordiv, "//", 2, (ast.Div, ast.Mult, ast.Mod)),
    ast.Div: Operator(operator.truediv, "/", 2, (ast.FloorDiv, ast.Mult)),
    ast.Mod: Operator(operator.mod),
    ast.Pow: Operator(operator.pow),
}
Known = Sequence[tuple[Mapping[str, float], float]]


def slip(formula: str, failing: Known, passing: Known) -> str:
    """What one slip in the formula, or two, explain every number that came; "" where none do.

    failing, passing: for each case the values of the formula's names and the number that the learner's function gave.
    """
    tree, cases = ast.parse(formula, mode="eval").body, [*failing, *passing]
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(FUNCTIONS))
    if len(cases) < ENOUGH_CASES or (len(failing) < 2 and abs(failing[0][1]) < LARGE):
        return ""
    found = list(_slips(tree, names))
    for pair, one in found:
        if _fits(one, cases):
            return f"{_told(*pair)}."
    few = len(cases) < 2 * ENOUGH_CASES or len(failing) < ENOUGH_CASES or len({got for _, got in cases}) == 1
    if few or _one_factor(tree, failing):
        return ""
    for first, one in found[:MOST_FIRST]:
        for second, both in _slips(one, names, LIKELY):
            if _fits(both, cases):
                told = [_told(*first), _told(*second)]
                if all(words.endswith("is left out") for words in told):
                    return f"{', and '.join(told)}."
                return f"{_told(tree, both)}."
    return ""


def _one_factor(tree: ast.expr, cases: Known) -> bool:
    """Is it the formula's value times the same number everywhere? That is said better than as two slips."""
    right = [_value(tree, names) for names, _ in cases]
    factors = [got / value for value, (_, got) in zip(right, cases, strict=True) if value]
    return len(factors) == len(cases) and all(math.isclose(factor, factors[0]) for factor in factors)


def _fits(tree: ast.expr, cases: Known) -> bool:
    for names, got in cases:
        try:
            value = _value(tree, names)
            if isinstance(value, complex) or not abs(value - got) <= 1e-9 * max(1.0, abs(got)):
                return False
        except (ArithmeticError, ValueError, TypeError):  # a number beyond every float, too
            return False
    return True


def _value(node: ast.expr, names: Mapping[str, float]) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return names[node.id]
        case ast.BinOp():
            left, right = _value(node.left, names), _value(node.right, names)
            if isinstance(node.op, ast.Pow) and abs(right) > LARGEST_POWER:
                raise OverflowError("no formula has such a power")
            return OPERATORS[type(node.op)].of(left, right)
        case ast.UnaryOp():
            return -_value(node.operand, names)
        case ast.Call(ast.Name(name), args):
            return FUNCTIONS[name](*(_value(arg, names) for arg in args))
    raise TypeError(f"a formula has no {type(node).__name__}")


def _slips(
    tree: ast.expr, names: Sequence[str], kinds: Sequence[Callable] = ()
) -> Iterator[tuple[tuple[ast.expr, ast.expr], ast.expr]]:
    """Every formula with one slip, and what it is (what belongs there, what stands there), the likeliest first."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.expr)]
    for make in kinds or (*LIKELY, _other_name, _more):
        for node in nodes:
            for new in make(node, names):
                yield (node, new), _replaced(tree, node, new)


def _told(old: ast.expr, new: ast.expr) -> str:
    short = isinstance(old, ast.BinOp) and isinstance(old.left, ast.Name) and isinstance(old.right, ast.Constant)
    if isinstance(old, ast.BinOp) and OPERATORS[type(old.op)].level and not (short and new is old.left):
        sign = OPERATORS[type(old.op)].sign
        if new is old.left:
            return f"`{sign} {written(old.right, 2)}` is left out"
        if new is old.right:
            return f"`{written(old.left, 2)} {sign}` is left out"
    return f"`{written(new)}` stands where `{written(old)}` belongs"


def _dropped(node: ast.expr, names: Sequence[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        yield node.left
        yield node.right


def _other_constant(node: ast.expr, names: Sequence[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        for value in (node.value + 1, node.value - 1, 2 * node.value):
            if value != node.value:
                yield ast.Constant(value)


def _other_operator(node: ast.expr, names: Sequence[str]) -> Iterator[ast.expr]:
    if not isinstance(node, ast.BinOp):
        return
    for other in OPERATORS[type(node.op)].swaps:
        yield ast.BinOp(node.left, other(), node.right)
    if isinstance(node.op, ast.FloorDiv):
        yield ast.UnaryOp(ast.USub(), ast.BinOp(ast.UnaryOp(ast.USub(), node.left), ast.FloorDiv(), node.right))
        yield _call("round", ast.BinOp(node.left, ast.Div(), node.right))
    if isinstance(node.op, ast.Sub | ast.FloorDiv | ast.Div):
        yield ast.BinOp(node.right, node.op, node.left)


def _other_bracket(node: ast.expr, names: Sequence[str]) -> Iterator[ast.expr]:
    if not isinstance(node, ast.BinOp):
        return
    if isinstance(node.left, ast.BinOp):  # (a ∘ b) • c as a ∘ (b • c)
        yield ast.BinOp(node.left.left, node.left.op, ast.BinOp(node.left.right, node.op, node.right))
    if isinstance(node.right, ast.BinOp):
        yield ast.BinOp(ast.BinOp(node.left, node.op, node.right.left), node.right.op, node.right.right)


def _other_name(node: ast.expr, names: Sequence[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Name) and node.id in names:
        for name in names:
            if name != node.id:
                yield ast.Name(name, ast.Load())
        yield ast.Constant(1)
        yield ast.BinOp(node, ast.Pow(), ast.Constant(2))


def _more(node: ast.expr, names: Sequence[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Name | ast.BinOp):
        yield ast.BinOp(node, ast.Add(), ast.Constant(1))
        yield ast.BinOp(node, ast.Sub(), ast.Constant(1))
        yield ast.BinOp(ast.Constant(2), ast.Mult(), node)
        yield ast.BinOp(node, ast.FloorDiv(), ast.Constant(2))
        for name in names:
            yield ast.BinOp(node, ast.Mult(), ast.Name(name, ast.Load()))
            yield ast.BinOp(node, ast.Add(), ast.Name(name, ast.Load()))


LIKELY = (_dropped, _other_constant, _other_operator, _other_bracket)


def _call(name: str, *args: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])


def _replaced(tree: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr:
    """A copy of the tree with another node in the place of one; the tree itself stays."""
    if tree is old:
        return new
    fields: dict[str, Any] = {}
    for name, value in ast.iter_fields(tree):
        if isinstance(value, list):
            value = [_replaced(item, old, new) if isinstance(item, ast.expr) else item for item in value]
        elif isinstance(value, ast.expr):
            value = _replaced(value, old, new)
        fields[name] = value
    return type(tree)(**fields)


def written(node: ast.expr, within: int = 0) -> str:
    """A formula as one writes it: 2·padding, (W − K)/S."""
    match node:
        case ast.BinOp(left, op, right) if OPERATORS[type(op)].level:
            _, sign, level, _ = OPERATORS[type(op)]
            space = " " if level == 1 else ("" if sign != "//" else " ")
            tighter = level + isinstance(op, ast.Sub | ast.FloorDiv | ast.Div)
            product = isinstance(op, ast.Mult)  # a·(b // c) and (a // b)·c: a bracket that also the eye needs
            sides = (isinstance(one, ast.BinOp) and isinstance(one.op, ast.FloorDiv) for one in (left, right))
            first, second = (level + (product and rounded) for rounded in sides)
            text = f"{written(left, first)}{space}{sign}{space}{written(right, max(second, tighter))}"
            return f"({text})" if level < within else text
        case ast.BinOp(left, ast.Pow(), right):
            return f"{written(left, 3)}{'²' if isinstance(right, ast.Constant) and right.value == 2 else '^'}"
        case ast.BinOp(left, ast.Mod(), right):
            return f"{written(left, 3)} % {written(right, 3)}"
        case ast.UnaryOp(ast.USub(), operand):
            return f"−{written(operand, 3)}"
        case _:
            return ast.unparse(node)
