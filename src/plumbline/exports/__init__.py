"""Use cases that render or send: hash it, log it, hand it over."""
