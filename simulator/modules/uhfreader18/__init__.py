"""An emulated UHFReader18 or one of its successors."""
