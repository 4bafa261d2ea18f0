"""Packed batches and their JSON: the vectors that the agent decodes too."""

from gateway.encode import reads_payload
from gateway.packed import MAX_DT_MS, pack, read_count, split_n, unpack, up_of

from tests.firmware.fakes import vectors

EPC = bytes.fromhex("3414257BF4000000000DBBB1")


def _packed(vector):
    looks = {int(antenna): tuple(look) for antenna, look in vector["looks"].items()}
    reads = [
        (
            bytes.fromhex(read["epc"]),
            read["antenna"],
            read["rssi_tenths"],
            read["dt"],
            read["n"],
            read["span"],
            read["peak"],
        )
        for read in vector["reads"]
    ]
    lost = [tuple(told) for told in vector["lost"]]
    return pack(vector["up"], looks, reads, lost), (vector["up"], looks, reads, lost)


def test_every_vector_is_packed_unpacked_and_said_in_json():
    for vector in vectors("batches"):
        packed, plain = _packed(vector)
        assert unpack(packed) == plain, vector["name"]
        assert up_of(packed) == vector["up"]
        assert read_count(packed) == len(vector["reads"])
        payload = reads_payload(packed, vector["t"], vector["sent"], vector["sync"], vector["base"])
        assert payload == vector["payload"].encode(), vector["name"]
        assert len(payload) <= 6 * 1024


def test_a_read_takes_at_most_14_bytes_beside_its_epc():
    reads = [(EPC, 1, -575, dt, 1, 0, 0) for dt in (0, 65535, 65536, MAX_DT_MS)]
    empty = len(pack(0, {}, [], []))
    table = 1 + len(EPC)
    sizes = [len(pack(0, {}, [read], [])) - empty - table for read in reads]
    assert sizes == [12, 12, 14, 14]
    assert len(pack(0, {}, reads, [])) == empty + table + sum(sizes)


def test_what_does_not_fit_saturates_but_never_n():
    packed = pack(1, {1: (99999, 99999)}, [(EPC, 1, None, 0, 0xFFFF, 1 << 30, 1 << 20)], [])
    assert unpack(packed)[1:3] == (
        {1: (65535, 65535)},
        [(EPC, 1, None, 0, 0xFFFF, 0xFFFFFF, 0xFFFF)],
    )
    for n in (0, 1, 65535, 65536, 200000):
        parts = split_n(n)
        assert sum(parts) == n and max(parts) <= 0xFFFF
