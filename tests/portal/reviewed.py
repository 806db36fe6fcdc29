"""Who may see which page, as somebody has looked at it and found right; a new page without a row fails."""

from __future__ import annotations

from hub.web.guards import Anybody, PageGuard
from portal.guards import CitizenOfCase
from portal.pages.looks import AnybodyLooking

REVIEWED: dict[str, type[PageGuard]] = {
    "GET /{language}": Anybody,
    "GET /{language}/help": Anybody,
    "GET /{language}/privacy": Anybody,
    "GET /{language}/accessibility": Anybody,
    "GET /{language}/terms": Anybody,
    "GET /{language}/styleguide": Anybody,
    "GET /{language}/find": Anybody,
    "GET /{language}/life-events/{event}": Anybody,
    "GET /{language}/near": Anybody,
    "GET /{language}/agencies/{tenant}": Anybody,
    "GET /{language}/agencies/{tenant}/look.css": AnybodyLooking,
    "GET /{language}/agencies/{tenant}/logo.svg": AnybodyLooking,
    "GET /{language}/agencies/{tenant}/logo.png": AnybodyLooking,
    "GET /{language}/agencies/{tenant}/services/{service}": Anybody,
    "GET /{language}/follow": Anybody,
    "POST /{language}/follow": Anybody,
    "GET /{language}/cases/{number}/{secret}": Anybody,
    "POST /{language}/cases/{number}/leave": Anybody,
    "GET /{language}/cases/{number}": CitizenOfCase,
    "GET /{language}/cases/{number}/files/{file}": CitizenOfCase,
    "GET /{language}/cases/{number}/tickets/{ticket}/rate": CitizenOfCase,
    "POST /{language}/cases/{number}/tickets/{ticket}/rate": CitizenOfCase,
    "GET /{language}/cases/{number}/tickets/{ticket}/{act}": CitizenOfCase,
    "POST /{language}/cases/{number}/tickets/{ticket}/{act}": CitizenOfCase,
    "GET /{language}/offline": Anybody,
    "GET /{language}/unsent": Anybody,
    "GET /{language}/agencies/{tenant}/services/{service}/report/offline": Anybody,
    "POST /{language}/agencies/{tenant}/services/{service}/report/offline": Anybody,
    "GET /{language}/agencies/{tenant}/services/{service}/report": Anybody,
    "GET /{language}/agencies/{tenant}/services/{service}/report/receipt": Anybody,
    "GET /{language}/agencies/{tenant}/services/{service}/report/review": Anybody,
    "POST /{language}/agencies/{tenant}/services/{service}/report/review": Anybody,
    "POST /{language}/agencies/{tenant}/services/{service}/report/discard": Anybody,
    "POST /{language}/agencies/{tenant}/services/{service}/report/forget": Anybody,
    "POST /{language}/agencies/{tenant}/services/{service}/report/upload": Anybody,
    "POST /{language}/agencies/{tenant}/services/{service}/report/upload/cancel": Anybody,
    "GET /{language}/agencies/{tenant}/services/{service}/report/{step}": Anybody,
    "POST /{language}/agencies/{tenant}/services/{service}/report/{step}": Anybody,
    "GET /{language}/agencies/{tenant}/services/{service}/report/nearby": Anybody,
    "POST /{language}/agencies/{tenant}/services/{service}/report/nearby": Anybody,
    "GET /{language}/my-cases": Anybody,
    "POST /{language}/my-cases": Anybody,
    "GET /{language}/my-cases/code": Anybody,
    "POST /{language}/my-cases/code": Anybody,
    "POST /{language}/my-cases/again": Anybody,
    "GET /{language}/my-cases/list": Anybody,
    "GET /{language}/my-cases/list/{number}": Anybody,
    "POST /{language}/my-cases/forget": Anybody,
}
# What has no guard because it shows nothing: it sends everybody on.
UNGUARDED = {"GET /", "GET /styleguide"}
