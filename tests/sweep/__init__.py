"""The sweep under load: thousands of deadlines within moments of real time, sweepers killed among them."""
