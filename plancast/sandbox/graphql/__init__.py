"""The GraphQL API of the sandbox, over the same World as v1.

`door` takes a request and gives its reply. `schema` knows documents, `windows` the rate limits,
`faulty` what faults look like here; `account`, `posts`, `listing`, `labels` and `items` answer,
`writing` changes, by the rules of `rules` and in the words of `problems`.
"""
