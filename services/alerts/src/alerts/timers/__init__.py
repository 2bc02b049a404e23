"""What is heard, and the clocks that it starts, resets and ends."""
