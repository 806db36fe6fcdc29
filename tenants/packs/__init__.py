"""The example agencies, one folder each, written down as packs (data, no code)."""
