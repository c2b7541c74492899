"""The doors for programs: HTTP routes in the process of the app."""
