"""What an emulated module counts, for tests that must know what went out."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass
class Stats:
    """Counters since the module was made; taking its power away does not reset them.

    A notice counts in `notices_sent` once all its bytes were handed to a client's transport,
    undamaged. `damaged_frames` were hit by a fault; `unheard_frames` left while no client was
    connected; `overrun_frames` a client did not take in time; `dropped_frames` found the UART's
    queue full. Of the host's bytes, `bad_checksums` are frames ignored for their checksum and
    `lost_commands` came while too many others waited for the radio.
    """

    notices_sent: int = 0
    frames_sent: int = 0
    bytes_sent: int = 0
    damaged_frames: int = 0
    unheard_frames: int = 0
    overrun_frames: int = 0
    dropped_frames: int = 0
    bad_checksums: int = 0
    lost_commands: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the counters by name."""
        return asdict(self)
