"""HTTP/1.1 on a socket, as far as the sandbox needs it.

`connection` serves one client, `reading` and `socket_reader` read what it sends, `request` parses
heads, `guard` keeps web pages of other sites out, `access_log` formats log lines, and `options`
holds the limits. Nothing here knows what the requests mean.
"""
