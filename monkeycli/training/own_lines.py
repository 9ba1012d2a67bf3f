"""Lines in our own words: `{"image": ..., "question": ..., "answer": ...}` and what resembles them.

Question files, records that `monkey ask` and `monkey caption` wrote, and plain VQA lines are all
this. What a line asks for is told by its `task`, else the mixture's, else by what it holds.
"""

from dataclasses import replace

from monkeycli.questions import Json
from monkeycli.records import KEYS, unquote_path
from monkeycli.training.drafts import (
    Draft,
    LineError,
    first_of,
    to_answers,
    to_boxes,
    to_page,
    to_path,
    to_task,
    to_text,
)
from monkeycli.training.sample import TaskName

_IMAGE = ("image", "document", "pdf")
_ANSWER = ("answer", "answers", "gold")
_BOX = ("box", "boxes", *_ANSWER)
_TEXT: dict[TaskName, tuple[str, ...]] = {
    "caption": ("caption", *_ANSWER),
    "detailed_caption": ("caption", *_ANSWER),
    "read": ("text", *_ANSWER),
}
"""Where the answer of a task without a question stands; the first that is there counts."""

Fields = dict[str, Json]


def read_own_line(fields: Fields, task: TaskName | None) -> list[Draft]:
    """Read a line; one with a list of `questions` about its image holds several samples.

    Args:
        fields: of the line.
        task: the mixture's, for a line that does not name its own.

    Raises:
        LineError: something is missing or of the wrong kind.
    """
    if fields.get("kind") in tuple(KEYS) and "status" in fields:
        return [_read_record(fields, task)]
    questions = fields.get("questions")
    if questions is None:
        return [_read_fields(fields, task)]
    if not isinstance(questions, list) or not questions:
        raise LineError("'questions' must be a list that is not empty")
    shared = {key: value for key, value in fields.items() if key != "questions"}
    drafts = []
    for number, question in enumerate(questions, 1):
        if not isinstance(question, dict):
            raise LineError(f"question {number} of its 'questions' must be an object")
        drafts.append(_read_fields({**shared, **question}, task))
    return drafts


def _read_record(fields: Fields, task: TaskName | None) -> Draft:
    """Read a record; the right answer it carries counts more than what the model wrote."""
    if fields["status"] != "ok":
        raise LineError("the record of a failed page has nothing to learn from")
    line = {key: fields.get(key) for key in ("page", "question", "question_id", "caption")}
    line["image"] = unquote_path(to_text(fields.get("source"), "source"))
    line["answer"] = first_of(fields, ("gold", "answer", "description"))
    if fields["kind"] in ("caption", "description"):
        task = task or "detailed_caption"
    return _read_fields(line, task)


def _read_fields(fields: Fields, task: TaskName | None) -> Draft:
    named = first_of(fields, _IMAGE)
    if named is None:
        raise LineError("names no 'image' or 'document'")
    number = first_of(fields, ("question_id", "id"))
    kind = to_task(fields.get("task")) or task or _guess_task(fields)
    blank = Draft(
        image=to_path(named),
        task=kind,
        page=to_page(first_of(fields, ("page", "pages"))),
        id=None if number is None else to_text(number, "id"),
    )
    if kind in _TEXT:
        return replace(blank, answers=_needed(fields, _TEXT[kind], kind))
    if kind == "ground":
        found = to_text(first_of(fields, ("text", "question")), "text")
        return replace(blank, question=found, answers=to_boxes(first_of(fields, _BOX)))
    question = to_text(first_of(fields, ("question",)), "question")
    if kind == "no_answer" or _says_nothing(fields):
        return replace(blank, task="no_answer", question=question)
    return replace(blank, question=question, answers=_needed(fields, _ANSWER, kind))


def _needed(fields: Fields, names: tuple[str, ...], task: TaskName) -> tuple[str, ...]:
    value = first_of(fields, names)
    if value is None:
        raise LineError(f"a {task!r} line needs {names[0]!r}")
    return to_answers(value, names[0])


def _says_nothing(fields: Fields) -> bool:
    """Whether a line says that the answer is not on the page: by null, or by no answers."""
    there = [fields[name] for name in _ANSWER if name in fields]
    return bool(there) and all(value is None or value == [] for value in there)


def _guess_task(fields: Fields) -> TaskName:
    if first_of(fields, ("question",)) is not None:
        return "vqa"
    if first_of(fields, ("caption",)) is not None:
        return "caption"
    if first_of(fields, ("text",)) is not None:
        return "ground" if first_of(fields, ("box", "boxes")) is not None else "read"
    raise LineError("has no 'question', 'caption' or 'text', so there is nothing to learn")
