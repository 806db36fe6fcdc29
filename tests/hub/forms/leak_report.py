"""A form as people write it, and ways to change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML

LEAK_REPORT = """
format: 1
title: {ar: بلاغ عن تسريب مياه, en: Report a water leak}
pages:
  - title: {ar: العطل, en: The fault}
    questions:
      - name: kind_of_fault
        kind: choice
        label: {ar: ما نوع العطل؟, en: What kind of fault is it?}
        required: true
        options:
          - {value: leak, label: {ar: تسريب, en: A leak}}
          - {value: low_pressure, label: {ar: ضعف الضغط, en: Low pressure}}
      - name: leaks
        kind: number
        label: {ar: كم تسريبًا ترى؟, en: How many leaks do you see?}
        limits: {minimum: 1, maximum: 20, whole: true}
        visible_when: {question: kind_of_fault, is: leak}
      - name: since
        kind: date
        label: {ar: منذ متى؟, en: Since when?}
        limits: {earliest: 2020-01-01, latest: today}
      - name: meter_number
        kind: text
        label: {ar: رقم العداد, en: Meter number}
        help: {ar: مكتوب على وجه العداد, en: It is printed on the meter}
        limits: {min_length: 3, max_length: 12, pattern: '^[0-9]+$'}
  - title: {ar: المكان, en: The place}
    questions:
      - name: photos
        kind: file
        label: {ar: صور, en: Photos}
        limits: {at_most: 3}
        visible_when:
          all:
            - any:
                - {question: leaks, at_least: 2}
                - {question: since, answered: true}
            - not: {question: kind_of_fault, any_of: [low_pressure]}
"""


def definition() -> dict[str, Any]:
    data: dict[str, Any] = YAML(typ="safe").load(LEAK_REPORT)
    return data


def question(data: dict[str, Any], position: int) -> dict[str, Any]:
    found: dict[str, Any] = data["pages"][0]["questions"][position]
    return found


def put(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return change


def take(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return change


def in_first_page(position: int, *path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    return put("pages", 0, "questions", position, *path, value=value)
