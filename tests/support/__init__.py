"""What tests of several parts share: tools, ports, waiting, a real broker, counts."""
