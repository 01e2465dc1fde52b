"""Commands: what is asked, whether it may be done, what is sent, and what became of it."""
