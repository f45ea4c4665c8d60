"""The tables of what calls proved and of the register's profiles, as the newest migration leaves them."""
