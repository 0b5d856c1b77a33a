"""The GraphQL API of the sandbox, over the same World as v1.

`request` reads a question and `handler` returns its reply. `schema` checks documents,
`rate_windows` keeps the rate limits, `fault_replies` makes the answers of faults, `keyset` reads
pages of long lists; `resolvers` leads each field to `account`, `posts`, `listing`, `labels`,
`configuration` or `content_items`, which read, and to `writing`, which changes posts by the `rules`
of the networks, or `content_drafts`, which changes content items. `errors` has the refusals.
"""
