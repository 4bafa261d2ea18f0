"""The module families there are drivers for.

A driver is loaded when a reader asks for it: a board has no memory to spare for the others.
"""

_DRIVERS = {
    "m100": ("drivers.m100.driver", "M100"),
    "m100-aa": ("drivers.m100.driver", "M100"),  # it finds out which framing the module speaks
    "m6e": ("drivers.m6e.driver", "M6e"),
    "a0": ("drivers.a0.driver", "A0"),
    "uhfreader18": ("drivers.uhfreader18.driver", "UhfReader18"),
}
NAMES = tuple(sorted(_DRIVERS))


def driver_of(family):
    """The driver's class; raises KeyError for a family that is none of `NAMES`."""
    module, name = _DRIVERS[family]
    return getattr(__import__(module, None, None, [name]), name)
