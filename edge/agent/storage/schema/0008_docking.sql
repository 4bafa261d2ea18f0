-- What came and went at carts since some time.
CREATE INDEX events_docking ON events (t) WHERE kind IN ('docked', 'undocked') AND retracted = 0;
