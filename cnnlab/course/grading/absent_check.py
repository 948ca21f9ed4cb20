"""What `from cnnlab import check` finds in the sandbox: checks that do nothing. The judge checks from outside."""


def ask(*args, **kwargs):
    return None


def __getattr__(name):
    if name.startswith("__") or name in ("plain", "subject", "timelimit", "verbs", "measuring"):  # they are really here
        raise AttributeError(name)
    return lambda *args, **kwargs: None
