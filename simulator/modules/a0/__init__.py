"""An emulated A0 board with an Impinj chip."""
