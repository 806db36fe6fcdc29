"""Answers to any form that the form accepts: as few as it takes, or to everything that is asked."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from hub.forms.shape import Form
from infra.demo.answers import Situation, answers_to

DOKKI = {"governorate": "giza", "district": "giza-dokki", "address": "12 شارع التحرير"}


def valid_answers(form: Form, today: date, *, optional: float = 1.0, seed: int = 0) -> dict[str, Any]:
    """Answers to what is required, and to a share `optional` of the rest."""
    chance = Random(seed)  # noqa: S311 - nothing secret is drawn
    return answers_to(form, chance, Situation(today, DOKKI), optional=optional)
