"""The whole system on this machine: broker, simulated school, gateways, agent and page."""
