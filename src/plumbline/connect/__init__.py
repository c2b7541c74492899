"""What other systems take from Plumbline in their own formats."""
