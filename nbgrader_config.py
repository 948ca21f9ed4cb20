"""nbgrader's settings for this course: the same for `cnnlab`, for `nbgrader` and for formgrader in JupyterLab."""

from nbgrader.converters import Autograde, GenerateAssignment

from cnnlab.course import tools
from cnnlab.course.preprocessors import DropTags, FinishRelease, OnlyErrorsCount
from cnnlab.course.stub import CODE_STUB, TEXT_STUB

c = get_config()  # noqa: F821
tools.on_path()

c.CourseDirectory.course_id = "cnnlab"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
# Whatever lies beside a solution notebook is copied into the release, unless its name is here. Of a submission the same
# names are left behind, so a numpy.py sent along shadows nothing; timestamp.txt must stay.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "__pycache__", "feedback", ".*", "*~", "*.md", "*.py", "*.pyc"]
c.CourseDirectory.ignore += ["*.json", "*.csv", "*.html", "*.log", "*.bak", "*.orig", "*.rej", "*.zip"]

c.ClearSolutions.code_stub = {"python": CODE_STUB}
c.ClearSolutions.text_stub = TEXT_STUB
c.GenerateAssignment.preprocessors = [*GenerateAssignment().preprocessors, FinishRelease]

# A check takes 2 s at most; a training cell on a slow machine may take a minute. nbgrader would stop it after 30 s.
c.Execute.timeout = 120
c.Execute.interrupt_on_timeout = True
c.Execute.extra_arguments = ["--log-level=ERROR"]

c.Autograde.sanitize_preprocessors = [DropTags, *Autograde().sanitize_preprocessors]
steps = list(Autograde().autograde_preprocessors)
steps.insert(1, OnlyErrorsCount)  # right after Execute
c.Autograde.autograde_preprocessors = steps
