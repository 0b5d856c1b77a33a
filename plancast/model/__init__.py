"""The nouns: frozen values, and the ports through which the world is seen. Imports nothing else."""
