"""Who may come in: accounts and their roles, passwords, sessions, tokens, and how guessing ends."""
