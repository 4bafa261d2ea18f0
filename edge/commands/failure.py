"""How a command says that it failed: one line on stderr, exit status 1."""


class Failure(Exception):
    """A failure told to the user in one clear line: what, where and what to do."""
