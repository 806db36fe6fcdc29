"""The portal's pages, a module for each thing that a citizen comes for."""

from __future__ import annotations

from portal.pages import (
    agencies,
    case_acts,
    cases,
    finding,
    follow,
    guidance,
    home,
    looks,
    my_cases,
    near,
    offline,
    rating,
    report_files,
    report_nearby,
    reporting,
)

ROUTERS = (
    home.router,
    guidance.router,
    finding.router,
    near.router,
    agencies.router,
    looks.router,
    follow.router,
    cases.router,
    # Before the acts, among whose addresses its own would be.
    rating.router,
    case_acts.router,
    my_cases.router,
    # Before the steps, one of which its address would name.
    offline.router,
    report_nearby.router,
    reporting.router,
    report_files.router,
    reporting.whole,
)
