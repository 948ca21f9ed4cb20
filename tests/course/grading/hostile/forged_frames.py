"""Attacks on the pipe: frames of the submission's own on every descriptor that it inherits."""

from tests.course.grading.hostile import attack

FRAME = """
import json, os, struct

def frame(tree, body=b""):
    header = json.dumps(tree).encode()
    return struct.pack(">4sII", b"CNN1", len(header), len(body)) + header + body

def answer(number, value, **more):
    fields = {"id": number, "value": value, "args": {"t": []}, "trouble": None, "warnings": {"t": []}, "printed": "",
              "name": "x", **more}
    return frame({"d": [list(pair) for pair in fields.items()]})

def everywhere(data):
    for fd in range(64):
        try: os.write(fd, data)
        except OSError: pass
"""


@attack
def a_verdict_on_every_descriptor(nb):
    """Writes {"passed": true, "points": 1000} to every descriptor: there is no such message."""
    nb.count("return 0", FRAME + 'everywhere(frame({"d": [["id", 2], ["passed", True], ["points", 1000]]}))')


@attack
def answers_ahead_of_time(nb):
    """Answers the next hundred questions before they are asked: the answers do not know the questions."""
    nb.count("return 0", FRAME + "everywhere(b''.join(answer(n, 8) for n in range(1, 100)))")


@attack
def every_number_for_one_question(nb):
    """Answers one question with a thousand different numbers: the first one counts, and the rest end the worker."""
    nb.count("return 0", FRAME + "everywhere(b''.join(answer(3, n) for n in range(1000)))")


@attack
def garbage(nb):
    """Writes bytes that are no frame: the worker is lost, not the judge."""
    nb.count("return 0", FRAME + "everywhere(bytes(range(256)) * 40)")


@attack(slow=True)
def a_head_without_a_body(nb):
    """Announces 60 MB and sends nothing: the deadline holds."""
    nb.count("return 0", FRAME + 'everywhere(struct.pack(">4sII", b"CNN1", 20, 60 << 20)); import time; time.sleep(60)')


@attack
def four_gigabytes_announced(nb):
    """Announces a frame of 4 GB, for the judge to take memory: refused by its length."""
    nb.count("return 0", FRAME + 'everywhere(b"CNN1" + b"\\xff" * 8)')


@attack
def a_giant_array_of_nothing(nb):
    """Sends an array of shape (0, 2^26, 2^26) and one of 2^60 numbers, with no bytes."""
    nb.count(
        "array = {'a': ['float64', [0, 1 << 26, 1 << 26], 'numpy']}\n"
        "everywhere(frame({'d': [['id', 3], ['value', array]]}))\nreturn 0",
        FRAME,
    )


@attack
def keys_that_collide(nb):
    """Sends a dict of 20,000 keys with the same hash, to keep the judge busy: such keys are refused."""
    body = """
        pairs = [[n * (2**61 - 1), 1] for n in range(20000)]
        for n in range(2, 12): everywhere(frame({"d": [["id", n], ["value", {"d": pairs}]]}))
        return 0
    """
    nb.count(body, FRAME)


@attack
def a_pickle_in_a_frame(nb):
    """Sends a pickle that would run a command when loaded: nothing is unpickled."""
    nb.count(
        "everywhere(struct.pack('>4sII', b'CNN1', 0, len(evil)) + evil)\nreturn 0",
        FRAME
        + "import pickle\nclass E:\n  def __reduce__(self): return os.system, ('touch /tmp/cnnlab-hostile-was-here',)\n"
        "evil = pickle.dumps(E())",
    )


@attack
def callbacks_that_were_not_offered(nb):
    """Calls functions of the judge's by number: none were offered."""
    nb.count(
        "call = [['callback', 0], ['args', {'t': [1]}]]\n"
        "everywhere(b''.join(frame({'d': [['id', n], *call]}) for n in range(20)))\nreturn 0",
        FRAME,
    )


@attack
def a_trouble_that_says_passed(nb):
    """Sends a trouble of a kind of its own, and one whose fields are objects."""
    nb.count(
        "everywhere(answer(3, 0, trouble={'d': [['kind', 'passed'], ['points', 5]]}))\nreturn 0",
        FRAME,
    )


@attack
def requests_read_ahead(nb):
    """Reads the judge's requests off the pipe itself, to answer all of them with the number of bytes."""
    body = """
        import threading
        def listen(fd):
            try:
                while data := os.read(fd, 1 << 16): everywhere(answer(data.count(b"id"), len(data)))
            except OSError: pass
        for fd in range(64): threading.Thread(target=listen, args=(fd,), daemon=True).start()
        return 0
    """
    nb.count(body, FRAME)


@attack
def all_descriptors_closed(nb):
    """Closes every descriptor, the pipe's too: its own worker is lost."""
    nb.count("return 0", "import os\nos.closerange(0, 64)")


@attack
def ready_again(nb):
    """Says that it is ready, as a fresh worker does, and that it failed."""
    nb.count("everywhere(frame({'d': [['ready', True]]}) + frame({'d': [['failed', 'x']]}))\nreturn 0", FRAME)


@attack
def a_line_of_a_thousand_digits(nb):
    """Says that errors stand in a line whose number has a thousand digits: no cell has so many."""
    nb.add("""
        import wire
        honest = wire.encode
        trouble = {"kind": "raised", "error": "E", "message": "m", "line": int("9" * 1200)}
        wire.encode = lambda message, layouts=False: honest({**message, "trouble": trouble})
        """)


@attack
def an_answer_that_is_a_callback(nb):
    """Answers with a function of the judge's, by number: those go from the judge to the worker alone."""
    nb.wrong()
    nb.add("""
        import wire
        honest = wire.encode

        def encode(message, layouts=False):
            return honest({**message, "value": [1, 2, 3]}).replace(b'"l":[1,2,3]', b'"c":     0 ')

        wire.encode = encode
        """)
