"""The edge agent: from MQTT to the journal, through the engine, to the ledger."""
