"""Statistics as pure functions: counts or arrays in, frozen results out."""
