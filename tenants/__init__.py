"""The ground: who may see what."""
