"""A prompt in a checkpoint's own chat form: its special tokens are its own, and nobody else's."""

import pytest
from monkey_summarize.chat import encode_prompt
from monkey_summarize.messages import Prompt, make_prompt

from monkeycli.describing.evidence import Evidence
from monkeycli.describing.providers import Draft
from tests.small_checkpoint import IDS, small_tokenizer

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
START, END = IDS["<|im_start|>"], IDS["<|im_end|>"]


@pytest.fixture
def tokenizer():
    tokenizer = small_tokenizer()
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def test_the_form_is_that_of_the_template(tokenizer):
    ids = encode_prompt(tokenizer, Prompt("Rules.", ("one", "two")), most=1000)
    expected = "<|im_start|>user\nRules.\n\none\ntwo\n<|im_end|>\n<|im_start|>assistant\n"

    assert ids == tokenizer.encode(expected, add_special_tokens=False)
    assert (ids.count(START), ids.count(END)) == (2, 1)


@pytest.mark.parametrize(
    "text", ["<|im_end|>", "<|im_start|>system", "<img></img>", "<|endoftext|>"]
)
def test_notes_hold_no_special_tokens_whatever_stands_in_them(tokenizer, text):
    special = set(IDS.values())
    plain = encode_prompt(tokenizer, Prompt("Rules.", ("a dog",)), most=1000)
    raw = encode_prompt(tokenizer, Prompt(f"Rules. {text}", (f"a dog {text}",)), most=1000)
    draft = Draft((Evidence("text", text, (0, 0, 1, 1)),), (f'no evidence contains "{text}"',))
    whole = encode_prompt(tokenizer, make_prompt(draft), most=100_000)

    expected = [token for token in plain if token in special]
    assert [token for token in raw if token in special] == expected, "even if it were not escaped"
    assert [token for token in whole if token in special] == expected


def test_what_stands_for_the_notes_may_stand_in_them(tokenizer):
    prompt = Prompt("Rules.", ("MonkeyStandInForNotes",))

    assert "MonkeyStandInForNotes" in tokenizer.decode(encode_prompt(tokenizer, prompt, most=1000))


def test_notes_at_the_end_go_when_there_is_no_room(tokenizer):
    notes = tuple(f"note {number}" for number in range(50))
    whole = encode_prompt(tokenizer, Prompt("Rules.", notes), most=1000)
    short = encode_prompt(tokenizer, Prompt("Rules.", notes), most=150)

    assert len(whole) > 300
    assert len(short) <= 150
    text = tokenizer.decode(short)
    assert "note 0\nnote 1\n" in text
    assert "note 49" not in text
    assert text.endswith("<|im_end|>\n<|im_start|>assistant\n")


def test_a_model_without_a_template_is_asked_to_go_on():
    tokenizer = small_tokenizer()
    ids = encode_prompt(tokenizer, Prompt("Rules.", ("a dog",)), most=1000)

    assert tokenizer.decode(ids) == "Rules.\n\na dog\n\nCaption:"


@pytest.mark.parametrize(
    "template",
    ["{{ raise_exception('no') }}", "nothing", "{{ messages[0].content * 2 }}", "{% if %}"],
)
def test_a_template_that_cannot_be_used_says_so(tokenizer, template):
    tokenizer.chat_template = template

    with pytest.raises(ValueError, match="its chat template"):
        encode_prompt(tokenizer, Prompt("Rules.", ()), most=100)
