"""The one exception of the harness: a message for the person at the terminal."""


class HarnessError(Exception):
    """Something that the user has to put right; the message says what, where and what to do."""
