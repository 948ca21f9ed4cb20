"""cnnlab: what the notebooks of the course import.

Importing it is quick: nothing here loads NumPy, torch or matplotlib. Take what you need from its rooms,
``from cnnlab import check`` for the checks, ``cnnlab.figures``, ``cnnlab.widgets`` and ``cnnlab.data`` for the rest.
"""

import os

# Where another program wants the same cores, threads that spin while they wait make torch several times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = "0.1.0"
