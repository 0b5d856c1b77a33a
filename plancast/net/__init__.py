"""HTTP requests: the transport that sends one, and the limiter that paces them.

Providers use both; forges use parts of them.
"""
