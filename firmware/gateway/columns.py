"""Preallocated columns of small integers: state that never touches the heap again."""

from array import array


def column(code, length, value=0):
    """An array of `length` integers of type `code` ('B', 'H', 'I', 'h'), all `value`."""
    made = array(code, bytes(length * _SIZES[code]))
    if value:
        for i in range(length):
            made[i] = value
    return made


_SIZES = {"B": 1, "H": 2, "h": 2, "I": 4}
