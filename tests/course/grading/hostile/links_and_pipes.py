"""Attacks with what is no file: links and pipes in place of the notebook's folder, or beside the notebook."""

import os

from tests.course.grading.hostile import FILE, attack

SOLUTION = f"../../../solutions/01_convolution/{FILE}"


def beside(nb, name, make):
    """Wrong answers, and beside them what `make(path)` makes."""
    nb.wrong()

    def put(path):
        nb.write(path)
        make(path.with_name(name))

    nb.put = put


@attack
def a_link_to_the_gradebook_beside(nb):
    """A link to gradebook.db beside the notebook, to be copied into autograded/ and handed back with the feedback."""
    beside(nb, "data.txt", lambda path: path.symlink_to("../../../gradebook.db"))


@attack
def a_link_to_the_solution_beside(nb):
    """A link to the instructor's solution beside the notebook, for the same."""
    beside(nb, "data.bin", lambda path: path.symlink_to(SOLUTION))


@attack(stock="would fill the disk")
def a_link_to_endless_zeros_beside(nb):
    """A link to /dev/zero beside the notebook: whoever copies it fills the disk."""
    beside(nb, "data.bin", lambda path: path.symlink_to("/dev/zero"))


@attack
def a_pipe_beside(nb):
    """A named pipe beside the notebook, on which whoever copies it waits for ever."""
    beside(nb, "data.bin", os.mkfifo)


@attack
def a_pipe_for_the_time(nb):
    """A named pipe that is called timestamp.txt, and is asked for the time before anything is graded."""
    beside(nb, "timestamp.txt", os.mkfifo)


@attack(stock="would take the machine's memory")
def endless_zeros_for_the_time(nb):
    """timestamp.txt as a link to /dev/zero."""
    beside(nb, "timestamp.txt", lambda path: path.symlink_to("/dev/zero"))


@attack
def the_solution_for_the_secret_word(nb):
    """submission_secret.txt, which is copied so that feedback finds its way, as a link to the gradebook."""
    beside(nb, "submission_secret.txt", lambda path: path.symlink_to("../../../gradebook.db"))


@attack
def a_link_in_place_of_the_folder(nb):
    """The lesson's folder as a link to the one with the solutions: 6 points for the solution, were it followed."""

    def put(path):
        path.parent.rmdir()
        path.parent.symlink_to("../../solutions/01_convolution")

    nb.put = put


@attack
def a_folder_of_links(nb):
    """A folder beside the notebook that is full of links, some of which lead round in circles."""

    def make(path):
        path.mkdir()
        for k in range(50):
            (path / f"up-{k}").symlink_to("..")
        (path / "gradebook.txt").symlink_to("../../../../gradebook.db")

    beside(nb, "data", make)
