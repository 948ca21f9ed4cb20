"""binder/, .devcontainer/ and the Dockerfile say what the rest of the course says; and a container that hides /proc."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml

# As Docker does: what it calls masked paths, and read-only ones.
HIDDEN = """
set -e
for file in /proc/kcore /proc/keys /proc/timer_list; do if [ -e $file ]; then mount --bind /dev/null $file; fi; done
mount -t tmpfs -o ro none /proc/acpi
for folder in /proc/bus /proc/fs /proc/irq /proc/sys; do
  mount --bind $folder $folder && mount -o remount,bind,ro $folder
done
"""
ASKS = "from cnnlab.course.grading.sandbox import require_bubblewrap as ask; print(ask())"


def test_binder_gets_what_learners_need_and_a_python_that_the_course_takes(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = yaml.safe_load((repository / "binder" / "environment.yml").read_text())["dependencies"]
    found = dict(line.split(" ", 1) for line in listed if line != "pip")
    python = re.fullmatch(r"=(3)\.(\d+)", found.pop("python"))  # with "=": what repo2docker takes for a version
    assert (int(python[1]), int(python[2])) >= (3, 11)
    names = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}
    found = {names.get(name, name) + bound for name, bound in found.items()}
    extras = project["optional-dependencies"]
    builds = {line for line in extras["dev"] if line.startswith(("editables", "hatchling"))}
    assert found == {*project["dependencies"], *extras["torch"], *extras["lab"], *builds}
    assert all(os.access(repository / "binder" / name, os.X_OK) for name in ("postBuild", "start"))


def test_the_dev_container_is_a_stage_of_the_dockerfile_and_opens_a_lesson(repository):
    text = (repository / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    said = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.M))
    build = said["build"]
    dockerfile = (repository / ".devcontainer" / build["dockerfile"]).resolve()
    assert dockerfile == repository / "Dockerfile"
    assert re.search(rf"^FROM \S+ AS {build['target']}$", dockerfile.read_text(), re.M)
    for name in said["customizations"]["codespaces"]["openFiles"]:
        assert (repository / name.replace("work/", "notebooks/")).is_file()


def test_nothing_of_an_instructors_goes_into_the_image(repository):
    ours = (repository / ".gitignore").read_text().split("never in the repository")[1].split("\n\n")[0]
    left_out = (repository / ".dockerignore").read_text().splitlines()
    for line in ours.splitlines():
        name = line.strip("/")
        assert not name or name in left_out or (name.endswith(".csv") and "*.csv" in left_out), name


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts over /proc, which needs root on Linux")
@pytest.mark.parametrize("hidden", [True, False])
def test_a_container_that_hides_parts_of_proc_is_told_apart_before_grading(hidden, repository):
    if not all(map(shutil.which, ("bwrap", "unshare"))):
        pytest.skip("no bubblewrap, or no unshare")
    call = f'{HIDDEN if hidden else ""}\nexec "$0" -c "{ASKS}"'
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", call, sys.executable],
        env=os.environ | {"PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "unshare failed" in done.stderr or "permission denied" in done.stderr:
        pytest.skip(f"no mounts here: {done.stderr.strip()[:100]}")
    assert (done.returncode == 0) is not hidden, done.stderr
    assert not hidden or "systempaths=unconfined" in done.stderr
