import pytest

from monkeycli.training.conversations import read_conversation
from monkeycli.training.drafts import Draft, LineError


def talk(*texts, speakers=("user", "assistant"), **fields):
    turns = [{"from": speakers[n % 2], "value": text} for n, text in enumerate(texts)]
    return {"conversations": turns, **fields}


def llava(*texts, **fields):
    return talk(*texts, speakers=("human", "gpt"), image="a.jpg", **fields)


def test_published_words_are_kept_to_the_byte():
    line = talk("<img>dir/a b.jpg</img> Who?  Answer: ", "me", id="x_1")

    assert read_conversation(line, None) == Draft(
        "dir/a b.jpg", "vqa", "Who?", ("me",), prompt=" Who?  Answer: ", id="x_1"
    )


def test_only_the_first_two_turns_are_used():
    """As finetune_multitask.py does; its golden `extra_turns_ignored` shows it."""
    line = talk("<img>a.jpg</img> q1 Answer: ", "a1", "q2 Answer: ", "a2")

    assert read_conversation(line, None) == read_conversation(
        talk("<img>a.jpg</img> q1 Answer: ", "a1"), None
    )


@pytest.mark.parametrize(
    "words, task",
    [
        (" Generate the detailed caption in English: ", "detailed_caption"),
        (" Generate the caption in English: ", "caption"),
        (" Read all the text in the image.", "read"),
        (" Who? Answer: ", "vqa"),
    ],
)
def test_a_published_prompt_tells_its_task(words, task):
    draft = read_conversation(talk(f"<img>a.jpg</img>{words}", "it"), None)

    assert (draft.task, draft.prompt, draft.answers) == (task, words, ("it",))
    assert draft.question == ("Who?" if task == "vqa" else None)


def test_published_grounding_is_read_without_its_tags():
    line = talk("<img>a.jpg</img> <ref>the total</ref>", "<box>(1,2),(30,40)</box>")
    draft = read_conversation(line, None)

    assert draft == Draft(
        *("a.jpg", "ground", "the total", ("(1,2),(30,40)",), " <ref>the total</ref>")
    )


@pytest.mark.parametrize("asked", ["<image>\nWho?", "Who?\n<image>", "<image> Who?"])
def test_llavas_words_are_a_question(asked):
    assert read_conversation(llava(asked, "me", id=3), None) == Draft(
        "a.jpg", "vqa", "Who?", ("me",), id="3"
    )


def test_the_mixtures_task_counts():
    draft = read_conversation(llava("<image>\nDescribe it.", "A dog."), "detailed_caption")

    assert draft == Draft("a.jpg", "detailed_caption", answers=("A dog.",))
    draft = read_conversation(talk("<img>a.jpg</img> Who? Answer: ", "unanswerable"), "no_answer")
    assert (draft.task, draft.question, draft.answers) == ("no_answer", "Who?", ())


def test_a_question_may_speak_of_images():
    """Only the first form that is there is a form; the rest is text."""
    draft = read_conversation(talk("<img>a.jpg</img> What is <image>? Answer: ", "a tag"), None)

    assert draft.question == "What is <image>?"


@pytest.mark.parametrize(
    "fields, complaint",
    [
        ({"conversations": "x"}, "a list of at least two turns"),
        (talk("<img>a.jpg</img> q"), "a list of at least two turns"),
        (
            talk("<img>a.jpg</img> q", "a", speakers=("assistant", "user")),
            "turn 1 is not from user",
        ),
        (talk("<img>a.jpg</img> q", "a", speakers=("user", "user")), "turn 2 is not from assistan"),
        ({"conversations": ["q", "a"]}, "turn 1 is not from user"),
        (talk("<img>a.jpg</img> q", ""), "'value' must be a text"),
        (talk("<img>a.jpg</img>", "a"), "its first turn asks nothing"),
        (talk("<img></img> q", "a"), "'image' must be the name of a file"),
        (talk("who?", "a"), "has neither <img>PATH</img> nor <image>"),
        (talk("<img>a.jpg who?", "a"), "has neither <img>PATH</img> nor <image>"),
        (talk("<img>a.jpg</img><img>b.jpg</img> q", "a"), "several images"),
        (talk("Picture 1: <img>a.jpg</img> q", "a"), "words before the image"),
        (talk("<img>a.jpg</img> <ref>x</ref>", "there"), "needs a 'box'"),
        (talk("<image>\nq", "a"), "has no 'image'"),
        (llava("<image><image>\nq", "a"), "several images"),
        ({**llava("<image>\nq", "a"), "image": ["a", "b"]}, "several images"),
        ({**llava("<image>\nq", "a"), "image": 7}, "'image' must be the name of a file"),
        (llava("<image>\n", "a"), "its first turn asks nothing"),
    ],
)
def test_a_conversation_that_cannot_be_learnt_from_says_why(fields, complaint):
    with pytest.raises(LineError, match=complaint):
        read_conversation(fields, None)
