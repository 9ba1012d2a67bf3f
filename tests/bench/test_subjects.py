import pytest
import torch

from monkeycli.bench.subjects import CONFIGURATIONS, draw_subject, load_subject
from monkeycli.errors import UsageError

CPU = torch.device("cpu")


@pytest.fixture
def tiny(monkeypatch):
    """A network as `small`, but that takes no time to build."""
    text = {**CONFIGURATIONS["small"]["text_config"], "vocab_size": 600, "eos_token_id": 599}
    monkeypatch.setitem(CONFIGURATIONS, "small", {**CONFIGURATIONS["small"], "text_config": text})


@pytest.mark.usefixtures("tiny")
def test_the_same_weights_are_drawn_every_time():
    first, second = (draw_subject("small", device=CPU, dtype=torch.float32) for _ in range(2))
    names = dict(first.model.named_parameters())
    assert all(torch.equal(names[n], p) for n, p in second.model.named_parameters())
    assert first.num_parameters == sum(weight.numel() for weight in names.values())


@pytest.mark.usefixtures("tiny")
def test_weights_have_the_dtype_asked_for():
    subject = draw_subject("small", device=CPU, dtype=torch.bfloat16)
    assert {weight.dtype for weight in subject.model.parameters()} == {torch.bfloat16}
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.usefixtures("tiny")
def test_every_token_can_be_read_and_every_text_spelled():
    processor = draw_subject("small", device=CPU, dtype=torch.float32).processor
    assert processor.decode(processor.encode("Gr\u00fc\u00dfe <img>")) == "Gr\u00fc\u00dfe <img>"
    assert processor.decode([300, 599]) == "300 599"


def test_in_few_bits_it_has_the_weights_it_had_and_a_name_of_its_own(
    tiny, rounded, small_folder, small_monkey
):
    drawn = draw_subject("small", device=CPU, dtype=torch.float32, quantize="int4")
    loaded = load_subject(str(small_folder), device=CPU, dtype=torch.float32, quantize="int8")

    assert rounded == ["int4", "int8"]
    assert (drawn.name, loaded.name) == ("small+int4 (random weights)", "small@1.0+int8")
    weights = small_monkey.model.parameters()
    assert loaded.num_parameters == sum(weight.numel() for weight in weights)


@pytest.mark.parametrize("kind", ["int8", "int4"])
@pytest.mark.usefixtures("tiny")
def test_however_many_bits_hold_them_weights_are_counted_once(kind):
    pytest.importorskip("bitsandbytes")
    plain, few = (
        draw_subject("small", device=CPU, dtype=torch.float32, quantize=quantize)
        for quantize in ("none", kind)
    )

    assert few.num_parameters == plain.num_parameters


def test_unknown_names_are_errors():
    with pytest.raises(UsageError, match="no configuration 'huge'"):
        draw_subject("huge", device=CPU, dtype=torch.float32)
    with pytest.raises(UsageError, match="neither a model"):
        load_subject("no-such-model", device=CPU, dtype=torch.float32)
