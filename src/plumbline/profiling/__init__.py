"""Prediction logs in, mergeable profiles out: the only room that reads rows."""
