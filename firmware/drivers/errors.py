"""The errors a reader raises; the class says what can be done about it."""


class ReaderError(Exception):
    """Something is wrong with a reader; the subclass says what can be done about it."""


class LinkLost(ReaderError):
    """The port is gone or the module is mute: close, wait, open again."""


class WrongAnswer(ReaderError):
    """The module answered, but not what was asked: the setting is not known to hold."""


class ModuleFault(ReaderError):
    """The module refused: `code` is its own number, `name` says it in words."""

    def __init__(self, doing, code, name):
        super().__init__("{}: module error {:02X}, {}".format(doing, code, name))
        self.code = code
        self.name = name


class TagFault(ReaderError):
    """A tag, not the module, refused or did not answer a tag command."""

    def __init__(self, doing, code, name):
        super().__init__("{}: tag error {:02X}, {}".format(doing, code, name))
        self.code = code
        self.name = name


class NotSupported(ReaderError):
    """This family cannot do what the settings ask; only other settings help."""
