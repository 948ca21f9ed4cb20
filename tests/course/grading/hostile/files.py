"""Attacks on files: solutions, gradebook, other submissions, the course's code, and the disk itself."""

from tests.course.grading.hostile import LEFT_BEHIND, attack

UP = ["../../..", "../..", "..", ".", "/course"]


@attack
def solution_copied(nb):
    """Runs the code cells of ../../solutions: no such folder in the sandbox."""
    nb.wrong()
    nb.add(f"""
        import glob, json
        for up in {UP}:
            here = [glob.glob(f"{{up}}/{{n}}/**/*.ipynb", recursive=True) for n in ("solutions", "source")]
            for file in sum(here, []):
                stolen = [c["source"] for c in json.load(open(file))["cells"] if c["cell_type"] == "code"]
                stolen = ["".join(s) for s in stolen]
    """)
    for name in ("count_parameters_dense", "diagonal_edge_kernel", "cross_correlate2d"):
        source = nb.cell(name)["source"]
        nb.solve(name, f"{source}\nfor s in globals().get('stolen', []):\n    if s.startswith('def {name}'): exec(s)")


@attack
def gradebook_rewritten(nb):
    """Three lines of sqlite3 that set every score in gradebook.db to the maximum: no such file in the sandbox."""
    nb.wrong()
    nb.add(f"""
        import glob, sqlite3
        for up in {UP}:
            for file in glob.glob(up + "/gradebook.db"):
                base = sqlite3.connect(file)
                base.execute("create trigger if not exists gift after insert on grade "
                             "begin update grade set manual_score = 100; end")
                base.execute("update grade set manual_score = 100, auto_score = 100")
                base.commit(); base.close()
    """)


@attack
def another_students_work(nb):
    """Reads the submissions of others and runs what they wrote."""
    nb.wrong()
    nb.add(f"""
        import glob, json
        for up in {UP}:
            for file in glob.glob(up + "/submitted/*/*/*.ipynb") + glob.glob(up + "/autograded/*/*/*.ipynb"):
                for cell in json.load(open(file))["cells"]:
                    if "manual_score" in "".join(cell["source"]): raise SystemExit
                    print("".join(cell["source"]))
    """)


@attack
def something_for_the_next_one(nb):
    """Leaves a file in every folder that can be written: all of them end with the sandbox."""
    nb.wrong()
    nb.add(f"""
        import os, sys
        for folder in ["/", "/dev", "/dev/shm", "/tmp", "/var/tmp", "/root", "/home", os.getcwd(), *{UP}, *sys.path]:
            try: open(os.path.join(folder, "{LEFT_BEHIND}"), "w").write("x")
            except OSError: pass
    """)


@attack
def the_course_patched_on_disk(nb):
    """Appends to the checks' own files, for everybody who is graded later."""
    nb.wrong()
    nb.add(f"""
        import sys
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None) or ""
            if "cnnlab" in file or "worker" in file or "wire" in file:
                try: open(file, "a").write("\\n# {LEFT_BEHIND}\\n")
                except OSError: pass
    """)


@attack
def start_up_file_planted(nb):
    """Plants a .pth file and a usercustomize.py, to be run by the next Python."""
    nb.wrong()
    nb.add(f"""
        import os, site, sys
        for folder in [site.getusersitepackages(), *[p for p in sys.path if "packages" in p or "site" in p]]:
            try:
                os.makedirs(folder, exist_ok=True)
                open(folder + "/{LEFT_BEHIND}.pth", "w").write("import this")
            except OSError: pass
    """)


@attack(stock="would fill the disk")
def disk_filled(nb):
    """Writes files until it can not: the sandbox's own 80 MB are full, nothing else."""
    nb.wrong()
    nb.add("""
        data = b"x" * (8 << 20)
        for k in range(200):
            for folder in ("/tmp", "/dev/shm", "/dev", "."):
                try: open(f"{folder}/cnnlab-hostile-was-here-{k}", "wb").write(data)
                except OSError: pass
    """)


@attack(stock="would fill the disk")
def a_hundred_thousand_files(nb):
    """Makes empty files without end, which cost memory of the kernel's."""
    nb.wrong()
    nb.add("""
        import os, time
        end = time.time() + 2
        k = 0
        while time.time() < end:
            k += 1
            try: os.close(os.open(f"/tmp/{k}", os.O_CREAT | os.O_WRONLY))
            except OSError: break
    """)


@attack
def results_kept_from_run_to_run(nb):
    """Keeps a counter in a file, to answer otherwise when it is graded again."""
    nb.count("""
        import os
        file = os.path.expanduser("~/cnnlab-hostile-was-here")
        number = int(open(file).read()) if os.path.exists(file) else 0
        open(file, "w").write(str(number + 1))
        return 8 if number else 0
    """)


@attack
def files_outside_by_descriptor(nb):
    """Uses inherited descriptors to reach folders outside, by openat and fchdir."""
    nb.count("""
        import os
        for fd in range(64):
            try:
                os.fchdir(fd)
                return len(os.listdir("."))
            except OSError: pass
        return 0
    """)


@attack
def mounts(nb):
    """Mounts, unshares and pivots, to see the machine's own files: refused by the kernel."""
    nb.count("""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        said = [libc.unshare(0x10000000), libc.unshare(0x20000), libc.mount(b"none", b"/tmp", b"proc", 0, None)]
        return 8 if 0 in said else 0
    """)
