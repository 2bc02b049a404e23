"""How far people and units are from their targets, and the facts behind each figure."""
