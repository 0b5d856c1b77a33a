"""The boards of a Pinterest channel: those of the seed, or two defaults."""

from typing import Any

from plancast.sandbox.values import Profile


def of(owner: Profile) -> list[dict[str, Any]]:
    """Return the boards as the API shows them; a post names one by its `serviceId`."""
    entries = owner.extras.get("boards")
    if entries is None:
        entries = [{"name": "Ideas"}, {"name": "News"}]
    return [
        {
            "id": str(board.get("id") or f"{owner.id}-{number}"),
            "name": str(board.get("name", "")),
            "serviceId": str(board.get("serviceId") or f"{owner.service_id}0{number}"),
            "url": str(board.get("url") or f"https://www.pinterest.com/board/{number}"),
        }
        for number, board in enumerate(entries, start=1)
    ]


def named(owner: Profile, service_id: str) -> dict[str, Any] | None:
    """Return the board that a post names, None if it is gone."""
    return next((board for board in of(owner) if board["serviceId"] == service_id), None)
