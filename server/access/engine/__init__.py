"""What signing in elsewhere works out without asking anybody."""
