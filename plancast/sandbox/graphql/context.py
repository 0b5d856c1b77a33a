"""The context of an answer: the session, the account, and the part of it that this API can show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from plancast.sandbox import database, queues
from plancast.sandbox.faults import Fault, FaultKind
from plancast.sandbox.graphql import schema
from plancast.sandbox.graphql.errors import not_found
from plancast.sandbox.queues import Session
from plancast.sandbox.services import GRAPHQL_SERVICES
from plancast.sandbox.settings import Ids, Settings
from plancast.sandbox.v1.serialize import ORGANIZATION_ID
from plancast.sandbox.values import Account, Profile, Tag, Update

NEW_STATUS = "archived"


@dataclass(frozen=True, slots=True)
class Context:
    """One request's view of the world.

    `channels` are the user's profiles in their order. Faults set the rest: `drop` is the profile
    that a content item leaves out ("*": the last one), `ignores_edits` makes edits do nothing,
    `fails_after` makes a mutation that was carried out answer with a typed failure, and `status`
    replaces the status of every post.
    """

    session: Session
    account: Account
    channels: Mapping[str, Profile]
    drop: str = ""
    ignores_edits: bool = False
    fails_after: bool = False
    status: str = ""

    @classmethod
    def of(cls, session: Session, user_id: str, fault: Fault | None) -> Self:
        """Build the view of a user, with the changes that a fault makes in it."""
        row = database.rows(session.db, "SELECT * FROM accounts WHERE id = ?", user_id)[0]
        own = (p for p in queues.profiles(session, user_id) if p.service in GRAPHQL_SERVICES)
        kind = fault.kind if fault else None
        return cls(
            session,
            database.account_of(row),
            {profile.id: profile for profile in own},
            drop=(fault.profile or "*") if fault and kind is FaultKind.PARTIAL_CREATE else "",
            ignores_edits=kind is FaultKind.EDIT_IGNORED,
            fails_after=kind is FaultKind.FAILURE_AFTER,
            status=NEW_STATUS if kind is FaultKind.NEW_ENUM else "",
        )

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.session.settings

    def turn(self, id_: str) -> str:
        """Return the id that a profile or a post has in the other API.

        It works in both directions.
        """
        return schema.other_id(id_) if self.settings.graphql_ids is Ids.OTHER else id_

    def channel(self, id_: str) -> Profile | None:
        """Return a channel by the id that clients know, None if there is none."""
        return self.channels.get(self.turn(id_))

    def post(self, id_: str) -> Update | None:
        """Return a post by the id that clients know, None if there is none."""
        query = "SELECT * FROM posts WHERE id = ?"
        records = database.rows(self.session.db, query, self.turn(id_))
        item = database.update_of(records[0]) if records else None
        return item if item and item.profile_id in self.channels else None

    def tags(self) -> dict[str, Tag]:
        """Return the tags of the organization by their ids, in the order of their names."""
        records = database.rows(self.session.db, "SELECT * FROM tags ORDER BY name")
        return {row["id"]: database.tag_of(row) for row in records}

    def check_organization(self, id_: str) -> None:
        """Refuse any organization but the only one. Raises GraphQLError."""
        if id_ != ORGANIZATION_ID:
            raise not_found("Organization")
