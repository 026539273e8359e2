"""How checks are made: the registry of them, what they expect of an answer, and shapes as rows of data."""
