"""The boards of a Pinterest channel: those of the seed, or two that are always there."""

from typing import Any

from plancast.sandbox.values import Profile


def of(owner: Profile) -> list[dict[str, Any]]:
    """The boards as the API shows them; `serviceId` is what a post names."""
    given = owner.extras.get("boards")
    if given is None:
        given = [{"name": "Ideas"}, {"name": "News"}]
    return [
        {
            "id": str(board.get("id") or f"{owner.id}-{number}"),
            "name": str(board.get("name", "")),
            "serviceId": str(board.get("serviceId") or f"{owner.service_id}0{number}"),
            "url": str(board.get("url") or f"https://www.pinterest.com/board/{number}"),
        }
        for number, board in enumerate(given, start=1)
    ]


def named(owner: Profile, service_id: str) -> dict[str, Any] | None:
    """The board that a post names, while it is there."""
    return next((board for board in of(owner) if board["serviceId"] == service_id), None)
