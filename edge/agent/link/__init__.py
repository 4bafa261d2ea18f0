"""The line to the broker: one connection kept, one active agent, gateways asked and answered."""
