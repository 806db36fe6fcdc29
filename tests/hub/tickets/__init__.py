"""Tests of cases and tickets."""
