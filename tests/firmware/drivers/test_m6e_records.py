"""Tag records of the M6e: the captured ones, every set of fields, XPC words, times of reads."""

from drivers.m6e.records import ReadTimes, Record, streamed_record

from tests.firmware.drivers.fake_m6e import TEMPERATURE, record, streamed, tag_bits
from tests.firmware.fakes import vectors

EPC = bytes.fromhex("3414257BF4000000000DBBB1")
SIZES = (1, 1, 1, 3, 4, 2, 1, 2, 1)


def data_of(vector):
    return bytes.fromhex(vector["hex"])[5:-2]


def test_every_captured_buffer_of_tags_is_read_to_its_end():
    tags = []
    for vector in vectors("frames_m6e"):
        if vector["name"] == "get_tag_id_buffer" and vector["direction"] == "module>host":
            data = data_of(vector)
            flags, count, at = data[0] << 8 | data[1], data[3], 4
            found = Record()
            for _ in range(count):
                at = found.read(data, at, len(data), flags)
                assert at > 0, vector["hex"]
                tags.append((found.rssi_dbm, found.port, found.time_ms, found.length))
            assert at == len(data)
    assert len(tags) > 30
    assert tags[0] == (-44, 1, 0x307, 12)
    assert {length for _, _, _, length in tags} == {8, 12}


def test_every_streamed_sample_is_told_apart():
    kinds = {}
    for vector in vectors("frames_m6e"):
        data = bytes.fromhex(vector["hex"])
        of_a_stream = "stream" in vector["name"] or data[1] == 0
        if data[2] == 0x22 and of_a_stream:
            kinds[vector["name"]] = streamed_record(Record(), data, 5, len(data) - 7)
    assert kinds == {
        "stream tag record": 1,
        "stream tag record with embedded data": 1,
        "stream tag record (SparkFun)": 1,
        "stream temperature status": 0,
        "keep-alive": 0,
        "over-temperature": 0,
        "high return loss": 0,
    }


def test_the_fields_of_the_documented_samples_are_where_they_should_be():
    for vector in vectors("frames_m6e"):
        if vector["name"].startswith("stream tag record"):
            data, found = data_of(vector), Record()
            streamed_record(found, data, 0, len(data))
            rssi, port, time_ms, epc = {
                "stream tag record": (-28, 1, 16, "aaaabbbbccccddddeeeeffff"),
                "stream tag record with embedded data": (-21, 2, 17, "4444"),
                "stream tag record (SparkFun)": (-60, 1, 295, "000000000000000000001545"),
            }[vector["name"]]
            assert (found.rssi_dbm, found.port, found.time_ms) == (rssi, port, time_ms)
            assert data[found.start : found.start + found.length] == bytes.fromhex(epc)


def test_any_set_of_fields_is_read():
    for flags in range(0x200):
        head = b"".join(
            bytes([9] * size) if flags >> place & 1 else b"" for place, size in enumerate(SIZES)
        )
        if flags & 0x80:  # 21 bits of data
            place = sum(size for bit, size in enumerate(SIZES[:7]) if flags >> bit & 1)
            head = head[:place] + b"\x00\x15abc" + head[place + 2 :]
        whole = head + tag_bits(EPC)
        found = Record()
        assert found.read(whole, 0, len(whole), flags) == len(whole), flags
        assert whole[found.start : found.start + found.length] == EPC
        assert found.rssi_dbm == (9 if flags & 2 else None)
        assert found.time_ms == -1, "absent, or more than any module counts"
        for cut in range(len(whole)):
            assert found.read(whole, 0, cut, flags) == -1


def test_a_field_that_nobody_knows_makes_the_record_unreadable():
    data = record(EPC)
    assert Record().read(data, 0, len(data), 0x0216) == -1


def test_epcs_of_every_length_and_with_xpc_words():
    for words in range(32):
        for xpc in (b"", b"\x00\x01", b"\x80\x01\x00\x02"):
            epc = bytes(range(2 * words))
            data = record(epc, -70, 4, 12, xpc=xpc, pc=0x0200 | words << 11 if xpc else None)
            found = Record()
            assert found.read(data, 0, len(data), 0x16) == len(data)
            assert data[found.start : found.start + found.length] == epc
            assert (found.rssi_dbm, found.port, found.time_ms) == (-70, 4, 12)


def test_a_tag_that_announces_an_xpc_word_but_sends_none_has_no_epc():
    data = record(b"", pc=0x0200)
    found = Record()
    assert found.read(data, 0, len(data), 0x16) == len(data)
    assert found.length == 0


def test_a_wrong_tag_crc_is_a_damaged_record():
    for frame in (streamed(EPC, crc=0x1234), streamed(EPC, pc=0x2800, crc=0x0000)):
        assert streamed_record(Record(), frame, 5, len(frame) - 7) == -1


def test_a_record_that_does_not_fill_its_report_is_damaged():
    data = streamed(EPC)[5:-2] + b"\x00"
    assert streamed_record(Record(), data, 0, len(data)) == -1


def test_a_temperature_is_no_tag():
    assert streamed_record(Record(), TEMPERATURE, 5, len(TEMPERATURE) - 7) == 0


def test_port_sixteen_is_sent_as_zero():
    data = record(EPC, port=16)
    found = Record()
    found.read(data, 0, len(data), 0x16)
    assert found.port == 16


def test_a_read_is_dated_by_the_modules_count_since_its_keep_alive():
    times = ReadTimes()
    times.restart(1000)
    assert times.at_ms(20, 1024) == 1020
    assert times.at_ms(400, 1480) == 1400, "it waited 80 ms in a line"
    assert times.at_ms(-1, 1490) == 1490, "no count, so its arrival"


def test_no_read_is_dated_after_its_arrival():
    times = ReadTimes()
    times.restart(1000)  # the keep-alive itself had waited 90 ms
    assert times.at_ms(120, 1030) == 1030
    assert times.at_ms(200, 1115) == 1110, "the least delay so far holds from now on"


def test_a_lost_keep_alive_is_noticed_by_the_count_or_by_the_delay():
    times = ReadTimes()
    times.restart(1000)
    assert times.at_ms(900, 1905) == 1900
    assert times.at_ms(30, 2040) == 2040, "it counts from 0 again"
    times.restart(3000)
    assert times.at_ms(10, 3012) == 3010
    assert times.at_ms(300, 4310) == 4310, "nothing waits for a second"
