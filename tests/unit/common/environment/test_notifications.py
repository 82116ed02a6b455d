"""The settings of notifications."""

from ipaddress import ip_network
from typing import Any

import pytest
from marshmallow import ValidationError

from common.environment.notifications import NotificationVariables


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("NOTIFY_URLS", "ntfy://a mailto://u:p@b?to=x,y", ("ntfy://a", "mailto://u:p@b?to=x,y")),
        ("NOTIFY_URLS", "ntfy://a, slack://b\n# a comment\n\njson://c", ("ntfy://a", "slack://b", "json://c")),
        ("NOTIFY_URLS", "ntfy://a ntfy://a", ("ntfy://a",)),
        ("NOTIFY_URLS", "# One URL on each line", ()),
        ("NOTIFY_EVENTS", "regression.opened, session.failed", ("session.failed", "regression.opened")),
        ("WEBHOOK_NETWORKS", "127.0.0.1 ::1,10.0.0.5/8", ("127.0.0.1/32", "::1/128", "10.0.0.0/8")),
        ("PUBLIC_URL", "https://lab.example/gait/", "https://lab.example/gait"),
    ],
)
def test_values(name: str, given: str, read: Any) -> None:
    loaded = NotificationVariables().load({name: given})
    fields = NotificationVariables().fields
    [value] = [loaded[field] for field, each in fields.items() if each.data_key == name]
    assert value == (tuple(map(ip_network, read)) if name == "WEBHOOK_NETWORKS" else read)


@pytest.mark.parametrize(
    ("name", "given", "problem"),
    [
        ("NOTIFY_URLS", "ntfy://a s3cret", "One of the URLs is not one. Write SERVICE://…"),
        ("NOTIFY_EVENTS", "session.begun", "session.begun is not an event. Events: session.finished, "),
        ("NOTIFY_EVENTS", "test", "test is not an event"),
        ("WEBHOOK_NETWORKS", "localhost", "does not appear to be an IPv4 or IPv6 network. Write addresses"),
        ("PUBLIC_URL", "lab.example", "Write it as https://gait.example or with a path."),
        ("PUBLIC_URL", "https://lab.example?x", "Write it as https://gait.example or with a path."),
    ],
)
def test_wrong_values_are_refused(name: str, given: str, problem: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NotificationVariables().load({name: given})
    assert problem in str(refused.value.messages)
    assert "s3cret" not in str(refused.value.messages)
