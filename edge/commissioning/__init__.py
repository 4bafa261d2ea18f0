"""Setting a doorway up with a test tag in a person's hand: which side is which, how much power."""
