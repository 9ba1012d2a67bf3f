r"""Conversations: the published training format (Monkey, Qwen-VL) and LLaVA's.

Of each the first two turns are used, as the published training does: what comes later was said in
answer to them, and is no sample of its own.

    {"conversations": [{"from": "user", "value": "<img>a.jpg</img> Who? Answer: "}, {...}]}
    {"image": "a.jpg", "conversations": [{"from": "human", "value": "<image>\nWho?"}, {...}]}

In the published form the path between `<img>` and `</img>` is data, and the words behind it are
the prompt, byte for byte. In LLaVA's the words are a question, to be put in the task's template.
"""

import re

from monkeycli.questions import Json
from monkeycli.training.drafts import Draft, LineError, to_answers, to_boxes, to_path, to_text
from monkeycli.training.sample import TaskName

_IMAGE = re.compile(r"<img>(.*?)</img>", re.DOTALL)
_MARK = "<image>"

_ASKERS = ("user", "human")
_ANSWERERS = ("assistant", "gpt")

_KNOWN_PROMPTS: dict[str, TaskName] = {
    "Generate the caption in English:": "caption",
    "Generate the detailed caption in English:": "detailed_caption",
    "Read all the text in the image.": "read",
}
"""The published prompts that say what they want (paper, section 3.3, and TextMonkey's)."""


def read_conversation(fields: dict[str, Json], task: TaskName | None) -> Draft:
    """Read the first question and answer of a conversation.

    Args:
        fields: of the line, `conversations` among them.
        task: the mixture's; None to tell from the prompt: one of the published ones for captions
            and reading, `<ref>` for `ground`, any other is a `vqa`.

    Raises:
        LineError: there are no two turns, or not exactly one image; or the answer does not suit
            the task.
    """
    asked, answered = _first_turns(fields["conversations"])
    name = fields.get("id")
    number = None if name is None else to_text(name, "id")
    if "<img>" in asked or _MARK not in asked:
        image, prompt = _split_published(asked)
        kind = task or _tell_task(prompt)
        question = _question(prompt.strip().removesuffix("Answer:").strip(), kind)
        return Draft(image, kind, question, _answers(answered, kind), prompt, id=number)
    if "image" not in fields:
        raise LineError("has no 'image'")
    if asked.count(_MARK) > 1 or isinstance(fields["image"], list):
        raise LineError("is about several images; a sample has one")
    kind = task or "vqa"
    question = _question(asked.replace(_MARK, "").strip(), kind)
    return Draft(to_path(fields["image"]), kind, question, _answers(answered, kind), id=number)


def _first_turns(turns: Json) -> tuple[str, str]:
    if not isinstance(turns, list) or len(turns) < 2:
        raise LineError("'conversations' must be a list of at least two turns")
    texts: list[str] = []
    for turn, speakers in zip(turns, (_ASKERS, _ANSWERERS), strict=False):
        if not isinstance(turn, dict) or turn.get("from") not in speakers:
            raise LineError(f"turn {len(texts) + 1} is not from {' or '.join(speakers)}")
        texts.append(to_text(turn.get("value"), "value"))
    return texts[0], texts[1]


def _split_published(asked: str) -> tuple[str, str]:
    """Give the image's path, and the words behind it."""
    found = list(_IMAGE.finditer(asked))
    if not found:
        raise LineError("has neither <img>PATH</img> nor <image> in its first turn")
    if len(found) > 1:
        raise LineError("is about several images; a sample has one")
    if asked[: found[0].start()].strip():
        raise LineError("has words before the image; a prompt begins with it")
    return to_path(found[0][1]), asked[found[0].end() :]


def _tell_task(prompt: str) -> TaskName:
    text = prompt.strip()
    return "ground" if text.startswith("<ref>") else _KNOWN_PROMPTS.get(text, "vqa")


def _question(text: str, task: TaskName) -> str | None:
    """Give what a sample's `question` holds."""
    if task not in ("vqa", "no_answer", "ground"):
        return None
    text = re.sub(r"</?ref>", "", text).strip() if task == "ground" else text
    if not text:
        raise LineError("its first turn asks nothing")
    return text


def _answers(text: str, task: TaskName) -> tuple[str, ...]:
    if task == "no_answer":
        return ()
    return to_boxes(text) if task == "ground" else to_answers(text, "value")
