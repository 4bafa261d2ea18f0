"""A0 boards: Impinj R2000, E310, E510, E710 with 1 to 8 antennas."""
