"""Which EPC a device's tag gets, and the record of it."""
