"""The tables of who has filed or paid, and of exports, as the newest migration leaves them."""
