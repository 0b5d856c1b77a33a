import pytest

pytest.register_assert_rewrite("plancast.testing")
