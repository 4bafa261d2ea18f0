"""The `health` payload: counters since boot, and levels now."""

import json

PERIOD_S = 30


def health_payload(up_ms, heap, intake, stations, client, outbox):
    """JSON of the counters; what is unknown (None) is left out. `heap` is (free, largest)."""
    fields = {
        "v": 1,
        "up": up_ms,
        "heap_free": heap[0],
        "heap_block": heap[1],
        "reads": intake.reads,
        "foreign": intake.foreign,
        "crc_errors": sum([station.reader.crc_errors for station in stations]),
        "resyncs": sum([station.reader.resyncs for station in stations]),
        "reconnects": max(0, client.connections - 1),
        "outbox": len(outbox),
        "outbox_lost": outbox.lost.batches,
    }
    return json.dumps({key: value for key, value in fields.items() if value is not None}).encode()
