"""An SNTP server is believed only where its answer is one."""

import asyncio

from gateway.sntp import STALE_S, Fallback, ask, request, unix_ms

from tests.firmware.fakes import FakeClock

COOKIE = b"\x01\x02\x03\x04\x05\x06\x07\x08"
NOW = 1763900000500


def answer(seconds=NOW // 1000 + 2208988800, first=0x24, stratum=2, cookie=COOKIE):
    packet = bytearray(48)
    packet[0], packet[1] = first, stratum
    packet[24:32] = cookie
    packet[40:44] = (seconds & 0xFFFFFFFF).to_bytes(4, "big")
    packet[44] = 0x80
    return bytes(packet)


def test_the_servers_time_to_the_millisecond():
    assert len(request(COOKIE)) == 48
    assert unix_ms(answer(), COOKIE) == NOW


def test_the_count_that_begins_anew_in_2036_is_understood():
    later = 2085978496 + 2208988800  # 2036-02-07 06:28:16: the first second of the new era
    assert later == 1 << 32
    assert unix_ms(answer(later + 5), COOKIE) == 2085978501500


def test_what_is_no_answer_to_us_is_refused_with_its_reason():
    for packet, said in (
        (answer()[:40], "short"),
        (answer(first=0x23), "server"),
        (answer(first=0xE4), "not set"),
        (answer(stratum=0), "not set"),
        (answer(stratum=16), "not set"),
        (answer(cookie=b"12345678"), "question"),
    ):
        assert said in refused(packet)


def refused(packet):
    """Why this answer is refused."""
    try:
        return "taken: {}".format(unix_ms(packet, COOKIE))
    except ValueError as error:
        return str(error)


def test_a_server_that_does_not_answer_is_an_os_error():
    try:
        asyncio.run(ask("127.0.0.1", COOKIE, 9))
    except OSError:
        return
    raise AssertionError


def test_sntp_is_asked_only_while_the_agent_is_silent():
    class Aged(FakeClock):
        is_set = False
        age = 0

        def sync_s(self):
            return self.age

    clock = Aged()
    fallback = Fallback(clock, "127.0.0.1", lambda count: COOKIE, None)
    assert fallback.is_wanted()
    clock.is_set = True
    assert not fallback.is_wanted()
    clock.age = STALE_S
    assert fallback.is_wanted()
