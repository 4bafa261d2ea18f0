"""Byte-exact emulators of UHF reader modules, fed by a field of simulated tags."""
