"""Tests of the hub, a folder per feature."""
