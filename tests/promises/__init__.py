"""What the hub promises whatever else happens: fences, doors, traps, declarations, habits of the code.

Whatever is new has to be placed on purpose, or a test here fails: a table needs rows of both tenants in `populated.py`
and, where its fence, keys or grants are of its own kind, an entry in `reviewed.py`; an act a line in `acts.py`; a
door to look through a line in `doors.py`.
"""
