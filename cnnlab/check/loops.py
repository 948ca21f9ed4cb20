"""Exercises whose function trains or runs a model: it gets stock torch objects made from a recipe of plain data, and is
judged by what it returns and by what it leaves behind: weights, statistics, modes, gradients.

A recipe is what `cnnlab.check.verbs.train` takes. The right loop runs on the same recipe; the table's rows and `ways`
are other loops, and what is a learner's for one of several results says what happened there ("the gradients are never
zeroed"). Where none fits, the first batch alone is tried, and how far the weights went is held against how far they
should have gone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import difference
from cnnlab.check.exercise import Exercise, Row
from cnnlab.check.plain import as_float, describe, is_tensor
from cnnlab.check.reading import rules
from cnnlab.check.reading.shapes import shape_clue, sides_clue
from cnnlab.check.subject import Answer, NotebookSubject, Subject
from cnnlab.check.verdict import Attempt

STATES = {
    "conv": ("weight", "bias"),
    "norm": ("weight", "bias", "running mean", "running variance", "count of batches"),
    "dense": ("weight", "bias"),
}
SAID = {"conv": "convolution", "norm": "batch norm", "dense": "dense layer"}
SINGLE = True  # torch works in float32


def loop_exercise(
    name: str,
    lesson: str,
    reference: Callable,
    fields: Mapping[str, str] | Callable[[Case], Mapping[str, str]],
    parts: Sequence[Part],
    wrong: Sequence[Row],
    ways: Mapping[str, Callable] | None = None,
    known: Sequence[Row] = (),
    equal: Sequence[Callable] = (),
    scale: float = 1.0,
    by_a_line: bool = False,
) -> Exercise:
    """An exercise about a function that gets what its recipe's "give" names.

    reference: the right function. fields: which of the training verb's fields are looked at, with the names under which
    a learner understands them ({"value": "the mean loss", "state": "afterwards"}; a state becomes one result for each
    tensor). ways: further wrong functions of the same arguments, with the words for what they do; known: rows of a
    related exercise's table, told in the same way. equal: further right ones. scale: the size of the numbers, by which
    rounding is forgiven; more where something is computed in 16 bits. by_a_line: it is no loop, so that an expression
    can mend it.
    """
    others = {f'as in "{row}". {says}': function for row, says, function in wrong}
    others |= {f"as when {words}.": function for words, function in (ways or {}).items()}
    others |= {f'as in "{row}". {says}': function for row, says, function in known}
    judge = _Judge((reference, *equal), fields, others, scale)
    return Exercise(
        name=name,
        lesson=lesson,
        parts=parts,
        wrong=wrong,
        bound=False,
        observe=judge.observe,
        oracle=judge.expected,
        judge=judge.differs,
        read=judge.read,
        hands=hands,
        told=told,
        like=reference if by_a_line else None,
    )


def hands(case: Case) -> tuple:
    """What a learner's function gets for a recipe: fresh stock objects, to try it by hand."""
    from cnnlab.check import verbs

    return verbs.handed_over(case.args[0])


def told(case: Case) -> str:
    """ "a net conv → norm → dense; batches of 8, 5 pictures; SGD (in eval mode before)"."""
    recipe = case.args[0]
    counts = [len(labels) for _, labels in recipe["batches"]]
    pictures = f"batches of {', '.join(map(str, counts))} pictures"
    if "batches" not in recipe["give"]:
        pictures = "a picture" if sum(counts) == 1 else f"{sum(counts)} pictures"
    net = " → ".join(SAID.get(layer[0], str(layer[0])) for layer in recipe["net"])
    optimiser = f"; {recipe['optimiser'][0]}" if "optimiser" in recipe["give"] else ""
    return f"a net {net}; {pictures}{optimiser}" + (f"  ({case.note})" if case.note else "")


class _Judge:
    def __init__(self, references: tuple[Callable, ...], fields: Any, ways: Mapping[str, Callable], scale: float):
        self.references, self.fields, self.ways, self.scale = references, fields, ways, scale

    def observe(self, subject: Subject, case: Case) -> Answer:
        return self._seen(subject.train(case.args[0]), case)

    def expected(self, recipe: dict) -> list[dict]:
        return [self._of(reference, Case((recipe,))).value for reference in self.references]

    def _of(self, function: Callable, case: Case) -> Answer:
        return self.observe(NotebookSubject(function, seconds=None), case.fresh())

    def _seen(self, answer: Answer, case: Case) -> Answer:
        if answer.trouble is not None or not isinstance(answer.value, dict):
            return answer
        found: dict[str, Any] = {}
        for field, words in self._fields(case).items():
            value = answer.value.get(field)
            if field == "state" and isinstance(value, list):
                names = names_of_state(case.args[0]["net"])
                found |= {f"{name} {words}": _array(one) for name, one in zip(names, value, strict=False)}
            else:
                found[words] = value
        return replace(answer, value=found)

    def _fields(self, case: Case) -> Mapping[str, str]:
        return self.fields(case) if callable(self.fields) else self.fields

    def differs(self, seen: Any, case: Case, expected: list[dict]):
        found = [difference(one, seen, self.scale, SINGLE) for one in expected]
        return None if None in found else found[0]

    def _wrong(self, attempt: Attempt, name: str, seen: Any = None) -> bool:
        seen = attempt.got if seen is None else seen
        if not isinstance(seen, dict):
            return True
        return difference(attempt.expected[0][name], seen.get(name), self.scale, SINGLE) is not None

    def _gives(self, theirs: Any, attempt: Attempt, name: str) -> bool:
        return isinstance(theirs, dict) and difference(theirs[name], attempt.got.get(name), self.scale, SINGLE) is None

    def read(self, failing: list[Attempt], subject: Subject) -> list[str]:
        """For each thing that is wrong: what other loop gives that, or what its numbers say."""
        readable = [a for a in failing if isinstance(a.got, dict) and a.expected]
        if not readable or readable[0] is not failing[0]:
            return []
        names, lines = list(readable[0].expected[0]), []
        those = {name: [a for a in readable if name in a.expected[0]] for name in names}  # nets differ
        wrong = [name for name in names if any(self._wrong(a, name) for a in those[name])]
        right = [name for name in names if name not in wrong]
        left, alike = list(wrong), {}
        for words, way in self.ways.items():
            theirs = {id(a): a.case.once(words, lambda a=a, way=way: self._of(way, a.case).value) for a in readable}
            same = [n for n in wrong if all(self._gives(theirs[id(a)], a, n) for a in those[n])]
            if any(not isinstance(readable[0].expected[0].get(n), bool | int | float) for n in same) or not any(
                self._wrong(a, n, theirs[id(a)]) for n in names if n not in same for a in those[n]
            ):  # one number, or a yes or no, may agree by chance: then all that goes wrong there has to
                alike[words] = same
        while told := max(alike, key=lambda words: len(set(alike[words]) & set(left)), default=""):
            same = [name for name in left if name in alike[told]]
            if not same:
                break
            lines.append(f"{_listed(same)}: {told}")
            left = [name for name in left if name not in same]
        state = self._fields(readable[0].case).get("state")
        weights = [n for n in left if state and n.endswith(f" {state}")]
        first = next((a for a in readable if any(n in a.expected[0] and self._wrong(a, n) for n in weights)), None)
        lines += self._of_weights(weights, first, subject) if first else []
        lines += [line for name in left if name not in weights for line in self._of_value(name, those[name])]
        if right and lines:
            lines.append(f"{_listed(right)} {'is' if len(right) == 1 else 'are'} right in every case.")
        return lines

    def _of_weights(self, names: list[str], attempt: Attempt, subject: Subject) -> list[str]:
        """How far they went, and whether the first batch alone goes right."""
        case = attempt.case
        start = case.once("start", lambda: self._of(lambda *_: None, case).value)
        learned = [n for n in names if "running" not in n and "count" not in n and isinstance(start, dict)]
        moves = [(attempt.expected[0][n] - start[n], attempt.got[n] - start[n]) for n in learned if _arrays(attempt, n)]
        listed, lines = _listed(names), []
        if moves and not any(e.any() for e, _ in moves):
            return [f"{listed}: changed, and nothing should be."]
        if moves and not any(g.any() for _, g in moves):
            return [f"{listed}: they have not moved at all, in this case."]
        flat = [(e.ravel(), g.ravel().astype(np.float32)) for e, g in moves]
        if factor := rules.one_factor(flat, [{}] * len(flat)) if flat else "":
            lines.append(f"{listed}: the step is {factor.removeprefix('right up to a factor: yours is ')}")
        recipe = case.args[0]
        if len(recipe["batches"]) > 1 and "break" not in recipe:
            first = replace(case, args=({**recipe, "batches": recipe["batches"][:1]},))
            seen, expected = self.observe(subject, first.fresh()).value, self.expected(*first.args)[0]
            if isinstance(seen, dict):
                alone = difference({n: expected[n] for n in names}, {n: seen.get(n) for n in names}, self.scale, SINGLE)
                then = "right where there is a single batch, wrong where there are more."
                lines.append(f"{listed}: {then}" if alone is None else f"{listed}: wrong from the first batch on.")
        elif not lines:
            lines.append(f"{listed}: wrong after a single batch.")
        return lines

    def _of_value(self, name: str, attempts: list[Attempt]) -> list[str]:
        pairs = [(a.expected[0][name], a.got.get(name)) for a in attempts if self._wrong(a, name)]
        e, g = pairs[0]
        if is_tensor(e) != is_tensor(g) or (_numbers(e) and not _numbers(g)):
            return [f"{name}: {describe(g)}, where {'a tensor' if is_tensor(e) else 'a number'} is right."]
        told = [(_floats(e), _floats(g)) for e, g in pairs if _numbers(e) and _numbers(g)]
        if told and len(told) == len(pairs):
            sizes = [_sizes(a.case.args[0]) for a in attempts if self._wrong(a, name)]
            if any(e.shape != g.shape for e, g in told):
                e, g = max(((e, g) for e, g in told if e.shape != g.shape), key=lambda pair: pair[0].size)
                clue = shape_clue(e, g, ()) or sides_clue(e, g, ())
            else:
                clue = rules.one_factor(told, sizes) or rules.offset(told, sizes) or rules.elementwise(told)
                clue = clue or rules.rearranged(told, ())
            return [f"{name}: {clue}"] if clue else []
        if isinstance(e, list) and isinstance(g, list) and len(e) == len(g):
            other = [str(k) for k, (one, yours) in enumerate(zip(e, g, strict=True)) if one != yours]
            return [f"{name}: {g}, where {e} is right: layer{'s' if len(other) > 1 else ''} {', '.join(other)}."]
        if isinstance(e, bool | int | str) and not isinstance(g, np.ndarray):
            return [f"{name}: {g}, where {e} is right."]
        return []


def names_of_state(net: Sequence[Sequence]) -> list[str]:
    """What to call the tensors of a net's state, in torch's order: "convolution's weight", …"""
    kinds = [layer[0] for layer in net]
    names = []
    for k, kind in enumerate(kinds):
        which = f" {kinds[: k + 1].count(kind)}" if kinds.count(kind) > 1 else ""
        without = 1 if kind == "conv" and net[k][-1] is False else 0
        tensors = STATES.get(kind, ())
        names += [f"the {SAID[kind]}{which}'s {tensor}" for tensor in tensors[: len(tensors) - without]]
    return names


def _array(value: Any) -> Any:
    return np.asarray(value) if is_tensor(value) and value.ndim else value


def _arrays(attempt: Attempt, name: str) -> bool:
    e, g = attempt.expected[0][name], attempt.got.get(name)
    return isinstance(e, np.ndarray) and isinstance(g, np.ndarray) and e.shape == g.shape


def _numbers(value: Any) -> bool:
    return is_tensor(value) or (isinstance(value, int | float | np.ndarray) and not isinstance(value, bool))


def _floats(value: Any) -> np.ndarray:
    value = as_float(value) if isinstance(value, int) else value
    return np.asarray(value, np.float32 if is_tensor(value) or np.ndim(value) else np.float64)


def _sizes(recipe: dict) -> dict[str, float]:
    sizes = [len(labels) for _, labels in recipe["batches"]]
    return {
        "the number of batches": len(sizes),
        "the number of pictures": sum(sizes),
        "the size of the last batch": sizes[-1],
    }


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{names[0]} and {len(names) - 1} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
