"""What pages and the API are shown: the reading side."""
