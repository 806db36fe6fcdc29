"""Celery as the hub uses it: a hint to do a promised job soon; the job's row alone says whether it is done."""

from __future__ import annotations

from collections.abc import Sequence

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun

from infra.broker import QUEUE, Broker
from infra.logs import at_hand, configure_logs


def celery_app(broker: Broker) -> Celery:
    """The Celery application of this process; jobs declared with `hub.journal.tasks.job` are its tasks.

    A message is acknowledged after its work, so that a dead worker's comes back; nobody waits for results; workers
    do not talk with each other, because a broker in the database would pay for it all day.
    """
    app = Celery("hub19", set_as_current=True)
    app.conf.update(
        **broker.celery_settings(),
        accept_content=["json"],
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=5,
        enable_utc=True,
        result_backend=None,
        result_serializer="json",
        task_acks_late=True,
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_reject_on_worker_lost=True,
        task_send_sent_event=False,
        task_serializer="json",
        timezone="UTC",
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
    )
    return app


def _keep_our_logs(**_given: object) -> None:
    configure_logs()


# With no listener Celery would set up logging of its own.
setup_logging.connect(_keep_our_logs)


def _take_in_hand(args: Sequence[str] = (), **_given: object) -> None:
    at_hand.set(dict(zip(("tenant_id", "job_id"), args, strict=False)))


def _put_away(**_given: object) -> None:
    at_hand.set(None)


# Every line that is logged in the thread of a job carries the job's ids.
task_prerun.connect(_take_in_hand)
task_postrun.connect(_put_away)
