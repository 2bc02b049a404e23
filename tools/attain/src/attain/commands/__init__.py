"""The commands about the instance itself."""
