"""Buffer's classic API v1: the wire (client), the words (translate), the port (provider)."""
