"""Attacks that use things up: time, memory, the stack, the pipe, the judge's own patience."""

from tests.course.grading.hostile import attack


@attack(slow=True)
def endless_loop(nb):
    """Loops for ever in the function: costs its own time."""
    nb.correlate("while True: pass")


@attack(slow=True)
def endless_cell(nb):
    """Loops for ever at the top of a cell."""
    nb.wrong()
    nb.add("while True: pass")


@attack(slow=True)
def sleep_in_every_call(nb):
    """Sleeps just less than the limit in each call, for the sum of all calls: no case is started after some seconds."""
    nb.correlate("import time\ntime.sleep(0.7)\nreturn np.zeros((2, 2))")


@attack(stock="would take the machine's memory")
def memory(nb):
    """Takes memory without end: gets a MemoryError of its own."""
    nb.wrong()
    nb.add("hoard = []\nwhile True: hoard.append(bytearray(64 << 20))")


@attack(stock="would take the machine's memory")
def shared_memory(nb):
    """Takes System V shared memory, which no limit of a process counts: refused."""
    nb.count("""
        import ctypes
        libc = ctypes.CDLL(None)
        libc.shmat.restype = ctypes.c_void_p
        for k in range(20):
            segment = libc.shmget(0, 1 << 30, 0o1600)
            if segment < 0: return 0
            place = libc.shmat(segment, None, 0)
            ctypes.memset(place, 1, 1 << 30)
            libc.shmdt(ctypes.c_void_p(place))
        return 8
    """)


@attack
def the_stack(nb):
    """Recurses without end, with the recursion limit raised: its own worker dies."""
    nb.count("def deep(n): return deep(n + 1) + 1\nreturn deep(0)", "import sys\nsys.setrecursionlimit(10**9)")


@attack
def a_giant_result(nb):
    """Returns an array of 8 GB that is one number with strides of 0."""
    nb.correlate("return np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 15, 1 << 15), (0, 0))")


@attack
def a_large_result(nb):
    """Returns 60 MB in each call, for the judge to compare and to draw."""
    nb.correlate("return np.zeros((7500, 1000))")


@attack
def a_giant_kernel(nb):
    """Returns a kernel of a million weights: a check that looks at every diagonal would never end."""
    nb.solve("diagonal_edge_kernel", "def diagonal_edge_kernel():\n    return np.zeros((1, 1_000_000))")


@attack
def a_giant_number(nb):
    """Returns an int of a million digits, which takes minutes to write down."""
    nb.count("return 1 << 3_000_000")


@attack
def a_number_near_the_limit(nb):
    """Returns an int of a thousand digits, beyond every float: the message is short of nothing."""
    nb.count("return 10 ** 1000")


@attack
def giant_texts(nb):
    """Returns, prints, warns and raises texts of 100 MB."""
    nb.count("""
        import warnings
        text = "x" * (100 << 20)
        print(text)
        warnings.warn(text)
        raise ValueError(text)
    """)


@attack
def a_list_that_holds_itself(nb):
    """Returns a list that holds itself, and dicts within dicts."""
    nb.count("a = []\na.append(a)\nreturn {'a': a, 'b': [a, a, a]}")


@attack
def a_million_small_things(nb):
    """Returns lists of lists: 10,000 in each of six levels, had they all to be copied."""
    nb.count("x = 0\nfor k in range(6): x = [x] * 10_000\nreturn x")


@attack(slow=True)
def an_endless_generator(nb):
    """Returns a list whose length is small and whose items never end."""
    nb.count(
        "return Endless([1])",
        """
        class Endless(list):
            def __iter__(self):
                while True: yield 1
    """,
    )


@attack
def warnings_without_end(nb):
    """Warns a hundred thousand times with texts of its own."""
    nb.count("import warnings\nfor k in range(20_000): warnings.warn(str(k) * 9)\nreturn 0")


@attack(slow=True)
def cells_that_each_take_their_time(nb):
    """Adds forty cells that use up most of what a cell may take: the whole has a limit too."""
    nb.wrong()
    for _ in range(40):
        nb.add("import time\ntime.sleep(1.5)")


@attack
def two_thousand_cells(nb):
    """Adds cells until the list is full of them: read and run, or refused, but soon."""
    nb.wrong()
    cell = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None}
    nb.document["cells"][2:2] = [cell | {"id": f"own-{k}"} for k in range(1900)]


@attack
def code_that_breaks_parsers(nb):
    """Code nested so deep, or so long in one expression, that parsers give up."""
    nb.wrong()
    for source in ("x = " + "-" * 70_000 + "1", "x = y" + ".a" * 35_000, "(" * 70_000, "x = 1" + "+1" * 35_000):
        nb.add(source)


@attack
def imports_that_fail_by_the_thousand(nb):
    """Imports five thousand packages that are not there, behind each of which the rest of the cell is to run."""
    nb.wrong()
    nb.add("\n".join(f"import absent{k}" for k in range(5000)))
    nb.add("import " + ", ".join(f"absent{k}" for k in range(5000)))


@attack
def descriptors(nb):
    """Opens pipes and files until there are none left."""
    nb.wrong()
    nb.add("import os\nkept = []\nwhile True: kept.append(os.pipe())")


@attack(slow=True)
def regular_expression(nb):
    """A regular expression that backtracks for ever, in C, with the lock held."""
    nb.count("import re\nreturn re.match(r'(a|a)*b', 'a' * 40)")
