"""A gateway's own settings, as the JSON file that the firmware reads at its start."""

import msgspec

from edge.contracts.wire import ReaderConfig


class GatewayMqtt(msgspec.Struct, frozen=True, omit_defaults=True):
    """The gateway's broker; with `ca`, the path of a DER certificate, over TLS."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    ca: str | None = None


class GatewaySettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who a gateway is, its broker and readers.

    What is None comes as `config`, or from the firmware; `power_dbm` by antenna number.
    """

    id: str
    site: str
    mqtt: GatewayMqtt
    readers: list[ReaderConfig]
    region: str | None = None
    power_dbm: dict[str, float] | None = None
    epc_prefixes: list[str] | None = None
    update_key: str | None = None
    led: int | str | None = None  # a plain LED's pin, or ws2812:PIN
