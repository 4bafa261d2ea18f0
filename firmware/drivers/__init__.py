"""One file for each family of reader modules, and the interface they share."""
