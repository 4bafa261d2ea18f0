"""What the agent sends is taken byte for byte as the agent's tests write it."""

from gateway.config import Radio, ReaderSettings, parse_config

from tests.firmware.fakes import vectors
from tests.firmware.test_inbox import OWN, Bench

READERS = [ReaderSettings("m100", "uart1", [1]), ReaderSettings("m100", "uart2", [2])]


def test_acks_name_their_ranges_and_tell_the_time():
    for vector in vectors("downlink")["acks"]:
        bench = Bench()
        bench.inbox.message(OWN + "ack", vector["payload"].encode(), False)
        assert [list(each) for each in bench.acks] == vector["got"], vector["name"]
        assert bench.clock.unix_ms() == vector["now"], vector["name"]
        assert bench.said == [], vector["name"]


def test_configs_are_taken_whole_and_marked():
    for vector in vectors("downlink")["configs"]:
        payload = vector["payload"].encode()
        radio, mark = parse_config(payload, READERS, Radio())
        assert mark == vector["hash"], vector["name"]
        assert radio.region in vector["payload"], vector["name"]


def test_a_config_sets_what_it_names():
    payload = vectors("downlink")["configs"][0]["payload"].encode()
    radio, _ = parse_config(payload, READERS, Radio())
    assert radio.region == "US" and radio.session == 0
    assert radio.power_dbm == {1: 20.0, 2: 18.5}
    assert list(radio.prefixes) == ["3414257BF4"]
