"""Sphinx's configuration. What belongs to one course (its title, its home) comes from `build.py`."""

from cnnlab import __version__

version = release = __version__
copyright = "the authors; text and figures CC BY 4.0, code MIT"
language = "en"
extensions = ["myst_nb", "cnnlab.course.site.mathml"]

nb_execution_mode = "off"  # the notebooks were run when they were built
nb_render_markdown_format = "myst"
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
myst_update_mathjax = False
html_math_renderer = "mathml"

html_theme = "sphinx_book_theme"
html_favicon = "static/kernel.svg"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_css_files = ["course.css"]
html_copy_source = False  # pages are made from notebooks that have solutions
html_show_sourcelink = False
html_show_sphinx = False
html_use_index = False
