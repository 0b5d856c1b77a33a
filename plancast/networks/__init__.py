"""What plancast knows about each network: limits, counting, settings, requirements. Pure."""
