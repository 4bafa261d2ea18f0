"""What a person should look at among the devices: one module a rule."""
