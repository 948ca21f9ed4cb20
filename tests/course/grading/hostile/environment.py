"""Attacks on what surrounds the process: variables, home, arguments, installed tools."""

from tests.course.grading.hostile import attack


@attack
def secrets_in_the_environment(nb):
    """Prints all environment variables, the grading secret among them: they are cleared."""
    nb.count("import os\nprint(sorted(os.environ.items()))\nreturn 0")


@attack
def environment_of_the_parent(nb):
    """Reads /proc/1/environ and that of the parent, and the environment block in memory."""
    nb.count("""
        import ctypes, os
        for pid in (1, os.getppid(), os.getpid()):
            try: print(open(f"/proc/{pid}/environ").read())
            except OSError: pass
        environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
        k = 0
        while environ[k]:
            print(environ[k]); k += 1
        return 0
    """)


@attack
def home_and_keys(nb):
    """Prints what lies in the home folder, keys and tokens first."""
    nb.count("""
        import os
        for home in ("~", "/root", "/home"):
            for folder, _, files in os.walk(os.path.expanduser(home)):
                if ".pyenv" in folder or "python" in folder: continue
                for file in files:
                    if file in ("secret", ".netrc", ".bash_history", "id_rsa", "id_ed25519", ".env", "gradebook.db"):
                        print(open(os.path.join(folder, file), errors="replace").read())
        return 0
    """)


@attack
def nbgraders_own_api(nb):
    """Uses nbgrader's API to give itself points: it is not installed in the sandbox."""
    nb.wrong()
    nb.add("""
        from nbgrader.api import Gradebook
        for file in ("gradebook.db", "../gradebook.db", "../../../gradebook.db"):
            with Gradebook(f"sqlite:///{file}") as book:
                for submission in book.assignment_submissions("01_convolution"):
                    for notebook in submission.notebooks:
                        for grade in notebook.grades: grade.manual_score = 100
                book.db.commit()
    """)


@attack
def packages_that_the_lesson_lacks(nb):
    """Has SciPy do the work, which this lesson's list does not have: there is none in the sandbox."""
    nb.correlate("""
        from scipy.signal import correlate2d
        return correlate2d(image.astype(float), kernel.astype(float), mode="valid")
    """)


@attack
def arguments_of_the_process(nb):
    """Prints the arguments, paths and descriptors that the process was started with."""
    nb.count("""
        import os, sys
        print(sys.argv, sys.orig_argv, sys.path, os.getcwd(), os.uname())
        for fd in range(20):
            try: print(fd, os.fstat(fd))
            except OSError: pass
        return 0
    """)


@attack
def settings_of_the_grader(nb):
    """Writes an IPython profile and an nbgrader_config.py, for the next start of either."""
    nb.wrong()
    nb.add("""
        import os
        for place in ("~/.ipython/profile_default/startup", "~/.jupyter", "."):
            folder = os.path.expanduser(place)
            os.makedirs(folder, exist_ok=True)
            open(folder + "/cnnlab-hostile-was-here.py", "w").write("import builtins; del builtins.AssertionError")
    """)
