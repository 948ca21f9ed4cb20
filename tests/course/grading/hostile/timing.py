"""Attacks on order and memory: to answer with what was seen before, at the wrong time, or by somebody else."""

import numpy as np

from cnnlab import check
from tests.course.grading.hostile import attack


@attack
def the_last_answer_again(nb):
    """Answers each call with what would have been right for the one before."""
    nb.count(
        """
        out, memory[0] = memory[0], (in_features + bool(bias)) * out_features
        return out
    """,
        "memory = [0]",
    )


@attack
def a_table_of_the_notebooks_cases(nb):
    """Carries the notebook's own cases with their expected values in a table: grading draws others."""
    nb.correlate(
        "return TABLE.get((image.tobytes(), kernel.tobytes()), np.zeros((2, 2)))",
        """
        from cnnlab.check.plain import plain
        TABLE = {}
        try:
            exercise = check.cross_correlate2d.exercise
            for part in exercise.parts:
                for case in part.cases(np.random.default_rng(exercise.seed(part))):
                    TABLE[case.args[0].tobytes(), case.args[1].tobytes()] = exercise.oracle(*case.args)
        except Exception:
            # as written down by hand from the pictures of failed checks
            TABLE[np.array([[1, 6], [5, 3]]).tobytes(), np.array([[1, 2], [-1, 0]]).tobytes()] = np.array([[8]])
    """,
    )


@attack
def a_table_of_many_seeds(nb):
    """Carries the right counts for all that three hundred public seeds ask, made beforehand: grading asks others."""
    exercise = check.count_parameters_dense.exercise
    table = {}
    for seed in (exercise.seed(exercise.parts[0]), *range(300)):
        for case in exercise.parts[0].cases(np.random.default_rng(seed)):
            asked = {"in_features": case.args[0], "out_features": case.args[1], "bias": True}
            asked |= dict(zip(asked, case.args, strict=False)) | case.kwargs
            table[tuple(asked.values())] = exercise.oracle(*case.args, **case.kwargs)
    nb.count("return TABLE.get((in_features, out_features, bias), 8)", f"TABLE = {table!r}")


@attack
def learned_in_the_first_part(nb):
    """Fails the first part on purpose, keeps what it was asked, and hopes to be told the answers for the second."""
    nb.correlate(
        """
        asked.append((image.copy(), kernel.copy()))
        for thing in list(globals().values()):
            if getattr(thing, "expected", None) is not None: return thing.expected
        return np.zeros((2, 2))
    """,
        "asked = []",
    )


@attack(earns=1)
def right_once(nb):
    """Is right in the first exercise and then replaces every function by one that was right there."""
    nb.count("return (in_features + bool(bias)) * out_features")
    nb.add(
        "diagonal_edge_kernel = count_parameters_dense\ncross_correlate2d = count_parameters_dense",
        "diagonal_edge_kernel",
    )


@attack
def names_swapped_between_calls(nb):
    """Rebinds its own name in every call, to a number, a class and nothing at all."""
    nb.count(
        """
        globals()["count_parameters_dense"] = calls.pop() if calls else None
        return 0
    """,
        "calls = [7, int, lambda *a, **k: 8]",
    )


@attack
def names_deleted_by_a_thread(nb):
    """Has a thread delete and restore names while it is called."""
    nb.count(
        "return 0",
        """
        import threading, time
        def flicker():
            while True:
                kept = globals().pop("count_parameters_dense", None)
                globals()["count_parameters_dense"] = kept or (lambda *a, **k: 0)
                time.sleep(0.0001)
        threading.Thread(target=flicker, daemon=True).start()
    """,
    )


@attack
def threads_that_go_on(nb):
    """Starts threads in one call that write into the arguments and results of the next."""
    nb.correlate("""
        import threading, time
        def spoil():
            for _ in range(200):
                for array in (image, kernel):
                    try: array[...] = 0
                    except ValueError: pass
                time.sleep(0.001)
        threading.Thread(target=spoil, daemon=True).start()
        return np.zeros((image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1))
    """)


@attack
def inputs_made_easy(nb):
    """Overwrites the inputs with zeros, for which zeros are right: the judge keeps its own."""
    nb.correlate("""
        image[...] = 0
        kernel[...] = 0
        return np.zeros((image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1))
    """)


@attack
def every_answer_at_once(nb):
    """Returns all numbers up to ten thousand, one of which is right."""
    nb.count("return list(range(10_000))")


@attack
def guesses(nb):
    """Guesses among likely numbers by a draw in every call."""
    nb.count("import random\nreturn random.choice([4, 6, 8, 10, 12])")


@attack
def the_grader_recognised(nb):
    """Behaves in a notebook and answers 8 where it finds itself graded."""
    nb.count("""
        import sys
        graded = "wire" in sys.modules or "nbgrader" in sys.modules
        return 8 if graded else (in_features + bool(bias)) * out_features
    """)


@attack(earns=1)
def a_class_instead_of_a_function(nb):
    """Honest in the end: a callable object whose attributes all lie, and whose sums are right."""
    nb.solve(
        "count_parameters_dense",
        """
        class Count:
            __name__ = property(lambda self: 1 / 0)
            def __getattr__(self, name): raise SystemExit(name)
            def __call__(self, in_features, out_features, bias=True):
                return (in_features + bool(bias)) * out_features
        count_parameters_dense = Count()
    """,
    )
