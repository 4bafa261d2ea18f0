"""A run on a broker in real time, as its gateways would publish it."""
