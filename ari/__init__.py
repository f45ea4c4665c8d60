"""A typed asynchronous client for the Asterisk REST Interface, and its test double."""
