"""Buffer's API v1: its endpoints, parameters, answers and errors."""
