"""MQTT packets: what is sent, byte for byte, and what is received, in pieces of any size."""

from gateway import mqtt_packets as packets

PUBLISH = packets.publish("a/b", b"hello", 1, False, 10)


def test_connect_carries_will_user_and_password():
    made = packets.connect("gw", 15, "u", "p", ("t", b"w"))
    assert (
        made
        == b"\x10\x1a\x00\x04MQTT\x04\xee\x00\x0f\x00\x02gw\x00\x01t\x00\x01w\x00\x01u\x00\x01p"
    )
    assert packets.connect("gw", 15) == b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x0f\x00\x02gw"


def test_publish_subscribe_and_puback():
    assert PUBLISH == b"\x32\x0c\x00\x03a/b\x00\x0ahello"
    assert packets.publish("a", b"", 0, True) == b"\x31\x03\x00\x01a"
    assert packets.subscribe(1, ["a", "b"]) == b"\x82\x0a\x00\x01\x00\x01a\x01\x00\x01b\x01"
    assert packets.puback(258) == b"\x40\x02\x01\x02"


def test_long_packets_have_a_length_of_several_bytes():
    for size in (100, 127, 128, 5000, 16383, 16384):
        packet = packets.publish("t", bytes(size))
        reader = packets.PacketReader(20000)
        ((kind, flags, body),) = reader.feed(packet)
        assert kind == packets.PUBLISH and flags == 0
        assert packets.parse_publish(flags, body) == ("t", bytes(size), 0, False, 0)


def test_a_stream_is_cut_into_packets_whatever_the_pieces():
    stream = PUBLISH + b"\x20\x02\x00\x00" + b"\xd0\x00" + packets.publish("x", bytes(300))
    for step in (1, 2, 3, 7, 100, len(stream)):
        reader = packets.PacketReader(1000)
        found = []
        for at in range(0, len(stream), step):
            found += reader.feed(stream[at : at + step])
        kinds = [kind for kind, _, _ in found]
        assert kinds == [packets.PUBLISH, packets.CONNACK, packets.PINGRESP, packets.PUBLISH]
        assert packets.parse_publish(found[0][1], found[0][2]) == ("a/b", b"hello", 1, False, 10)


def test_a_packet_too_long_is_skipped_and_the_next_one_found():
    stream = packets.publish("t", bytes(500)) + PUBLISH
    for step in (1, 7, 64, len(stream)):
        reader = packets.PacketReader(100)
        found = []
        for at in range(0, len(stream), step):
            found += reader.feed(stream[at : at + step])
        assert [body for _, _, body in found] == [PUBLISH[2:]], step
        assert reader.too_long == 1


def test_what_mqtt_does_not_allow_is_refused():
    for flags, body in (
        (6, b"\x00\x01a\x00\x01"),
        (2, b"\x00\x01a"),
        (0, b"\x00"),
        (0, b"\xff\xff"),
    ):
        try:
            packets.parse_publish(flags, body)
        except packets.ProtocolError:
            continue
        raise AssertionError((flags, body))
    try:
        packets.PacketReader(100).feed(b"\x30\xff\xff\xff\xff\x01")
    except packets.ProtocolError:
        return
    raise AssertionError("a length of five bytes")
