"""Finding again what is owned, by what it says: a state was lost, or the API is another. Pure."""
