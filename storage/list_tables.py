"""The tables of lists, their contacts and refused rows, as the newest migration leaves them."""
