"""From a message to what one commit holds: decoded, named, placed in time, sorted. Pure."""
