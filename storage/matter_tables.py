"""The tables of cases, complaints, promises and requests, as the newest migration leaves them."""
