"""Storage of the state, the journal and saved plans: in a folder, or in a ref of the git remote."""
