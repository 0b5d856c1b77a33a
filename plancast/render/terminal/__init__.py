"""Plans, progress and problems for a person at a terminal."""
