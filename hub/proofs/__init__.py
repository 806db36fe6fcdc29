"""One-time codes by which citizens prove an e-mail address and find the cases they opened with it."""
