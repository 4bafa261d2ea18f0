"""Engine and ledger as bytes, so that a start need not work the journal through."""
