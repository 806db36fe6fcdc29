"""Tests of the ground: who may see what, and the database beneath."""
