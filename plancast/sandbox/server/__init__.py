"""HTTP/1.1 on a socket, as far as the sandbox needs it.

`connection` talks with one client, `reading` and `socket_reader` take in what it sends, `request`
parses heads, `guard` keeps web pages of other sites out, `access_log` words what is logged, and
`options` holds the limits. Nothing here knows what the requests mean.
"""
