"""Which stages there are, and where their generators are found."""

from monkeycli.describing.providers import STAGES, Providers, group_of


def test_every_stage_has_a_group_of_its_own():
    assert len({group_of(stage) for stage in STAGES}) == len(STAGES) == 6


def test_generators_by_stage_stand_in_the_order_of_stages():
    generators = Providers(captioner="a", segmenter="b", fuser="c")

    assert list(generators.by_stage) == list(STAGES)
    assert list(generators.by_stage.values()) == ["a", None, "b", None, None, "c"]
