"""Templates of Asterisk's own configuration, and the embedded Asterisk."""
