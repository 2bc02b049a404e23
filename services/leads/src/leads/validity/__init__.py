"""Validity: what a valid lead (有效线索) is, as versioned data (S61)."""
