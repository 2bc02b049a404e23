"""What can stand in the way on a person's machine."""


class LocalProblem(Exception):
    """Something here is missing or in the way. The message is for a person and says what to do."""
