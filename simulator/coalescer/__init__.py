"""The coalescing rule of the gateways' firmware, vectorised for whole schools."""

from simulator.coalescer.shapes import NO_RSSI, CoalescerSettings, RawReads, Records
from simulator.coalescer.vector import VectorCoalescer

__all__ = ["NO_RSSI", "CoalescerSettings", "RawReads", "Records", "VectorCoalescer"]
