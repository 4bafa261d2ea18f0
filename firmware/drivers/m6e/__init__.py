"""The ThingMagic M6e Nano and M7E Hecto, and Silion modules."""
