"""``python -m flows.notifications URL``: a server calls a webhook when somebody should look.

A build has failed or makes no progress; a host stands aside (its engines die, its disk is full, its
code is of another version), a worker is gone, a store is nearly full. Automations of the server of
``PREFECT_API_URL``, or else of the one that was started on this machine, and the address that they
call, a block called ``BLOCK``. Run it again to change the address or the hours; what is called by
these names is made anew. Change or pause them in the server's pages, where Slack, Teams, mail and
the rest are, too.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from prefect.automations import Automation
from prefect.blocks.webhook import Webhook
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from flows.alerts import ASIDE_EVENT, FULL_EVENT, SEEN_EVENT
from flows.artifacts import PROGRESS_EVENT
from flows.asked_server import asked_server

BLOCK = "farm-notifications"
FAILED, STALLED = "Notify: a build has failed", "Notify: a build makes no progress"
ASIDE, GONE, FULL = (
    f"Notify: {what}"
    for what in ("a host stands aside", "a worker is gone", "a store is nearly full")
)
_BUILD, _FACTORY = "prefect.tag.build", "prefect.tag.factory"
_RUN = "prefect.flow-run"
_MESSAGE = "{{ flow_run.state.message | default('', true) | tojson }}"
_REASON = "{{ event.payload.reason | default('', true) | tojson }}"
_THING = "event.resource.name"
_TEXT = "flow_run.name ~ ': ' ~ flow_run.state.name ~ '. ' ~ (flow_run|ui_url)"


def make_notifications(
    url: str,
    stalled_after: timedelta = timedelta(hours=1),
    gone_after: timedelta = timedelta(minutes=5),
) -> tuple[str, ...]:
    """Names of the automations, made or made anew.

    ``url``: gets a POST with JSON: ``text`` (name, state and address of the run, or the name of
    host, worker or store) and ``message`` (of its state, or why). ``stalled_after``: for so long no
    shard of a build was claimed; ``gone_after``: for so long a worker was not seen. About one
    thing nothing is said twice in an hour.
    """
    block = Webhook(method="POST", url=url).save(BLOCK, overwrite=True)  # pyright: ignore[reportArgumentType]
    ends = {f"{_RUN}.{end}" for end in ("Completed", "Failed", "Cancelled", "Crashed")}
    builds = ResourceSpecification({"prefect.resource.id": [f"{_RUN}.*"]})
    triggers = {
        FAILED: EventTrigger(
            expect={f"{_RUN}.Failed"},
            match=builds,
            match_related=_tagged(_BUILD, _FACTORY),
            posture=Posture.Reactive,
            threshold=1,
        ),
        STALLED: EventTrigger(
            after={f"{_RUN}.Running", PROGRESS_EVENT},
            expect={PROGRESS_EVENT, *ends},
            match=builds,
            # A factory trains for hours without a shard being claimed.
            match_related=_tagged(_BUILD),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=stalled_after,
        ),
    }
    triggers |= {
        ASIDE: _once_an_hour(ASIDE_EVENT),
        FULL: _once_an_hour(FULL_EVENT),
        GONE: EventTrigger(
            after={SEEN_EVENT},
            expect={SEEN_EVENT},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=gone_after,
        ),
    }
    for name, trigger in triggers.items():
        text, message = (_TEXT, _MESSAGE) if name in (FAILED, STALLED) else (_THING, _REASON)
        text = f"{{{{ ('{name.removeprefix('Notify: ')}: ' ~ {text}) | tojson }}}}"
        payload = f'{{"text": {text}, "message": {message}}}'
        action = CallWebhook(
            block_document_id=block,  # pyright: ignore[reportArgumentType]
            payload=payload,
        )
        with suppress(ValueError):  # there is none yet
            Automation.read(name=name).delete()  # pyright: ignore[reportAttributeAccessIssue]
        Automation(name=name, trigger=trigger, actions=[action]).create()  # pyright: ignore
    return tuple(triggers)


def _once_an_hour(event: str) -> EventTrigger:
    """At once, and for the same thing again only after an hour."""
    return EventTrigger(
        expect={event},
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
        within=timedelta(hours=1),
    )


def _tagged(*tags: str) -> ResourceSpecification:
    return ResourceSpecification({"prefect.resource.id": [*tags], "prefect.resource.role": "tag"})


def main() -> None:
    """Entry point; prints what it made."""
    parser = argparse.ArgumentParser(description="Call a webhook when a build fails or stalls.")
    parser.add_argument("url", type=_address, help="what is called, with JSON: text, message")
    parser.add_argument(
        "--stalled-hours", type=_hours, default=1.0, help="without a claimed shard [default: 1]"
    )
    options = parser.parse_args()
    with asked_server(parser):
        for name in make_notifications(options.url, timedelta(hours=options.stalled_hours)):
            print(name)


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError("must begin with http:// or https:// and name a host")
    return text


def _hours(text: str) -> float:
    hours = float(text)
    if not 0.01 <= hours <= 24 * 365:
        raise argparse.ArgumentTypeError(f"must be 0.01 to 8760, got {text}")
    return hours


if __name__ == "__main__":
    main()
