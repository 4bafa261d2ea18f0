"""The products of the M6e family, and the oddities that any of them may show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

NO_REGION = 0

QUIRKS = {
    "antenna-missing": "nothing is at its antenna port: RF commands fail with 0503",
    "boot-message": "sends the 04 message by itself when it gets power",
    "brown-out": "a weak supply: above 5 dBm it resets after 0.3 s on the air",
    "lost-reply": "every hundredth (or NUMBERth) reply to a search or an access is missing",
    "m7e": "M7E Hecto: other versions, region 01 accepted, reading demands metadata",
    "multiplexer": "16 antenna ports behind a multiplexer on its GPIO pins",
    "mute": "stops answering 5 (or NUMBER) seconds after its first command, until power goes",
    "over-temperature": "is too hot (0504) after 60 (or NUMBER) seconds on the air",
    "resets": "resets by itself every 30 (or NUMBER) seconds: baud and settings lost, 04 sent",
    "return-loss": "high return loss (0505) at once, or after NUMBER seconds on the air",
    "silion": "Silion SIM7100: 91 with an option, streaming by opcode AA",
    "slow-boot": "hears nothing for 650 ms after the first byte",
    "still-streaming": "streams already when the host comes, which has reset alone",
    "temperature-always": "streams temperature records that the host did not ask for",
}
MULTIPLEXED_PORTS = 16


@dataclass(frozen=True, slots=True)
class Model:
    """One product of the family.

    `version` is the answer to 03: boot loader, hardware, firmware date, firmware, protocols.
    `program` is what "current program" answers besides its low bits. `metadata_needed`: its 28
    demands the metadata option. `silion`: 91 begins with an option, streaming is opcode AA.
    """

    version: bytes
    hardware: bytes
    regions: bytes
    product_id: int = 0x11
    program: int = 0x50
    max_power: int = 2700
    ports: int = 1
    first_region: int = NO_REGION
    metadata_needed: bool = False
    silion: bool = False

    def with_ports(self, ports: int) -> Model:
        """Return the model behind a multiplexer."""
        return replace(self, ports=ports)


NANO = Model(
    bytes.fromhex("14120800 30000002 20161213 01070102 00000010"),
    bytes.fromhex("00404012 343531363030363737303131333033323441"),
    bytes.fromhex("0d0e04050608090b0cff"),
)
HECTO = Model(
    bytes.fromhex("16042100 38000001 20230417 02010105 00000010"),
    bytes.fromhex("00404010 37453233303430303137303230343241"),
    bytes.fromhex("01020405060708090a0b0c0d0e0fff"),
    product_id=0x13,
    metadata_needed=True,
)
SILION = Model(
    bytes.fromhex("13041500 a8000001 20130522 13052300 00000010"),
    bytes.fromhex("20180612 0000000000012345"),
    bytes.fromhex("0106080aff"),
    program=0x10,
    max_power=3000,
    first_region=0x01,
    silion=True,
)


def choose_model(quirks: Mapping[str, float]) -> Model:
    """Return the product that the quirks name: an M6e Nano, if none."""
    chosen = NANO
    if "m7e" in quirks:
        chosen = HECTO
    if "silion" in quirks:
        chosen = SILION
    return chosen.with_ports(MULTIPLEXED_PORTS) if "multiplexer" in quirks else chosen
