"""Plumbline: does every model an organisation relies on still stand true, and who signed for it?"""

__version__ = "0.1.0"
