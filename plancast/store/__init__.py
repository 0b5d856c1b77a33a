"""Where state, journal and saved plans live."""
