"""The proofs: a folder per package."""
