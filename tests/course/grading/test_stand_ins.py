"""Grading has what the notebook had: builtins, progress bars, plots that do nothing, `await`."""

import pytest
from jupyter_client.manager import start_new_kernel

from cnnlab.check import imports
from cnnlab.course.grading import stand_ins
from cnnlab.course.grading.judge import judge
from cnnlab.course.grading.magics import without_magics
from tests.course.grading.conftest import solution

RIGHT = """
{top}
def cross_correlate2d(image, kernel):
    {inside}
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)
"""
NAMES = "[*dir(__import__('builtins')), *globals()]"


def in_the_notebook(names):
    """What these names, an expression, are in a notebook's kernel."""
    manager, client = start_new_kernel()
    try:
        reply = client.execute("", user_expressions={"found": names}, reply=True, timeout=60)
        return set(eval(reply["content"]["user_expressions"]["found"]["data"]["text/plain"]))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_every_name_of_a_fresh_notebook_is_there_or_the_check_says_so_beforehand(release, pool):
    names = sorted(n for n in in_the_notebook(NAMES) if not n.startswith("__") or n == "__IPYTHON__")
    assert {"display", "get_ipython", "input", "In"} <= set(names)
    told = [name for name in names if name not in imports.AT_A_KEYBOARD]
    cell = RIGHT.format(top="\n".join(told), inside="pass")
    judgement = judge(release, [solution("cross_correlate2d", cell)], pool, "secret")
    assert not judgement.trouble
    assert judgement.points == 4


CELLS = {
    "display in the function": ("", "display(kernel.shape)"),
    "display above": ("display('start', clear=True)", ""),
    "get_ipython": ("get_ipython().run_line_magic('matplotlib', 'inline')", ""),
    "get_ipython from IPython": ("from IPython import get_ipython\nassert 'google' not in str(get_ipython())", ""),
    "help": ("help(np.einsum)", ""),
    "a bar": ("from tqdm.auto import tqdm", "assert [i for i in tqdm(range(3), desc='x')] == [0, 1, 2]"),
    "the notebook's bar": ("from tqdm.notebook import tqdm", "assert len(tqdm([1, 2])) == 2"),
    "a module's bar": ("import tqdm", "assert list(tqdm.tqdm('ab')) == list('ab') == list(tqdm.auto.tqdm('ab'))"),
    "trange": ("from tqdm import trange", "assert list(trange(1, 3)) == [1, 2]"),
    "tenumerate": ("from tqdm.contrib import tenumerate", "assert list(tenumerate('a')) == [(0, 'a')]"),
    "a bar that tells": (
        "from tqdm import tqdm",
        "bar = tqdm([1])\n    for i in bar:\n        bar.set_postfix(loss=i)\n        tqdm.write('x')\n    bar.close()",
    ),
    "a bar by hand": ("from tqdm import tqdm", "with tqdm(total=3) as bar:\n        bar.update(1)"),
    "settings of plots": ("import matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (8, 4)", ""),
    "three axes": ("import matplotlib.pyplot as plt\nfig, (a, b, c) = plt.subplots(1, 3)\na.set_title('x')", ""),
    "a histogram": ("import matplotlib.pyplot as plt\nn, bins, patches = plt.hist([1, 2])\nx = 2 * plt.xlim()[1]", ""),
    "axes in a loop": ("import matplotlib.pyplot as plt\nfor ax in plt.subplots(1, 2)[1]:\n    ax.axis('off')", ""),
    "a style of plots": ("import seaborn as sns\nsns.set_theme()\nimport plotly.express as px", ""),
    "a profile": ("%%prun -s cumulative", ""),
    "a widget": (
        "from ipywidgets import interact\n@interact(k=3)\ndef show(k):\n    return k\nassert show(2) == 2",
        "",
    ),
    "await": (
        "import asyncio\nawait asyncio.sleep(0.01)\nx = await asyncio.gather(asyncio.sleep(0, 1))\nassert x == [1]",
        "",
    ),
    "async for": ("async def two():\n    yield 1\n    yield 2\nassert [k async for k in two()] == [1, 2]", ""),
}


@pytest.mark.parametrize("name", CELLS)
def test_an_honest_cell_does_no_harm(release, pool, name):
    top, inside = CELLS[name]
    cell, _ = without_magics(RIGHT.format(top=top, inside=inside or "pass"))
    judgement = judge(release, [solution("cross_correlate2d", cell)], pool, "secret")
    assert (judgement.points, judgement.trouble) == (4, [])


ABSENT = {
    "what it does without": "import numba\n",
    "between others": "from __future__ import annotations\nimport os; from scipy import signal; import cupy, string\n",
    "of several in a line": "import numba, os, pandas as pd, string as letters\nassert os.sep and letters.digits\n",
    "in a cell that waits": "import asyncio\nimport numba\nawait asyncio.sleep(0)\n",
}


@pytest.mark.parametrize("name", ABSENT)
def test_an_import_of_what_is_not_there_costs_no_more_than_what_needs_it(release, pool, name):
    top = ABSENT[name] + "from itertools import product\ndef half(x: Later): return x / 2\n"
    inside = "assert list(product([1])) == [(1,)] and half(4) == 2"
    cell = RIGHT.format(top=top if "annotations" in top else top.replace(": Later", ""), inside=inside)
    judgement = judge(release, [solution("cross_correlate2d", cell)], pool, "secret")
    assert judgement.points == 4
    assert len(judgement.trouble) == 1
    assert "ModuleNotFoundError" in judgement.trouble[0]


@pytest.mark.parametrize("top", ["import numba\n1 / 0", "try:\n    import numba\nfinally:\n    pass", "int('x')"])
def test_a_cell_that_raises_elsewhere_stops_there(release, pool, top):
    judgement = judge(release, [solution("cross_correlate2d", RIGHT.format(top=top, inside="pass"))], pool, "secret")
    assert judgement.points == 0
    assert len(judgement.trouble) == 1


def test_what_does_nothing_is_told_apart_from_what_is_not_there():
    assert set(imports.SHOWN_ONLY) == set(stand_ins.SHOWN_ONLY)


NOTED = {
    "import pandas as pd\ndef double(x):\n    return 2 * x": ["pandas"],
    "from scipy import signal\ndef double(x):\n    return 2 * x": ["scipy"],
    "try:\n    import cupy\nexcept ImportError:\n    pass\ndef double(x):\n    return 2 * x": [],
    "import matplotlib.pyplot as plt\ndef double(x):\n    return 2 * x": [],
    "from tqdm import tqdm\ndef double(x):\n    return [2 * k for k in tqdm(x)]": [],
    "def double(x):\n    display(x)\n    return 2 * x": [],
    "def double(x):\n    return 2 * int(input())": ["input"],
    "def double(x):\n    return Out[3] * 2": ["Out"],
    "def input():\n    return 1\ndef double(x):\n    return 2 * input()": [],
    "def double(x):\n    return [2 for _ in x]": [],
}


@pytest.mark.parametrize("source", NOTED)
def test_the_check_says_beforehand_what_is_not_there(source, monkeypatch):
    import linecache

    monkeypatch.setitem(linecache.cache, "<cell>", (len(source), None, source.splitlines(True), "<cell>"))
    names = {"__name__": "__main__"}
    lines = source.replace("import pandas as pd", "pass").replace("from scipy import signal", "pass")
    lines = lines.replace("from tqdm import tqdm", "tqdm = list").replace("import matplotlib.pyplot as plt", "pass")
    exec(compile(lines, "<cell>", "exec"), names)
    assert imports.not_allowed(names["double"], "01_convolution") == NOTED[source]
