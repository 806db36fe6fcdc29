"""Which tests stay on one worker of a run: those of a file that has something costly made once for all of them."""

from __future__ import annotations

from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]

TOGETHER = frozenset(
    {
        "tests/hub/api/test_name_the_other_tenant.py",
        "tests/hub/attachments/test_store.py",
        "tests/hub/onboarding/test_load_a_pack.py",
        "tests/infra/test_demo.py",
        "tests/infra/test_generate.py",
        "tests/infra/test_health.py",
        "tests/infra/test_live_events.py",
        "tests/pages/test_fill_in_forms.py",
        "tests/pages/test_follow_in_a_browser.py",
        "tests/pages/test_logos_in_a_browser.py",
        "tests/pages/test_look_at_pages.py",
        "tests/pages/test_my_cases_in_a_browser.py",
        "tests/portal/test_keep_pages_on_the_device.py",
        "tests/portal/test_live_a_whole_journey.py",
        "tests/portal/test_map_in_browser.py",
        "tests/portal/test_nearby_in_browser.py",
        "tests/portal/test_report_in_browser.py",
        "tests/portal/test_report_without_a_line.py",
        "tests/portal/test_uploads_in_browser.py",
    }
)


class TogetherScheduling(LoadGroupScheduling):  # type: ignore[misc]
    """Hands out tests one by one, but some files whole, and these first.

    The mark `xdist_group` does nothing: it writes into a name of the test that pytest 9.2 no longer reads.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file in TOGETHER else nodeid
