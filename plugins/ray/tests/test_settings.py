"""What may be said to the engine."""

import pytest
from monkey_ray.settings import Settings, read_settings

from monkeycli.errors import UsageError


def test_numbers_and_addresses():
    typed = {"workers": "2", "cpus": "4", "address": "10.0.0.1:6379"}

    assert read_settings(typed, {}) == Settings("10.0.0.1:6379", 2, 4)
    assert read_settings({}, {}) == Settings(None, None, None)


def test_the_address_may_stand_where_ray_looks_for_it():
    environment = {"RAY_ADDRESS": "elsewhere:1"}

    assert read_settings({}, environment).address == "elsewhere:1"
    assert read_settings({"address": "here:1"}, environment).address == "here:1"


@pytest.mark.parametrize(
    "typed, reason",
    [
        ({"worker": "2"}, "has no setting 'worker'; it has address, workers, cpus"),
        ({"workers": "0"}, "workers=0 is not a number from 1"),
        ({"cpus": "two"}, "cpus=two is not a number from 1"),
        ({"cpus": "-1"}, "cpus=-1 is not a number from 1"),
    ],
)
def test_what_is_no_setting(typed, reason):
    with pytest.raises(UsageError, match=reason):
        read_settings(typed, {})
