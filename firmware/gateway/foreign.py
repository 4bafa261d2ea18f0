"""The filter before everything else: tags that are not the school's leave no trace."""


class Filter:
    """Matches EPCs by hexadecimal prefix; no prefix accepts all. `accepts` allocates nothing."""

    def __init__(self, prefixes=()):
        self.accept_only(prefixes)

    def accept_only(self, prefixes):
        """Take these prefixes (an odd number of digits matches half of the last byte)."""
        self._whole = tuple(bytes.fromhex(digits[: len(digits) // 2 * 2]) for digits in prefixes)
        self._half = tuple(
            int(digits[-1], 16) << 4 if len(digits) % 2 else -1 for digits in prefixes
        )

    def accepts(self, buf, start, length):
        """Whether the EPC `buf[start:start + length]` has one of the prefixes."""
        whole = self._whole
        if not whole:
            return True
        for at in range(len(whole)):
            prefix = whole[at]
            half = self._half[at]
            size = len(prefix)
            if size + (half >= 0) > length:
                continue
            same = 0
            while same < size and buf[start + same] == prefix[same]:
                same += 1
            if same == size and (half < 0 or buf[start + size] & 0xF0 == half):
                return True
        return False
