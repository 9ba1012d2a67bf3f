"""A cluster that is not there is told in a line."""

import pytest

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install ./plugins/ray")

from monkey_ray import cluster  # noqa: E402

from monkeycli.errors import ModelError  # noqa: E402


@pytest.fixture
def asked(monkeypatch):
    """Give what Ray was asked for."""
    found = {}
    monkeypatch.setattr(cluster.ray, "init", lambda **options: found.update(options))
    for name in cluster._QUIET:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(name, "")  # so that it is taken back at the end
        monkeypatch.delenv(name)
    return found


def test_a_cluster_of_our_own_is_quiet_and_small(asked, monkeypatch):
    cluster.join_cluster(None)

    assert asked["address"] == "local"
    assert asked["include_dashboard"] is False
    assert asked["log_to_driver"] is False
    assert asked["object_store_memory"] == cluster.STORE_BYTES
    assert cluster.os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_a_running_cluster_is_taken_as_it_is(asked):
    cluster.join_cluster("10.0.0.1:6379")

    assert asked["address"] == "10.0.0.1:6379"
    assert "object_store_memory" not in asked


def test_a_cluster_that_is_not_there(monkeypatch):
    def fail(**options):
        raise ConnectionError("Could not connect.\nMany lines follow.")

    monkeypatch.setattr(cluster.ray, "init", fail)

    with pytest.raises(
        ModelError, match=r"^no Ray cluster at nowhere:1: Could not connect\.; `ray"
    ):
        cluster.join_cluster("nowhere:1")
