"""What any task leans on: clocks, threads that nobody waits for, the log."""
