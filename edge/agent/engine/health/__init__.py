"""Watches the installation itself: gateways, antennas, clocks; one module a rule."""
