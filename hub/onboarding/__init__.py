"""Onboarding: how a government body comes onto the hub, written down as a pack."""
