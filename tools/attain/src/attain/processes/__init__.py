"""Processes of this machine: started, watched, found again and stopped by pid and start time, never by name."""
