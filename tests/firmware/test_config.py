"""Settings are taken whole or refused whole, with the field named."""

import json

from drivers.reader import Radio
from gateway.config import (
    BadSettings,
    ReaderSettings,
    config_hash,
    parse_config,
    parse_radio,
    parse_settings,
)

READERS = [ReaderSettings("m100", "uart1", [1]), ReaderSettings("m100", "uart2", [2])]
FILE = {
    "id": "gw-d101",
    "site": "lincoln",
    "mqtt": {"host": "192.0.2.10", "port": 8883, "user": "gw-d101", "password": "secret"},
    "wifi": {"ssid": "school", "password": "secret"},
    "confirm": "agent",
    "readers": [
        {"family": "m100", "port": "uart1", "antennas": [1]},
        {"family": "m100", "port": "uart2", "antennas": [2]},
    ],
    "region": "US",
    "power_dbm": {"1": 20, "2": 20.5},
    "session": 0,
    "epc_prefixes": ["3414257BF4"],
}


def refused(parse, *arguments):
    try:
        parse(*arguments)
    except BadSettings as error:
        return str(error)
    raise AssertionError("taken: {}".format(arguments))


def test_the_gateways_own_file():
    settings = parse_settings(json.dumps(FILE).encode())
    assert (settings.gateway, settings.site) == ("gw-d101", "lincoln")
    assert settings.antennas == [1, 2] and not settings.broker_confirms
    radio = settings.radio
    assert (radio.region, radio.session, radio.prefixes) == ("US", 0, ("3414257BF4",))
    assert radio.power_dbm == {1: 20, 2: 20.5}


def test_a_file_without_a_region_is_taken_and_has_none():
    fields = {name: value for name, value in FILE.items() if name != "region"}
    assert parse_settings(json.dumps(fields).encode()).radio.region is None


def test_an_led_is_a_pin_or_a_coloured_one_at_a_pin():
    for led in (None, 0, 2, 48, "ws2812:48"):
        fields = dict(FILE)
        fields["led"] = led
        assert parse_settings(json.dumps(fields).encode()).led == led


def test_each_bad_field_of_the_file_is_named():
    for name, value, said in (
        ("led", 49, "led"),
        ("led", "ws2812:", "led"),
        ("led", "ws2812:49", "led"),
        ("led", True, "led"),
        ("id", "agent", "id"),
        ("id", "GW", "id"),
        ("site", None, "site"),
        ("mqtt", {}, "mqtt"),
        ("mqtt", {"host": "h", "port": 0}, "mqtt.port"),
        ("readers", [], "readers"),
        ("readers", FILE["readers"] * 2, "readers"),
        ("readers", [FILE["readers"][0]] * 2, "antennas: 1 stands twice"),
        ("readers", [{"family": "x", "port": "p", "antennas": [1]}], "readers[0].family"),
        ("readers", [{"family": "m100", "port": "p", "antennas": [32]}], "readers[0].antennas"),
        ("readers", [{"family": "m100", "port": "socket://h", "antennas": [1]}], "HOST:PORT"),
        ("readers", [{"family": "m100", "port": "socket://h:x", "antennas": [1]}], "HOST:PORT"),
        ("readers", [{"family": "m100", "port": "socket://h:65536", "antennas": [1]}], "HOST:PORT"),
        (
            "readers",
            [{"family": "m100", "port": "p", "antennas": [1, 2]}],
            "readers[0].antennas: m100 has one antenna port, not 2",
        ),
        ("confirm", "nobody", "confirm"),
    ):
        fields = dict(FILE)
        fields[name] = value
        assert said in refused(parse_settings, json.dumps(fields).encode())


def test_a_config_replaces_what_it_names_and_leaves_the_rest():
    before = Radio("US", {1: 20, 2: 20}, 0, ["34"])
    payload = b'{"region":"EU","epc_prefixes":[]}'
    radio, name = parse_config(payload, READERS, before)
    assert (radio.region, radio.power_dbm, radio.prefixes) == ("EU", {1: 20, 2: 20}, ())
    assert name == config_hash(payload) == "11eaae65a23bc8dd"


def test_null_in_a_config_is_nothing_said_but_for_the_region():
    before = Radio("US", {1: 20}, 2, ["34"])
    payload = b'{"region":null,"session":null,"power_dbm":null,"epc_prefixes":null}'
    radio, _ = parse_config(payload, READERS, before)
    assert (radio.region, radio.session, radio.prefixes) == (None, 2, ("34",))


def test_a_desk_lasts_as_long_as_each_config_names_it():
    before, _ = parse_config(b'{"desk":[2]}', READERS, Radio("US"))
    assert before.desk == (2,)
    assert parse_radio({"session": 1}, READERS, before).desk == (2,)
    radio, _ = parse_config(b'{"region":"US"}', READERS, before)
    assert radio.desk == ()


def test_unknown_fields_are_ignored():
    radio, _ = parse_config(b'{"region":"KR","later":1}', READERS, Radio())
    assert radio.region == "KR"


def test_one_bad_field_refuses_the_whole_config():
    for payload, said in (
        (b"[]", "object"),
        (b"{", "JSON"),
        (b'{"region":"MOON"}', "region"),
        (b'{"region":"JP"}', "m100 has no JP"),
        (b'{"region":"US","session":4}', "session"),
        (b'{"session":true}', "session"),
        (b'{"session":"0"}', "session"),
        (b'{"power_dbm":{"1":31}}', "power_dbm.1"),
        (b'{"power_dbm":{"1":-1}}', "power_dbm.1"),
        (b'{"power_dbm":{"3":20}}', "no antenna 3"),
        (b'{"power_dbm":{"1":"20"}}', "power_dbm.1"),
        (b'{"desk":[3]}', "desk: no antenna 3"),
        (b'{"desk":[true]}', "desk"),
        (b'{"desk":1}', "desk"),
        (b'{"epc_prefixes":["XY"]}', "epc_prefixes"),
        (b'{"epc_prefixes":[""]}', "epc_prefixes"),
        (b'{"epc_prefixes":"34"}', "epc_prefixes"),
    ):
        assert said in refused(parse_config, payload, READERS, Radio())
