"""The limits of channels and networks in one answer, as the query `configuration` shows them.

The numbers are those that this sandbox enforces. Assumptions of ours: there is one type of content,
and comments and mentions are not served.
"""

from collections.abc import Mapping
from typing import Any

from plancast.sandbox.graphql import rules
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.services import GRAPHQL_SERVICES, SERVICES

Shown = dict[str, Any]


def configuration(context: Context, sent: Mapping[str, Any]) -> Shown:
    """Return what each channel, and each network, allows."""
    context.check_organization(sent["organizationId"])
    channels = [
        {
            "authorizationStatus": [
                {
                    "feature": "posting",
                    "reason": None,
                    "status": "needsRefresh" if owner.disconnected else "ok",
                }
            ],
            "channelId": context.turn(owner.id),
            "channelType": owner.service_type,
            "content": [_content(owner.service, rules.characters(owner, context.settings))],
            "engagement": [],
            "service": owner.service,
        }
        for owner in context.channels.values()
    ]
    overrides = context.settings.character_limits
    services = [
        {
            "channelType": kind,
            "content": [_content(name, overrides.get(name, known.characters))],
            "engagement": [],
            "service": name,
        }
        for name, known in GRAPHQL_SERVICES.items()
        for kind in SERVICES[name].types
    ]
    return {"channels": channels, "services": services}


def _content(name: str, characters: int | None) -> Shown:
    """Return properties and rules of a network; `characters`: the longest text of a post."""
    known = GRAPHQL_SERVICES[name]
    properties = {
        "text": True,
        "image": True,
        "video": True,
        "thread": known.threaded,
        "linkAttachment": known.link_card,
        "firstComment": known.comment is not None,
        "retweetAttachment": name == "twitter",
    }
    longest = {"text": characters, "firstComment": known.comment}
    return {
        "configurationContentTypes": ["post"],
        "rules": [
            {"__typename": "LengthRule", "property": key, "maxLength": limit}
            for key, limit in longest.items()
            if limit is not None
        ],
        "supportedProperties": [key for key, has in properties.items() if has],
    }
