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
    my_cases,
    rating,
    report_files,
    reporting,
)

ROUTERS = (
    home.router,
    guidance.router,
    finding.router,
    agencies.router,
    follow.router,
    cases.router,
    # Before the acts, among whose addresses its own would be.
    rating.router,
    case_acts.router,
    my_cases.router,
    reporting.router,
    report_files.router,
    reporting.whole,
)
