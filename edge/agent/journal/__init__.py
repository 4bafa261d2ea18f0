"""Every batch as it came, once, compressed once its day is closed."""
