"""The words and rules every other package shares. Standard library only."""
