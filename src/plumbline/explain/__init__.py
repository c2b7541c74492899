"""Artefacts in, attributions out: the only room that knows SHAP and the boosters."""
