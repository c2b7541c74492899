"""Views in, Plotly figures out."""
