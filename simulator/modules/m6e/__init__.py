"""An emulated ThingMagic M6e Nano, M7E Hecto or Silion module."""
