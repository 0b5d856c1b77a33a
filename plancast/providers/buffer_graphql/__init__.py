"""Buffer's current API: the wire (client), the words (translate), the port (provider)."""
