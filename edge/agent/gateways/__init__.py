"""What is known of each gateway now, and what its antennas usually read."""
