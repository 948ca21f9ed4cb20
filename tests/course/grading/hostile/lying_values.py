"""Attacks with what is returned: objects that equal everything, arrays that are none, numbers that are not numbers."""

from tests.course.grading.hostile import attack

WRONG_SHAPE = "np.zeros((image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1))"


@attack
def equal_to_everything(nb):
    """Returns an object whose comparisons are all true."""
    nb.count(
        "return Yes()",
        """
        class Yes:
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __hash__(self): return 0
            def __getattr__(self, name): return self
            def __call__(self, *args): return self
    """,
    )


@attack
def an_int_that_equals_everything(nb):
    """Returns an int whose __eq__ and __sub__ lie: only its digits cross."""
    nb.count(
        "return Yes(1)",
        """
        class Yes(int):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __sub__(self, other): return 0
            def __int__(self): return self
            def __index__(self): return 8
            __hash__ = int.__hash__
    """,
    )


@attack
def an_array_that_equals_everything(nb):
    """Returns an ndarray subclass with its own __eq__, __sub__, __array__ and ufuncs: only its bytes cross."""
    nb.correlate(
        f"return {WRONG_SHAPE}.view(Yes)",
        """
        class Yes(np.ndarray):
            def __eq__(self, other): return np.ones(self.shape, bool)
            def __sub__(self, other): return np.zeros(self.shape)
            __rsub__ = __sub__
            def __array__(self, *args, **kwargs): return self
            def __array_ufunc__(self, ufunc, method, *args, **kwargs): return np.zeros(self.shape)
            def __array_function__(self, *args, **kwargs): return True
            def astype(self, *args, **kwargs): return self
    """,
    )


@attack
def an_array_of_objects(nb):
    """Returns an array of objects that equal everything."""
    nb.correlate(
        f"out = {WRONG_SHAPE}.astype(object)\nout[...] = Yes()\nreturn out",
        """
        class Yes(float):
            def __eq__(self, other): return True
            def __sub__(self, other): return 0.0
            __rsub__ = __sub__
            def __abs__(self): return 0.0
            def __float__(self): return 0.0
    """,
    )


@attack
def a_class_that_says_ndarray(nb):
    """Returns an object whose __class__ is ndarray, so that isinstance believes it."""
    nb.correlate(
        "return Liar()",
        """
        class Liar:
            __class__ = property(lambda self: np.ndarray)
            dtype, shape, ndim, size = np.dtype(float), (2, 2), 2, 4
            def __getattr__(self, name): return lambda *a, **k: self
            def __array__(self, *a, **k): raise SystemExit
    """,
    )


@attack
def a_class_that_raises(nb):
    """Returns an object whose __class__, __getattribute__ and __len__ raise or exit."""
    nb.count(
        "return Mine()",
        """
        class Mine:
            def __getattribute__(self, name): raise SystemExit(name)
            def __len__(self): raise KeyboardInterrupt
    """,
    )


@attack
def not_a_number(nb):
    """Returns NaN everywhere: no difference from NaN is larger than a tolerance."""
    nb.correlate(f"return np.full({WRONG_SHAPE}.shape, np.nan)")
    nb.count("return float('nan')")
    nb.solve("diagonal_edge_kernel", "def diagonal_edge_kernel():\n    return np.full((2, 2), np.nan)")


@attack
def infinity(nb):
    """Returns infinities, whose tolerance would be infinite."""
    nb.correlate(f"return np.full({WRONG_SHAPE}.shape, np.inf)")
    nb.count("return float('inf')")
    nb.solve("diagonal_edge_kernel", "def diagonal_edge_kernel():\n    return np.array([[np.inf, 0], [0, -np.inf]])")


@attack
def huge_numbers(nb):
    """Returns a kernel of 1e308, so that sums overflow and cancel."""
    nb.solve(
        "diagonal_edge_kernel", "def diagonal_edge_kernel():\n    return np.array([[1e308, 1e308], [1e308, 1e308]])"
    )


@attack
def tiny_numbers(nb):
    """Returns a kernel of 1e-300, hidden below every tolerance."""
    nb.solve("diagonal_edge_kernel", "def diagonal_edge_kernel():\n    return np.full((2, 2), 1e-300)")


@attack
def masked(nb):
    """Returns a masked array in which every wrong value is masked."""
    nb.correlate(f"return np.ma.masked_all({WRONG_SHAPE}.shape)")


@attack
def broadcast(nb):
    """Returns a single number or an empty array, for comparisons that broadcast."""
    nb.correlate("return np.zeros(()) if image.shape[0] % 2 else np.zeros((0, 0))")


@attack
def structured(nb):
    """Returns arrays of records, dates, texts and bytes."""
    nb.correlate(f"return np.zeros({WRONG_SHAPE}.shape, [('a', 'f8'), ('b', 'O')])")
    nb.count("return np.array('8')")
    nb.solve("diagonal_edge_kernel", "def diagonal_edge_kernel():\n    return np.array([['1', '0'], ['0', '-1']])")


@attack
def true_for_one(nb):
    """Returns True and 8.0 for the number of parameters: neither is a count."""
    nb.count("return True if (in_features, out_features) == (1, 1) else float((in_features + bias) * out_features)")


@attack(earns=4)
def another_byte_order(nb):
    """An honest result in big-endian numbers and Fortran's order: right is right."""
    nb.correlate("""
        windows = np.lib.stride_tricks.sliding_window_view(image.astype(">f8"), kernel.shape)
        return np.asfortranarray(np.einsum("ijuv,uv->ij", windows, kernel)).astype(">f8")
    """)


@attack(earns=4)
def long_doubles(nb):
    """An honest result in numbers of 16 bytes, which the wire does not carry: right is right."""
    nb.correlate("""
        windows = np.lib.stride_tricks.sliding_window_view(image.astype(np.longdouble), kernel.shape)
        return np.einsum("ijuv,uv->ij", windows, kernel.astype(np.longdouble))
    """)


@attack
def pickled(nb):
    """Returns objects whose __reduce__, __getstate__ and __deepcopy__ run commands when they are copied."""
    nb.count(
        "return [Evil(), {'a': Evil()}]",
        """
        import os
        class Evil:
            def __reduce__(self): return os.system, ("touch /tmp/cnnlab-hostile-was-here",)
            def __reduce_ex__(self, version): return self.__reduce__()
            def __deepcopy__(self, memo): raise SystemExit
            __copy__ = __getstate__ = __deepcopy__
    """,
    )


@attack
def a_list_that_lies_about_itself(nb):
    """Returns lists, dicts and texts with their own __len__, __iter__, items and __getitem__."""
    nb.count(
        "return [List([1]), Dict(a=1), Text('x')]",
        """
        class List(list):
            def __len__(self): return -1
            def __iter__(self): raise SystemExit
        class Dict(dict):
            def items(self): return [(1, 2, 3), None]
            def __len__(self): return 0
        class Text(str):
            def __getitem__(self, key): return self
            def __str__(self): return self
    """,
    )


@attack
def keys_of_all_kinds(nb):
    """Returns dicts with keys that are bools, huge, objects, or equal to each other."""
    nb.count(
        "return {True: 1, 1 << 4000: 2, Key('a'): 3, Key('b'): 4, None: 5, (1,): 6}",
        """
        class Key(str):
            def __eq__(self, other): return True
            def __hash__(self): return 1
    """,
    )


@attack
def a_result_that_changes_later(nb):
    """Returns an array that a thread goes on changing, hoping to be right when it is looked at."""
    nb.correlate(f"""
        import threading
        out = {WRONG_SHAPE}
        def change():
            for k in range(10_000): out[...] = k % 50
        threading.Thread(target=change, daemon=True).start()
        return out
    """)


@attack
def floats_of_other_sizes(nb):
    """Returns float16, float128 and complex values."""
    nb.correlate(f"return {WRONG_SHAPE}.astype(np.longdouble if image.shape[0] % 2 else np.complex64)")


@attack
def the_worker_as_a_value(nb):
    """Returns the worker, its modules, its frames and itself."""
    nb.count("import sys\nreturn [sys.modules, sys._getframe(), count_parameters_dense, sys.modules['wire'].Ref(0)]")


@attack
def a_map_of_a_file_that_is_cut(nb):
    """Returns an array that is mapped to a file, and cuts the file: whoever reads it is its own worker."""
    nb.correlate("""
        import os
        mapped = np.memmap("/tmp/cut", dtype=np.float64, mode="w+", shape=(300, 300))
        os.truncate("/tmp/cut", 0)
        return mapped
        """)
