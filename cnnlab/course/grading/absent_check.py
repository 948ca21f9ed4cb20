"""What `from cnnlab import check` finds in the sandbox: checks that do nothing. The judge checks from outside."""


def ask(*args, **kwargs):
    return None


def __getattr__(name):
    really_here = ("plain", "subject", "timelimit", "verbs", "measuring", "copies")
    if name.startswith("__") or name in really_here:
        raise AttributeError(name)
    return lambda *args, **kwargs: None
