"""What happens to devices: rooms, lessons, and who carries what where."""
