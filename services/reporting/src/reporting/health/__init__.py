"""Health: three dimensions of how well it goes, in green, amber and red (F2)."""
