"""Which EPC a school's tag gets: GIAI-96, numbered below the school's own prefix. Pure.

Source of the scheme: GS1 EPC Tag Data Standard, GIAI-96. Of its 96 bits 8 are the header 34, 3 the
filter, 3 the partition, which says how the other 82 are shared between GS1 company prefix and
individual asset reference. References are numbers without leading zeros.
"""

from collections.abc import Collection, Iterable
from itertools import count

import msgspec
from epcpy.epc_schemes.giai import GIAI, GIAIFilterValue
from epcpy.utils.common import ConvertException
from epcpy.utils.parsers import hex_to_tag_encodable

_HEADER = 0x34
_BITS = 96
_FIXED = 14  # header, filter, partition
_PREFIX_BITS = (40, 37, 34, 30, 27, 24, 20)  # by partition; the company prefix's digits: 12 to 6


class NoNumbering(ValueError):
    """The school's prefixes do not say how its tags are numbered; the text says what is missing."""


class Numbering(msgspec.Struct, frozen=True):
    """A company prefix and the references that keep to the school's own EPC prefix."""

    company_prefix: str
    filter_value: int
    zero: int  # the EPC whose asset reference is 0, as a number
    lowest: int
    highest: int

    def epc(self, reference: int) -> str:
        """The EPC with this asset reference, in hex.

        Raises:
            NoNumbering: GS1 does not allow such a number.
        """
        giai = GIAI(f"urn:epc:id:giai:{self.company_prefix}.{reference}")
        scheme = GIAI.BinaryCodingScheme.GIAI_96
        chosen = GIAIFilterValue(str(self.filter_value))
        try:
            giai.tag_uri(binary_coding_scheme=scheme, filter_value=chosen)  # `hex` checks nothing
        except ConvertException as error:
            raise NoNumbering(f"GIAI-96 has no asset reference {reference}: {error}") from error
        return str(giai.hex(binary_coding_scheme=scheme, filter_value=chosen)).upper()

    def reference(self, epc: str) -> int | None:
        """The asset reference of an EPC of this numbering, None for any other."""
        if len(epc) * 4 != _BITS:
            return None
        reference = int(epc, 16) - self.zero
        return reference if self.lowest <= reference <= self.highest else None


def numbering_of(prefixes: Iterable[str]) -> Numbering:
    """The numbering of the first EPC prefix (hex) that holds a whole GIAI-96 company prefix.

    Raises:
        NoNumbering: none does.
    """
    for prefix in prefixes:
        found = _numbering(prefix)
        if found is not None:
            return found
    raise NoNumbering(
        "the school's epc_prefixes hold no company prefix of GIAI-96 (header 34); give --epc"
    )


def choose_epc(
    numbering: Numbering, asset_tag: str | None, taken: Collection[str], own: str | None = None
) -> str:
    """The EPC for a new tag: numbered as the asset tag where that fits, else with the next number.

    `taken` are all EPCs already given; the next number is one above the highest among them,
    because one that is free again may still stand on a tag somewhere. `own` is the one that the
    device has: a new sticker on it is numbered as its asset tag again.

    Raises:
        NoNumbering: no number is left.
    """
    if asset_tag is not None and _is_reference(asset_tag):
        reference = int(asset_tag)
        if numbering.lowest <= reference <= numbering.highest:
            epc = numbering.epc(reference)
            if epc == own or epc not in taken:
                return epc
    references = map(numbering.reference, taken)
    used = {reference for reference in references if reference is not None}
    following = max([numbering.lowest - 1, *used]) + 1
    if following > numbering.highest:  # somebody began at the top
        following = next(n for n in count(numbering.lowest) if n not in used)
    if following > numbering.highest:
        raise NoNumbering("no number is left below the school's EPC prefix; give --epc")
    return numbering.epc(following)


def uri_of(epc: str) -> str:
    """The EPC as a URI: its identity where its scheme is known, else its bits as they are."""
    try:
        return str(hex_to_tag_encodable(epc).epc_uri)
    except (ConvertException, ValueError):
        return f"urn:epc:raw:{len(epc) * 4}.x{epc}"


def _numbering(prefix: str) -> Numbering | None:
    bits = len(prefix) * 4
    value = int(prefix, 16) << max(_BITS - bits, 0)
    partition = value >> (_BITS - _FIXED) & 7
    if bits > _BITS or value >> (_BITS - 8) != _HEADER or partition >= len(_PREFIX_BITS):
        return None
    company_bits = _PREFIX_BITS[partition]
    reference_bits = _BITS - _FIXED - company_bits
    free = min(_BITS - bits, reference_bits)
    if bits < _FIXED + company_bits:
        return None
    digits = 12 - partition
    company = value >> reference_bits & ((1 << company_bits) - 1)
    if company >= 10**digits:
        return None
    lowest = value & ((1 << reference_bits) - 1)
    return Numbering(
        company_prefix=str(company).zfill(digits),
        filter_value=value >> (_BITS - 11) & 7,
        zero=value - lowest,
        lowest=max(lowest, 1),
        highest=lowest + (1 << free) - 1,
    )


def _is_reference(text: str) -> bool:
    """Whether it is a number that can be read back as it was: no sign, no leading zero."""
    return text.isascii() and text.isdecimal() and not text.startswith("0")
