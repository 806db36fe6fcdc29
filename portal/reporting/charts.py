"""Which map is offered where a place is asked for."""

from __future__ import annotations

from hub.reference import has_map


def chart_of(country: str | None) -> str:
    """The built file with a country's map, as templates name it; empty where the hub has none."""
    return f"map-{country}.json" if country is not None and has_map(country) else ""
