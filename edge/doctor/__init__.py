"""What is wrong with an installation: one check a module, each says what it found in a sentence."""
