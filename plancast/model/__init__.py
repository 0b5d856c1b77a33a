"""The nouns of plancast: frozen values, and the ports (Protocols) to the outside world.

Every other package imports this one; this one imports none of them.
"""
