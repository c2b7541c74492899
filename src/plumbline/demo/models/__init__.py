"""The thirteen sample models: how each population behaves, how its model was trained, and what goes wrong when."""
