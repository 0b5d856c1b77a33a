"""All that plancast knows about networks: one file each, and the checks that read them. Pure."""
