"""Policy as typed data, and the verdicts it passes."""
