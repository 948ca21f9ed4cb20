"""cnnlab: what the notebooks of the course import.

Importing it is quick: nothing here loads NumPy, torch or matplotlib. Take what you need from its rooms,
``from cnnlab import check`` for the checks, ``cnnlab.figures``, ``cnnlab.widgets`` and ``cnnlab.data`` for the rest.
"""

__version__ = "0.1.0"
