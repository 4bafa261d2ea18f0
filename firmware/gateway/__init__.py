"""What a gateway does with reads: coalesce, keep, send, and obey its settings."""
