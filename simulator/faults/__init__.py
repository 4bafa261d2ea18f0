"""What goes wrong between a tag and the log, each fault at its own place of the chain."""
