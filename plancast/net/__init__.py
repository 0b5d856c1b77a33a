"""Requests out, answers in: the transport and the limiter. Only providers use them."""
