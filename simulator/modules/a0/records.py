"""What an A0 reader says of tags: records of rounds, of its buffer and of accesses, ends of rounds.

FreqAnt holds the channel's index in bits 7-2 and the low two bits of the port (from 0). Ports 5-8
show by bit 7 of a byte that has it to spare: the RSSI, or the count of reads.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from simulator.modules.tag import TID, Tag, crc16

RSSI_ZERO_DBM = -129  # what an RSSI byte of 0 stands for
RSSI_MAX = 0x7F
COUNT_MAX = 0x7F
FAST_TID = 0x8D  # setting of command 8C: Impinj chips send EPC, CRC and TID as one
IMPINJ_TID = bytes.fromhex("E28011")
PHASE_MASK = 0x0FFF
PHASE_STEP = 97  # a still tag's phase from one channel to the next
NOISE_RECORD = bytes.fromhex("3000") + bytes(12) + bytes.fromhex("1B")  # as a reader logged it


@dataclass(frozen=True, slots=True)
class Sighting:
    """One read of a tag: what it sent, on which module port (from 1) and channel, how strongly."""

    pc_epc: bytes
    port: int
    frequency_index: int
    rssi_dbm: float

    @property
    def freq_ant(self) -> int:
        """Return the record's byte for channel and port."""
        return self.frequency_index << 2 | (self.port - 1) & 3

    @property
    def rssi(self) -> int:
        """Return the record's RSSI byte."""
        return max(0, min(RSSI_MAX, round(self.rssi_dbm) - RSSI_ZERO_DBM)) | high_port(self.port)

    def phase(self, noise: int) -> bytes:
        """Return the two bytes of phase: the tag's own, turning with the channel."""
        angle = zlib.crc32(self.pc_epc) + self.frequency_index * PHASE_STEP + noise
        return (angle & PHASE_MASK).to_bytes(2, "big")


def high_port(port: int) -> int:
    """Return the bit that tells ports 5-8 from 1-4."""
    return 0x80 if port > 4 else 0


def backscatter(tag: Tag, fast_tid: int) -> bytes:
    """Return PC and EPC as the reader takes them from the tag's answer.

    With FastTID an Impinj chip puts CRC and TID behind its EPC, and PC counts them in.
    """
    plain = tag.pc_epc()
    tid = tag.read(TID, 0, 0, secured=False)
    if fast_tid != FAST_TID or not tid.startswith(IMPINJ_TID):
        return plain
    longer = plain[2:] + crc16(plain).to_bytes(2, "big") + tid
    if len(longer) > 62:
        return plain
    return (len(longer) // 2 << 11 | tag.pc & 0x07FF).to_bytes(2, "big") + longer


def round_record(sighting: Sighting, phase: bytes = b"") -> bytes:
    """Return the data of a record of 89, 8A or 8B."""
    return bytes((sighting.freq_ant,)) + sighting.pc_epc + bytes((sighting.rssi,)) + phase


def noise_record(sighting: Sighting) -> bytes:
    """Return the record that noise makes: an EPC of zeros at a level below any tag's."""
    return bytes((sighting.freq_ant,)) + NOISE_RECORD


def round_end(port: int, reads: int, took_s: float) -> bytes:
    """Return the data of the frame that ends an 89 or 8B: port, reads a second, reads."""
    return bytes((port - 1,)) + _rate(reads, took_s) + reads.to_bytes(4, "big")


def switch_end(reads: int, took_s: float) -> bytes:
    """Return the data of the frame that ends an 8A: reads, milliseconds."""
    return reads.to_bytes(3, "big") + round(took_s * 1000).to_bytes(4, "big")


def buffer_end(port: int, tags: int, reads: int, took_s: float) -> bytes:
    """Return the data of the frame that ends an 80: port, tags in the buffer, rate, reads."""
    head = bytes((port - 1,)) + tags.to_bytes(2, "big")
    return head + _rate(reads, took_s) + reads.to_bytes(4, "big")


def buffer_record(sighting: Sighting, tags: int, reads: int) -> bytes:
    """Return the data of one frame of 90 or 91."""
    return (
        _identified(sighting, tags) + bytes((sighting.rssi & RSSI_MAX,)) + _where(sighting, reads)
    )


def read_record(sighting: Sighting, tags: int, data: bytes) -> bytes:
    """Return the data of one frame of 81: the tag, what was read, its length."""
    return _identified(sighting, tags, data) + bytes((len(data),)) + _where(sighting, 1)


def access_record(sighting: Sighting, tags: int, code: int) -> bytes:
    """Return the data of one frame of 82, 83, 84 or 94: the tag and what became of it."""
    return _identified(sighting, tags) + bytes((code,)) + _where(sighting, 1)


def _identified(sighting: Sighting, tags: int, data: bytes = b"") -> bytes:
    answer = sighting.pc_epc + crc16(sighting.pc_epc).to_bytes(2, "big") + data
    return tags.to_bytes(2, "big") + bytes((len(answer),)) + answer


def _where(sighting: Sighting, reads: int) -> bytes:
    count = min(reads, COUNT_MAX) | high_port(sighting.port)
    return bytes((sighting.freq_ant, count))


def _rate(reads: int, took_s: float) -> bytes:
    return min(0xFFFF, round(reads / took_s) if took_s > 0 else 0).to_bytes(2, "big")
