"""Telling of a problem, step by step: what is asked, what was typed so far, and the receipt in the end."""
