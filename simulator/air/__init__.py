"""What the antennas hear of it: paths, links, inventory rounds, raw reads. All on arrays."""
