"""The `health` payload: counters since boot, and levels now."""

import json

PERIOD_S = 30


def health_payload(clock, heap, least, intake, stations, client, outbox, stall_ms, wifi=None):
    """JSON of the counters; what is unknown (None) is left out.

    `heap` is (free, largest block) now, `least` the same at their lowest or None; `stall_ms` the
    longest that something kept the loop to itself; `wifi` is
    (dBm, times lost) where the gateway keeps that link itself.
    """
    least_free, least_block = least or (None, None)
    rssi, losses = wifi or (None, None)
    fields = {
        "v": 1,
        "up": clock.up_ms(),
        "heap_free": heap[0],
        "heap_block": heap[1],
        "heap_free_least": least_free,
        "heap_block_least": least_block,
        "rssi_wifi": rssi,
        "wifi_losses": losses,
        "reads": intake.reads,
        "foreign": intake.foreign,
        "crc_errors": sum([station.reader.crc_errors for station in stations]),
        "resyncs": sum([station.reader.resyncs for station in stations]),
        "reconnects": max(0, client.connections - 1),
        "outbox": len(outbox),
        "outbox_lost": outbox.lost.batches,
        "flash_errors": outbox.flash_errors,
        "drift_ppm": clock.drift_ppm,
        "clock_steps": clock.steps,
        "stall_ms": stall_ms,
    }
    return json.dumps({key: value for key, value in fields.items() if value is not None}).encode()


def self_test(gateway):
    """The fields of a reply that say how each part is."""
    free, largest = gateway.board.heap()
    least_free, least_block = gateway.upkeep.least_heap or (free, largest)
    return {
        "readers": [
            {
                "family": station.reader.family,
                "port": station.name,
                "ready": station.ready,
                "version": station.version,
                "faults": station.faults,
                "trouble": station.trouble,
            }
            for station in gateway.stations
        ],
        "region": gateway.radio.region,
        "clock": gateway.clock.is_set,
        "connections": gateway.client.connections,
        "outbox": len(gateway.outbox),
        "flash_errors": gateway.outbox.flash_errors,
        "heap_free": free,
        "heap_block": largest,
        "heap_free_least": least_free,
        "heap_block_least": least_block,
        "stall_ms": gateway.pulse.longest_ms,
    }
