"""Settings: the gateway's own file, and the retained `config` that may change some of them.

Everything is checked before anything is applied; one bad field refuses the whole.
"""

import hashlib

from drivers.families import NAMES, driver_of
from drivers.reader import Radio

from gateway.strict_json import parse_object

_ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"
_HEX_DIGITS = "0123456789abcdefABCDEF"
_REGIONS = ("US", "EU", "CN", "IN", "JP", "KR", "AU")
_MOST_PREFIXES = 16  # each costs a comparison for every tag
_MOST_READERS = 2
_MOST_ANTENNA = 31  # what the coalescer's tables are made for


class BadSettings(ValueError):
    """Settings that cannot be used; the text names the field and what is wrong."""


class ReaderSettings:
    """One module: its family, its port's address, the antennas it has."""

    def __init__(self, family, port, antennas):
        self.family = family
        self.port = port
        self.antennas = antennas


class Settings:
    """The gateway's own file, checked. `mqtt` is (host, port, user, password, ca or None)."""

    def __init__(
        self, gateway, site, mqtt, readers, radio, broker_confirms, led=None, update_key=None
    ):
        self.gateway = gateway
        self.site = site
        self.mqtt = mqtt
        self.readers = readers
        self.radio = radio
        self.broker_confirms = broker_confirms
        self.led = led  # a plain LED's pin, `ws2812:PIN`, or None
        self.update_key = update_key  # bytes that updates are sealed with, or None

    @property
    def antennas(self):
        return [antenna for reader in self.readers for antenna in reader.antennas]


def parse_settings(payload):
    """Settings from the gateway's own JSON file. Raises BadSettings."""
    fields = _object(payload)
    readers = _readers(fields.get("readers"))
    confirm = fields.get("confirm", "agent")
    if confirm not in ("agent", "broker"):
        raise BadSettings('confirm: {} is neither "agent" nor "broker"'.format(confirm))
    return Settings(
        _id(fields, "id"),
        _id(fields, "site"),
        _mqtt(fields.get("mqtt")),
        readers,
        parse_radio(fields, readers, Radio()),
        confirm == "broker",
        _led(fields.get("led")),
        update_key=_key(fields.get("update_key")),
    )


def parse_config(payload, readers, before):
    """(Radio, hash) from a retained `config`; what it leaves out stays as `before` has it.

    The hash is what `status.config` says: 16 hex digits of the SHA-256 of the payload as it
    came. Raises BadSettings.
    """
    fields = _object(payload)
    fields.setdefault("desk", [])  # what is no desk any more reads no foreign tag
    return parse_radio(fields, readers, before), config_hash(payload)


def config_hash(payload):
    """First 16 hex digits of the SHA-256 of a payload."""
    digest = hashlib.sha256(payload).digest()
    return "".join("{:02x}".format(byte) for byte in digest[:8])


def parse_radio(fields, readers, before):
    """The Radio that `fields` ask for, for these readers. Raises BadSettings."""
    region = fields.get("region", before.region)
    if region is not None:
        if region not in _REGIONS:
            raise BadSettings("region: {} is none of {}".format(region, " ".join(_REGIONS)))
        for reader in readers:
            if region not in driver_of(reader.family).regions:
                raise BadSettings("region: {} has no {}".format(reader.family, region))
    session = fields.get("session", before.session)
    if session is None:
        session = before.session
    if session not in (0, 1, 2, 3) or isinstance(session, bool):
        raise BadSettings("session: {} is not 0 to 3".format(session))
    return Radio(
        region,
        _power(fields.get("power_dbm"), readers, before.power_dbm),
        session,
        _prefixes(fields.get("epc_prefixes"), before.prefixes),
        desk=_desk(fields.get("desk"), readers, before.desk),
    )


def _object(payload):
    try:
        return parse_object(payload)
    except ValueError as error:
        raise BadSettings(str(error)) from error


def _id(fields, name):
    text = fields.get(name)
    if not isinstance(text, str) or not 1 <= len(text) <= 32 or text == "agent":
        raise BadSettings("{}: 1 to 32 of a-z, 0-9 and -, and not agent".format(name))
    for character in text:
        if character not in _ID_CHARACTERS:
            raise BadSettings("{}: {} may not stand in an id".format(name, character))
    return text


def _mqtt(fields):
    if not isinstance(fields, dict) or not isinstance(fields.get("host"), str):
        raise BadSettings("mqtt: needs a host")
    port = fields.get("port", 1883)
    if not isinstance(port, int) or not 1 <= port <= 65535:
        raise BadSettings("mqtt.port: {} is not 1 to 65535".format(port))
    for name in ("user", "password", "ca"):
        if not isinstance(fields.get(name, ""), str):
            raise BadSettings("mqtt.{}: not a text".format(name))
    return fields


def _led(led):
    """A plain LED's pin, or `ws2812:PIN`."""
    pin = led
    if isinstance(led, str) and led.startswith("ws2812:") and led[7:].isdigit():
        pin = int(led[7:])
    if pin is None or (isinstance(pin, int) and not isinstance(pin, bool) and 0 <= pin <= 48):
        return led
    raise BadSettings("led: {} is neither a pin nor ws2812:PIN".format(led))


def _key(text):
    if text is None:
        return None
    if not isinstance(text, str) or len(text) != 64 or text.strip(_HEX_DIGITS):
        raise BadSettings("update_key: not 64 hex digits")
    return bytes.fromhex(text)


def _readers(listed):
    if not isinstance(listed, list) or not 1 <= len(listed) <= _MOST_READERS:
        raise BadSettings("readers: a gateway has one or two")
    readers = []
    taken = []
    for place, fields in enumerate(listed):
        name = "readers[{}]".format(place)
        if not isinstance(fields, dict) or fields.get("family") not in NAMES:
            raise BadSettings("{}.family: one of {}".format(name, " ".join(NAMES)))
        if not isinstance(fields.get("port"), str) or not fields["port"]:
            raise BadSettings("{}.port: a device or socket://HOST:PORT".format(name))
        _check_socket(name, fields["port"])
        antennas = fields.get("antennas")
        if not isinstance(antennas, list) or not antennas:
            raise BadSettings("{}.antennas: a list of numbers".format(name))
        most = driver_of(fields["family"]).max_ports
        if len(antennas) > most:
            raise BadSettings(
                "{}.antennas: {} has {}, not {}".format(
                    name, fields["family"], _ports(most), len(antennas)
                )
            )
        for antenna in antennas:
            if not isinstance(antenna, int) or not 0 <= antenna <= _MOST_ANTENNA:
                raise BadSettings("{}.antennas: {} is not a number".format(name, antenna))
            if antenna in taken:
                raise BadSettings("{}.antennas: {} stands twice".format(name, antenna))
            taken.append(antenna)
        readers.append(ReaderSettings(fields["family"], fields["port"], antennas))
    return readers


def _ports(count):
    return "one antenna port" if count == 1 else "{} antenna ports".format(count)


def _check_socket(name, address):
    if not address.startswith("socket://"):
        return
    host, _, port = address[len("socket://") :].rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise BadSettings("{}.port: {} is not socket://HOST:PORT".format(name, address))


def _power(asked, readers, before):
    if asked is None:
        return before
    if not isinstance(asked, dict):
        raise BadSettings("power_dbm: antenna to dBm")
    ranges = {}
    for reader in readers:
        for antenna in reader.antennas:
            ranges[str(antenna)] = driver_of(reader.family).power_range_dbm
    power = {}
    for antenna, dbm in asked.items():
        if antenna not in ranges:
            raise BadSettings("power_dbm: no antenna {}".format(antenna))
        least, most = ranges[antenna]
        number = isinstance(dbm, (int, float)) and not isinstance(dbm, bool)
        if not number or not least <= dbm <= most:
            raise BadSettings("power_dbm.{}: {} is not {} to {}".format(antenna, dbm, least, most))
        power[int(antenna)] = dbm
    return power


def _desk(asked, readers, before):
    if asked is None:
        return before
    if not isinstance(asked, list):
        raise BadSettings("desk: a list of antennas")
    known = [antenna for reader in readers for antenna in reader.antennas]
    for antenna in asked:
        if isinstance(antenna, bool) or antenna not in known:
            raise BadSettings("desk: no antenna {}".format(antenna))
    return asked


def _prefixes(asked, before):
    if asked is None:
        return before
    if not isinstance(asked, list) or len(asked) > _MOST_PREFIXES:
        raise BadSettings("epc_prefixes: a list of at most {}".format(_MOST_PREFIXES))
    for prefix in asked:
        if not isinstance(prefix, str) or not 1 <= len(prefix) <= 62:
            raise BadSettings("epc_prefixes: {} is not 1 to 62 hex digits".format(prefix))
        for digit in prefix:
            if digit not in _HEX_DIGITS:
                raise BadSettings("epc_prefixes: {} is not hexadecimal".format(prefix))
    return asked
