"""A simulated school: its people and their devices, its radio and gateways, truth and score."""
