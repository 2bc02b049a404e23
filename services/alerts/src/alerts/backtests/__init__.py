"""What a rule would have done: the same code over what was heard, with virtual time."""
