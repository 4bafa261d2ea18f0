"""What looks after the data by itself: packing, terms of keeping, backups."""
