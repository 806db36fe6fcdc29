"""Worklists: the tickets somebody may see, filtered, in order and by the page, and found by number, phone or words.

A feature of its own above tickets and clocks, since a list shows both and `tickets` knows nothing of clocks; beside
`oversight`, which counts what is listed here.
"""
