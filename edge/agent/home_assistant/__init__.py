"""What Home Assistant finds of the school on the broker."""
