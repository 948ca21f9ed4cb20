"""nbgrader's settings for this course: the same for `cnnlab`, for `nbgrader` and for formgrader in JupyterLab."""

from nbgrader.converters import GenerateAssignment, GenerateFeedback
from nbgrader.preprocessors import ClearSolutions

from cnnlab.course import tools
from cnnlab.course.preprocessors import FinishRelease, TablesToFill, WrapMessages
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
steps = [*GenerateAssignment().preprocessors, FinishRelease]
steps.insert(steps.index(ClearSolutions) + 1, TablesToFill)
c.GenerateAssignment.preprocessors = steps
c.GenerateFeedback.preprocessors = [*GenerateFeedback().preprocessors, WrapMessages]  # after the page's own CSS

c.ExportApp.plugin_class = "cnnlab.course.grading.tables.Export"  # no name becomes a formula

# What every day costs that a submission comes late; `cnnlab due` says who is late (docs/grading.md).
c.AssignLatePenalties.plugin_class = "cnnlab.course.grading.late.LateDays"
c.LateDays.percent_a_day = 0

# Submissions are read as data and judged from outside a sandbox; no kernel runs them (docs/trust.md). nbgrader's
# command and formgrader's button do it one by one, `cnnlab grade` many at once.
c.Autograde.exporter_class = "cnnlab.course.grading.preprocess.AsData"
c.Autograde.sanitize_preprocessors = ["cnnlab.course.grading.preprocess.Sanitise"]
c.Autograde.autograde_preprocessors = [
    "cnnlab.course.grading.preprocess.Judge",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
