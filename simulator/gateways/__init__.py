"""What gateways make of raw reads: merged by the firmware's rule, gathered into batches."""
