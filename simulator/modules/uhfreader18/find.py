"""How a UHFReader finds the tag that a command is for, and what it knows of its antennas."""

from __future__ import annotations

from simulator.modules.field import TagAnswer
from simulator.modules.inventory import Query
from simulator.modules.select import Select
from simulator.modules.transmitter import Transmitter
from simulator.modules.uhfreader18.frames import Status, demand
from simulator.modules.uhfreader18.settings import BANDS, Settings

TRIES = 3  # rounds on each antenna
Q = 4
ANTENNA_LOSS_DB, OPEN_LOSS_DB = 18, 3  # a good antenna, and a port without any


def find_tag(
    radio: Transmitter, settings: Settings, select: Select | None, at_s: float, *, writing: bool
) -> tuple[TagAnswer | Status, float]:
    """Return the first tag that answers on the antennas in turn, and when it did; else why there
    is none, no tag or one too weak to be understood, and when the search was over."""
    selects = () if select is None else (select,)
    query = Query(0, False, 3 if selects else 0, Q)
    channels = settings.frequencies()
    weak = False
    for port in settings.ports:
        power_dbm = settings.power(port, writing=writing)
        for _ in range(TRIES):
            current = radio.round(port, query, selects, power_dbm, channels, at_s)
            at_s = current.end_s
            if current.reads:
                read_s, answer = current.reads[0]
                current.cut(read_s)
                answer.tag.inventoried(query.session, read_s)
                return answer, read_s
            weak |= any(
                not answer.heard and answer.tag.takes_part(query.session, False, query.sel)
                for answer in current.powered
            )
    return (Status.POOR_LINK if weak else Status.NO_TAG), at_s


def return_loss(radio: Transmitter, ports: int, data: bytes) -> bytes:
    """Return dB for a frequency (kHz, four bytes) and an antenna (from 0); behind a delay byte
    also the detector's own word. Raises `CommandError`."""
    demand(len(data) in (5, 6), Status.LENGTH)
    mhz, antenna = int.from_bytes(data[:4], "big") / 1000, data[4] & 0x7F
    edges = [
        band.first_mhz + channel * band.step_mhz
        for band in BANDS.values()
        for channel in (0, band.channels)
    ]
    demand(antenna < ports and min(edges) - 1 <= mhz <= max(edges) + 1)
    loss = ANTENNA_LOSS_DB if radio.connected(antenna + 1) else OPEN_LOSS_DB
    return bytes((loss,)) + (bytes((0, loss * 10)) if len(data) == 6 else b"")
