"""Quality review: what is listened to, how it is scored, contested, compared and learnt from."""
