"""Every command of the README and the guides is run, in order, in a copy of the repository: one copy for each page."""

import os
import re
import subprocess
import tomllib

import pytest

PAGES = [
    "README.md",
    *("docs/learner.md", "docs/third_evening.md"),
    *("docs/instructor.md", "docs/tutor.md", "docs/grading.md", "docs/week.md", "docs/author.md", "docs/site.md"),
]
TEXTS = [*PAGES, *(f"docs/{name}.md" for name in ("platforms", "colab", "containers", "hub"))]  # lead somewhere, too
STARTS_LAB = """
setsid make lab ARGS=--no-browser > lab.log 2>&1 &
for second in $(seq 90); do
  if grep -q 'http://.*lab/tree/work/00_start' lab.log; then break; fi
  sleep 1
done
kill -- -$!
grep -q 'http://.*lab/tree/work/00_start' lab.log || { cat lab.log; exit 1; }
"""

# What cannot be run as it stands, and what is run in its place. Everything else is run word for word.
STAND_INS = {
    "cd cnnlab": "test -f course.toml",  # the copy is where the clone would be
    "make lab": STARTS_LAB,  # no browser; stops when the server has told its address
    "uv run cnnlab lab": ".venv/bin/python -m uv --version && .venv/bin/cnnlab lab --help",
    "conda env create -f environment.yml": "test -f environment.yml",  # its content: tests/setup/test_packaging.py
    "conda activate cnnlab": "true",
    "cnnlab lab": ".venv/bin/cnnlab lab --help",
    ".venv/bin/cnnlab review --now": (
        r"printf '1\nwrong + out_features * bias\n2\n\n' | .venv/bin/cnnlab review --now"
        r" | grep -c 'Mended\|recognised' | grep 2"
    ),
    "git pull": "git --version",  # the copy has no remote
    ".venv/bin/cnnlab site --pyodide /path/to/pyodide": ".venv/bin/cnnlab site --help | grep -q pyodide",
    "make test": "make test ARGS='--collect-only -q tests/docs'",  # or this test would run itself
    "make check": "make check ARGS='--collect-only -q tests/docs'",
    ".venv/bin/pre-commit install": "git init -q . && .venv/bin/pre-commit install && test -x .git/hooks/pre-commit",
    "make site": "make --dry-run site | grep 'cnnlab site'",  # the whole site: tests/site
    "python3 -m http.server --directory site 8000": "python3 -m http.server --help",  # would go on for ever
    "make lock": "make --dry-run lock | grep -- --generate-hashes",  # asks the network
}


def commands(text):
    """The commands of the bash fences: a line each, without comments and continuations; or with the text that it takes
    in (`cat > name <<'END'`)."""
    fences = [fence for _, fence in re.findall(r"^(````?)bash\n(.*?)^\1$", text, re.M | re.S)]
    found = []
    for fence in fences:
        lines = iter(fence.replace("\\\n", " ").splitlines())
        for line in lines:
            if takes_in := re.search(r"<<'(\w+)'$", line):
                taken = [line, *iter(lines.__next__, takes_in[1]), takes_in[1]]
                found.append("\n".join(taken))
            elif stripped := re.sub(r"\s+#.*|^#.*", "", line).strip():
                found.append(stripped)
    return found


def test_comments_and_continuations_are_taken_away():
    assert commands("```bash\nmake lab   # opens\nmake \\\n  test\n```\n```\nnot this\n```") == [
        "make lab",
        "make    test",
    ]


def test_a_text_that_a_command_takes_in_stays_as_it_is():
    taken = "cat > page.md <<'END'\n# not a comment\n```python\nx = 1   # nor this\n```\nEND"
    assert commands(f"````bash\n{taken}\nrm page.md\n````\n") == [taken, "rm page.md"]


@pytest.mark.skipif(os.name != "posix", reason="the pages speak to a POSIX shell")
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_page_runs(page, copy_of_repository):
    environment = {**os.environ, "CI": "1"}
    for name in ("MAKEFLAGS", "ARGS", "LESSON"):  # what `make test ARGS=…` was called with is not for these
        environment.pop(name, None)
    ran = []
    for command in commands((copy_of_repository / page).read_text(encoding="utf-8")):
        run = subprocess.run(
            ["bash", "-c", f"set -eo pipefail; {stand_in(command, copy_of_repository)}"],
            cwd=copy_of_repository,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        ran.append(command)
        assert run.returncode == 0, f"{page}: {command}\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}"
    assert ran


def stand_in(command, copy):
    if command.startswith("git clone "):
        home = tomllib.loads((copy / "course.toml").read_text(encoding="utf-8"))["home"]
        return f"test '{command.split()[-1]}' = '{home}'"
    return STAND_INS.get(command, command)


def test_every_stand_in_is_needed(repository):
    said = {command for page in PAGES for command in commands((repository / page).read_text(encoding="utf-8"))}
    assert set(STAND_INS) <= said


def test_every_make_target_in_a_text_exists(repository):
    targets = set(re.findall(r"^([a-z-]+):", (repository / "Makefile").read_text(), re.M))
    for page in PAGES:
        for target in re.findall(r"[`\n]make ([a-z-]+)", (repository / page).read_text(encoding="utf-8")):
            assert target in targets, f"{page} speaks of `make {target}`"


@pytest.mark.parametrize("page", TEXTS)
def test_every_link_within_the_repository_leads_somewhere(page, repository):
    text = (repository / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert ((repository / page).parent / target).exists(), f"{page}: {target}"


@pytest.mark.parametrize("page", TEXTS)
def test_every_picture_says_what_it_shows(page, repository):
    for alt, _ in re.findall(r"!\[(.*?)\]\((.*?)\)", (repository / page).read_text(encoding="utf-8")):
        assert len(alt) > 30
