"""The two loops of plancast: planning and applying. Both see the world only through ports."""
