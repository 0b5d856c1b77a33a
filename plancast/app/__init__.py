"""What a command gets beside its arguments: the workspace, the world, the streams."""
