"""One module for each `rollcall` command: reads arguments, calls the part that does the work."""
