"""Exercises whose function only measures a model: one part for the values, one for the traces that it must not leave.

The right function takes a module, or the description of one; its keyword arguments beyond the learner's are pieces of
the computation that may be others. Where a learner's numbers are those of one such slip, or of two, the slip is said.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.exercise import Exercise, Row
from cnnlab.check.plain import OTHER_FORM, is_tensor, plain, same, shape_text
from cnnlab.check.subject import Answer, Subject
from cnnlab.check.verdict import Attempt, Named

CLOSE = 10.0  # times float32's usual rounding, 1e-5 of the largest number: a pass forwards and one back
RESULT = "the result"
MOST_PAIRS = 400  # of slips that are tried together
TOLD_APART = 3  # different numbers that two slips together do not give by chance
# For each thing that is as it was before: what is right, and the sentence where it is not.
# fmt: off
LEFT = {
    "hooks": "A hook of yours is still there after the call, and fires in every later pass of the model. Keep what "
             "register_forward_hook returns, and call its .remove() in a `finally`.",
    "others": "Hooks that were there before are gone. Somebody else needs them: remove your own alone.",
    "modes": "The modules' modes are not what they were. Note module.training of every module in model.modules() "
             "before, and put each back in a `finally`; model.train() sets all of them alike.",
    "parameters": "The model's parameters have other values than before. Who measures changes nothing.",
    "learns": "Other parameters have requires_grad than before: what was frozen is not, or the other way round. "
              "Who has to change it for a moment notes it for each parameter, and puts each back in a `finally`.",
    "grads": "The parameters' .grad is not what it was before, and whoever is training would step along it. "
             "torch.autograd.grad(value, tensor) hands a gradient to you alone; .backward() writes it into every "
             ".grad, and zero_grad() wipes out what was there.",
    "x": "x holds other numbers than before. Work on a copy: x.clone().",
    "x learns": "x.requires_grad is not what it was. Work on a tensor of your own: x.detach().clone().",
    "x's gradient": "x.grad is not what it was before. Work on a tensor of your own, x.detach().clone(), and ask "
                    "torch.autograd.grad for its gradient.",
    "switch": "Gradients are switched on or off other than before. `torch.no_grad()` and "
              "`torch.enable_grad()`, after `with`, put the switch back by themselves.",
    "detached": "The result still hangs on the graph that it was computed with. It keeps all of that in memory: "
                ".detach() it.",
    "came out": "The model raised an error, and your function kept it to itself. Tidy up in a `finally`, and let it go "
                "on its way.",
    "refused": "There is no layer of that name, and no error says so. Names are those of model.named_modules(), letter "
               "by letter; raise a KeyError for another.",
}
# What it is called where no row of a table fits.
NAMED = {
    "hooks": "a hook stays", "others": "hooks of others are gone", "modes": "modes are not put back",
    "parameters": "a parameter is changed", "learns": "requires_grad is not put back", "grads": ".grad is changed",
    "x": "x is written into", "x learns": "x.requires_grad is changed", "x's gradient": "x.grad is changed",
    "switch": "the gradient switch is left", "detached": "the result hangs on its graph",
    "came out": "errors are swallowed", "refused": "an unknown name raises no error",
}
# fmt: on
MEASURED = {"hooks": 0, "others": True, "parameters": True, "grads": True, "x": True, "x's gradient": True}
MEASURED |= {"detached": True, "came out": True}
REFUSES = {"trace": True, "refuses": True, "others": True}  # an unknown name


def built(model: Any) -> Any:
    """The module, or that of a description."""
    from cnnlab.check import measuring

    return measuring.model_of(model) if isinstance(model, Mapping) else model


def own(x: Any) -> Any:
    """x as a tensor of one's own."""
    import torch

    if is_tensor(x):
        return x.detach().clone()
    return torch.from_numpy(np.array(x, np.float32))


def measuring_exercise(
    name: str,
    right: Callable,
    values: Callable,
    traces: Callable,
    tests: str,
    look: str,
    wrong: Sequence[Row],
    slips: Mapping[str, Mapping],
    axes: Mapping[str, str],
    read: Callable[[list[Attempt]], Sequence[str | Named]] = lambda failing: [],
    lesson: str = "10_inside",
    points: float = 3,
) -> Exercise:
    """An exercise about a function that measures.

    right(model, x, …): the right function; values, traces: the cases of both parts; slips: by their words, other
    keyword arguments of `right`; read(failing) -> sentences where the slips do not say it.
    """
    oracle = _right_in_full(right)
    put_back = "what you changed for a moment is put back in a `finally`, so that an error does not get in between."
    parts = [
        Part("values", points, values, tests=tests, look=look),
        Part("leave no trace", 1, traces, tests="hooks, modes, gradients and switches before and after", look=put_back),
    ]
    return Exercise(
        name=name,
        lesson=lesson,
        parts=parts,
        oracle=oracle,
        judge=_judged,
        observe=_observe,
        complete=_complete,
        wrong=wrong,
        axes=axes,
        scale=lambda case: CLOSE,
        hands=_hands,
        told=_told,
        read=lambda failing, subject: _read(failing, right, slips) or read(failing),
    )


def _right_in_full(right: Callable) -> Callable:
    """`right`, and where a description asks for traces what should be left of them, too."""

    @functools.wraps(right)
    def function(model: Any, *args: Any, **kwargs: Any) -> Any:
        about = model if isinstance(model, Mapping) else {}
        expected = _left_by_the_right(about) if "trace" in about else {}
        if expected and RESULT not in expected:
            return expected
        found = right(built(model), *args, **kwargs)
        return {**expected, RESULT: found} if expected else found

    return function


def _left_by_the_right(about: dict) -> dict:
    from cnnlab.check import measuring

    model, x = measuring.handed_over(about, (np.zeros(1, np.float32),))
    found = {} if _no_value(about) else {RESULT: None}
    found |= MEASURED | {"switch": not about.get("off"), "x learns": x.requires_grad}
    found |= {"modes": [m.training for m in model.modules()], "learns": [p.requires_grad for p in model.parameters()]}
    return found | ({"refused": True} if about.get("refuses") else {})


def _no_value(about: dict) -> bool:
    return any(about.get(word) for word in ("training", "breaks", "refuses", "misses", "off"))


def _observe(subject: Subject, case: Case) -> Answer:
    about, *args = case.args
    answer = subject.measure(about, tuple(args))
    seen = answer.value
    if answer.trouble is not None or not isinstance(seen, dict):
        return answer
    if "trace" not in about:
        return replace(answer, value=seen.get("value"))
    wanted = _left_by_the_right(about)
    value = {RESULT: seen.get("value")} if RESULT in wanted else {}
    seen["hooks"] = int(not same(seen.get("hooks"), 0))  # that one is left, not how many
    return replace(answer, value=value | {word: seen.get(word) for word in wanted if word != RESULT})


def _complete(values: dict) -> None:
    values["model"] = built(values["model"])


def _judged(value: Any, case: Case, expected: Any) -> Difference | None:
    if "trace" not in case.args[0]:
        return _other(value, expected)
    if not isinstance(value, dict):
        return Difference("type", "What the function left behind can not be told.")
    if RESULT in expected and (found := _other(value.get(RESULT), expected[RESULT])) is not None:
        return replace(found, sentence=f"{found.sentence} Here the model is {_state(case.args[0])}.")
    left = _left(value, expected)
    return Difference("values", _what_and_advice(left[0])[0]) if left else None


def _left(value: dict, expected: dict) -> list[str]:
    """The things that are other than they should be, by their words in LEFT."""
    return [word for word in LEFT if word in expected and not same(value.get(word), expected[word])]


def _what_and_advice(word: str) -> tuple[str, str]:
    """What is the matter, in a sentence, and what to do about it."""
    what, stop, advice = LEFT[word].partition(". ")
    return (f"{what}.", advice) if stop else (what, what)


def _other(value: Any, expected: Any) -> Difference | None:
    return difference(expected, value, CLOSE * _largest(expected), True)


def _largest(value: Any) -> float:
    """The size of the largest number, 1 at least."""
    if isinstance(value, dict):
        return max([1.0, *(_largest(one) for one in value.values())])
    return max(1.0, float(value.abs().max())) if is_tensor(value) and value.numel() else 1.0


def _hands(case: Case) -> tuple:
    from cnnlab.check import measuring

    about, *args = case.args
    return measuring.handed_over(about, tuple(args))


def _state(about: dict) -> str:
    frozen = {"some": "partly frozen", "few": "partly frozen", True: "frozen as a whole"}
    said = [
        "in train mode" if about.get("training") else "in eval mode",
        *([frozen[about["frozen"]]] if about.get("frozen") else []),
        *(["with gradients left over in .grad"] if about.get("left") else []),
        *(["with somebody else's hooks"] if about.get("others") else []),
    ]
    return ", ".join(said)


def _told(case: Case) -> str:
    """ "a model in train mode; x 1 × 2 × 5 × 6, 'conv', 1"."""
    about, *args = case.args
    after = [
        *([f"call {about['breaks']} of the model raises an error"] if about.get("breaks") else []),
        *(["x takes part in gradients"] if about.get("x learns") else []),
        *(["gradients are off"] if about.get("off") else []),
    ]
    rest = ", ".join(f"x {shape_text(one.shape)}" if isinstance(one, np.ndarray) else repr(one) for one in args)
    note = f"  ({case.note})" if case.note else ""
    return "; ".join([f"a model {_state(about)}", rest, *after]) + note


def _read(failing: Sequence[Attempt], right: Callable, slips: Mapping[str, Mapping]) -> Sequence[str | Named]:
    """What is left behind, in words; or the slip, one or two, that gives the learner's numbers wherever they fail. With
    a name before it."""
    first = failing[0]
    if first.answer.trouble is not None and first.case.args[0].get("refuses"):
        error = first.answer.trouble.error
        says = "Whoever calls waits for a KeyError: dict(model.named_modules())[name] raises one by itself."
        return [Named(f"{error} in place of KeyError", says)]
    if isinstance(first.expected, dict) and "hooks" in first.expected and isinstance(first.got, dict):
        told = [_left(one.got, one.expected) for one in failing if isinstance(one.got, dict) and one.expected]
        words = list(dict.fromkeys(word for left in told for word in left))
        if words and told[0] and not _result_differs(first):
            return [Named(NAMED[words[0]], _what_and_advice(words[0])[1]), *(LEFT[word] for word in words[1:])]
        if not _result_differs(first):
            return [LEFT[word] for word in words]
    numbers = [one for one in failing if one.got is not None and one.answer.trouble is None and _result_differs(one)]
    if not numbers or numbers[0] is not first:
        return []
    single = next((words for words in slips if _gives(right, slips, (words,), numbers)), None)
    if single:
        return [Named(single, "In every case that fails, yours is what comes out then.")]
    tensors = [one for one in map(_result, numbers) if is_tensor(one) and not one.is_complex()]
    if tensors and all(one.unique().numel() < TOLD_APART for one in tensors):
        return []
    both = ((one, other) for one, other in itertools.combinations(slips, 2) if not set(slips[one]) & set(slips[other]))
    for one, other in itertools.islice(both, MOST_PAIRS):
        if _gives(right, slips, (one, other), numbers):
            return [Named(f"{one}, and {other}", "In every case that fails, yours is what comes out then.")]
    return []


def _gives(right: Callable, slips: Mapping[str, Mapping], words: tuple[str, ...], attempts: Sequence[Attempt]) -> bool:
    changed = 0
    for one in attempts:
        found = one.case.once(words, lambda case=one.case: _slipped(right, slips, words, case))
        if found is None:
            return False
        scale = CLOSE * _largest(found)
        if difference(found, _result(one), scale, True) is not None:
            return False
        changed += difference(found, _result(one, expected=True), scale, True) is not None
    return changed > 0


def _slipped(right: Callable, slips: Mapping[str, Mapping], words: tuple[str, ...], case: Case) -> Any:
    """What comes out of a case with these slips; None where they do not fit it."""
    changed = {key: value for word in words for key, value in slips[word].items()}
    try:
        return plain(right(*_hands(case), **changed))
    except OTHER_FORM:
        return None


def _result(attempt: Attempt, expected: bool = False) -> Any:
    """What the function returned (or should have), also where traces are asked for besides."""
    value = attempt.expected if expected else attempt.got
    return value.get(RESULT) if "trace" in attempt.case.args[0] and isinstance(value, dict) else value


def _result_differs(attempt: Attempt) -> bool:
    """Is it the result that is wrong? In a case about traces there may be none."""
    if "trace" in attempt.case.args[0] and RESULT not in (attempt.expected or {}):
        return False
    return _other(_result(attempt), _result(attempt, expected=True)) is not None


# What may be left behind, as functions of a call's arguments: each is right but for one thing.
def leaving(before: Callable[[Args], Any] | None = None, after: Callable[[Args], Any] | None = None, *, error=None):
    """A row's function: something done to the model or x before the right call, after it, or on the way of an error."""

    def function(a: Args) -> Any:
        if before is not None:
            before(a)
        try:
            found = a.right()
        except Exception:
            if error is not None:
                error(a)
            raise
        if after is not None:
            after(a)
        return found

    return function


def _hook(a: Args) -> None:
    list(a.model.modules())[-1].register_forward_hook(lambda *_: None)


def _no_hooks(a: Args) -> None:
    for module in a.model.modules():
        module._forward_hooks.clear()


def _backward(a: Args) -> None:
    import torch

    with torch.enable_grad():
        total = a.model(torch.as_tensor(a.x).detach()).sum()
        if total.requires_grad:
            total.backward()


def _freeze(learns: bool) -> Callable[[Args], None]:
    return lambda a: a.model.requires_grad_(learns) and None


def _switch(on: bool) -> Callable[[Args], None]:
    def turn(a: Args) -> None:
        import torch

        torch.set_grad_enabled(on)

    return turn


def _nudge(a: Args) -> None:
    import torch

    with torch.no_grad():
        next(iter(a.model.parameters())).add_(0.01)


def _swallowed(a: Args) -> Any:
    try:
        return a.right()
    except RuntimeError:
        return None


def _on_the_graph(a: Args) -> Any:
    import torch

    found = a.right()
    with torch.enable_grad():
        hold = torch.zeros(1, requires_grad=True).sum()
        return {name: one + hold for name, one in found.items()} if isinstance(found, dict) else found + hold


def _modes_alike(training: bool | None) -> Callable[[Args], Any]:
    """In eval mode for the call, and then every module as the model was, or in one mode."""

    def function(a: Args) -> Any:
        was = a.model.training
        a.model.eval()
        found = a.right()
        a.model.train(was if training is None else training)
        return found

    return function


def _modes_but_for_errors(a: Args) -> Any:
    modes = {module: module.training for module in a.model.modules()}
    a.model.eval()
    found = a.right()
    for module, training in modes.items():
        module.training = training
    return found


# fmt: off
TRACES: list[Row] = [
    ("a hook stays", LEFT["hooks"], leaving(after=_hook)),
    ("a hook stays after an error", "Where the model raises, the lines after the pass never run, and your hook stays "
     "for good. Remove it in a `finally`.", leaving(error=_hook)),
    ("all hooks are cleared", "Clearing a module's hooks removes those of others, too. Each register_… call hands "
     "you the handle of yours alone: .remove() that.", leaving(after=_no_hooks)),
    ("left in eval mode", "Whoever called this may be in the middle of training: put every module back into the mode "
     "that it had.", leaving(before=lambda a: a.model.eval())),
    ("only the model's own mode is put back", "model.train(was) sets all modules alike, and a batch norm frozen in "
     "eval mode wakes up. Note the mode of each module in model.modules().", _modes_alike(None)),
    ("put into train mode afterwards", "It may have been in eval mode. Note the modes before; do not guess.",
     _modes_alike(True)),
    ("the modes are lost after an error", "Where the model raises, the lines after the pass never run. Put the modes "
     "back in a `finally`.", _modes_but_for_errors),
    ("gradients are written into the parameters", ".backward() adds to the .grad of every parameter, and the next step "
     "of somebody's training goes wrong. Where a gradient is needed, torch.autograd.grad hands it over and writes "
     "nothing.", leaving(after=_backward)),
    ("left-over gradients are wiped out", "zero_grad() throws away gradients that somebody may still need. Leave .grad "
     "alone; torch.autograd.grad does not touch it.", leaving(after=lambda a: a.model.zero_grad())),
    ("frozen parameters learn again", "requires_grad_(True) on every parameter undoes what somebody froze. Leave it "
     "alone: where a gradient is needed, it is enough that *x* asks for it.", leaving(before=_freeze(True))),
    ("all parameters are frozen", "requires_grad_(False) on the parameters is never taken back, and the model can not "
     "learn any more.", leaving(after=_freeze(False))),
    ("a parameter is changed", LEFT["parameters"], leaving(after=_nudge)),
    ("x learns from now on", "x.requires_grad_(True) changes the tensor that you were handed. Work on one of your "
     "own, x.detach().clone().", leaving(after=lambda a: a.x.requires_grad_(True))),
    ("x learns no more", "x.requires_grad_(False) changes the tensor that you were handed. Leave it as it came.",
     leaving(after=lambda a: a.x.requires_grad_(False))),
    ("x is written into", LEFT["x"], leaving(after=lambda a: a.x.data.mul_(1.5))),
    ("gradients are left off", "torch.set_grad_enabled(False) stays when the function is over. A `with` block of "
     "`torch.no_grad()` ends by itself.", leaving(after=_switch(False))),
    ("gradients are switched on", "They may have been off before. A `with` block of torch.enable_grad() does not last.",
     leaving(after=_switch(True))),
    ("the result hangs on its graph", LEFT["detached"], _on_the_graph),
    ("errors are swallowed", LEFT["came out"], _swallowed),
]
# fmt: on


def traces(
    rng: np.random.Generator, case: Callable[..., Case], unknown: Callable[..., Case] | None = None
) -> list[Case]:
    """The states in which a model is met. case(note, **about) makes a case of a description with these entries, unknown
    the same for a call that has to be refused."""
    mixed = {"block.norm": False, "conv2": False}
    found = [
        case("nothing special", trace=True),
        case("hooks of somebody else", trace=True, others=True),
        case("gradients are left over", trace=True, left=True),
        case("every parameter is frozen", trace=True, frozen=True),
        case("some are frozen, and x takes part in gradients", trace=True, frozen="some", **{"x learns": True}),
        case("in train mode, but for a batch norm", trace=True, training=True, modes=mixed, others=True),
        case("in eval mode, but for a layer", trace=True, modes={"conv2": True}),
        case("the model raises", trace=True, training=True, modes=mixed, others=True, left=True, breaks=1),
        case("gradients are off", trace=True, off=True),
    ]
    return found + ([unknown("no such layer", **REFUSES)] if unknown else [])
