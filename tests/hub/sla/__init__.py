"""Tests of service levels and their clocks."""
