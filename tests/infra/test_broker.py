from __future__ import annotations

from importlib.util import find_spec

import pytest
from pydantic import SecretStr

from infra.broker import find_broker
from infra.errors import BadBrokerUrl, BrokerLibraryMissing
from infra.settings import BrokerKind, BrokerSettings

DATABASE = SecretStr("postgresql://hub_app:very-secret@db.example:6432/hub19?sslmode=require")


def test_without_a_word_the_database_carries_the_messages() -> None:
    broker = find_broker(BrokerSettings(url=None), DATABASE)
    assert broker.kind is BrokerKind.POSTGRESQL
    assert broker.address == "pgmq://db.example:6432/hub19"
    # Its own options reach the server, unlike those of an address that Kombu takes apart.
    assert broker.options["conninfo"] == DATABASE.get_secret_value()
    assert "very-secret" not in repr(broker)


@pytest.mark.parametrize("url", ["amqp://hub:very-secret@rabbit.example//", "amqps://rabbit.example/hub"])
def test_rabbitmq_is_used_when_named(url: str) -> None:
    broker = find_broker(BrokerSettings(url=SecretStr(url)), DATABASE)
    assert broker.kind is BrokerKind.RABBITMQ
    assert broker.celery_settings()["broker_url"] == url
    assert "very-secret" not in repr(broker)


def test_redis_says_which_package_it_needs() -> None:
    settings = BrokerSettings(url=SecretStr("redis://redis.example/0"))
    if find_spec("redis") is None:
        with pytest.raises(BrokerLibraryMissing, match="“redis”"):
            find_broker(settings, DATABASE)
    else:
        assert find_broker(settings, DATABASE).kind is BrokerKind.REDIS


@pytest.mark.parametrize("url", ["pgmq://elsewhere/db", "sqs://", "localhost:5672", "carrier-pigeon://loft"])
def test_any_other_broker_is_refused(url: str) -> None:
    with pytest.raises(BadBrokerUrl) as refused:
        BrokerSettings(url=SecretStr(url))
    assert refused.value.field == "HUB_BROKER_URL"
