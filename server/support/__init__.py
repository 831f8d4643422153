"""What whoever helps from afar needs of a server: how it is set up, how it is, and what went wrong; nothing of people, and no secrets."""
