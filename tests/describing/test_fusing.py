"""What a fuser writes is checked, sent back, and replaced if that does not help."""

import pytest

from monkeycli.describing.evidence import Evidence
from monkeycli.describing.fusing import MAX_TRIES, TemplateFuser, fuse_all
from monkeycli.describing.template import fuse_template
from monkeycli.errors import ItemError, ModelError

DOG = (Evidence("global", "a dog"),)
CAT = (Evidence("global", "a cat"),)


class Writer:
    """Writes what it was given to write, in turn, whatever the draft."""

    by = "writer@1"

    def __init__(self, *texts):
        self._texts = list(texts)
        self.drafts = []

    def fuse(self, drafts):
        self.drafts.append(list(drafts))
        return [self._take() for _ in drafts]

    def _take(self):
        text = self._texts.pop(0)
        if isinstance(text, Exception):
            raise text
        return text


def test_what_is_borne_out_is_taken_at_once():
    (fused,) = fuse_all(Writer(" A dog\n is there. "), [DOG])

    assert (fused.text, fused.by, fused.warning) == ("A dog is there.", "writer@1", None)
    assert fused.checks.sentences == 1


def test_what_is_not_is_sent_back_with_what_is_wrong():
    writer = Writer("9 dogs at [0.1, 0.2].", "A dog.")
    (fused,) = fuse_all(writer, [DOG])

    assert (fused.text, fused.by) == ("A dog.", "writer@1")
    assert writer.drafts[1][0].complaints == (
        "it has coordinates: [0.1, 0.2]",
        "no evidence contains the number 9",
    )


def test_only_those_that_were_rejected_are_written_again():
    writer = Writer("A dog.", "7 cats.", "A cat.")
    fused = fuse_all(writer, [DOG, CAT])

    assert [one.text for one in fused] == ["A dog.", "A cat."]
    assert [[draft.evidence for draft in drafts] for drafts in writer.drafts] == [[DOG, CAT], [CAT]]


def test_after_some_tries_the_template_writes():
    writer = Writer(*["7 cats."] * MAX_TRIES)
    (fused,) = fuse_all(writer, [CAT])

    assert (fused.text, fused.by) == (fuse_template(CAT), "template")
    assert fused.warning == (
        "writer@1 wrote nothing that the evidence bears out: no evidence contains the number 7"
    )
    assert len(writer.drafts) == MAX_TRIES


def test_a_fuser_that_fails_at_one_image_fails_that_one():
    error = ItemError("internal", "no answer", "try later", stage="fuse", retryable=True)
    writer = Writer("A dog.", error, "A dog.", error)
    dog, cat = fuse_all(writer, [DOG, CAT])

    assert dog.text == "A dog."
    assert (cat.code, cat.stage, cat.retryable) == ("internal", "fuse", True)


def test_a_fuser_that_cannot_work_at_all_ends_the_run():
    with pytest.raises(ModelError):
        fuse_all(Writer(ModelError("no key")), [DOG])


def test_rubbish_is_a_failure_of_its_image():
    (failed,) = fuse_all(Writer(7), [DOG])

    assert isinstance(failed, ItemError)


def test_the_template_is_a_fuser_and_always_taken():
    (fused,) = fuse_all(TemplateFuser(), [DOG])

    assert (fused.text, fused.by, fused.checks.complaints) == ("A dog.", "template", ())


def test_nothing_to_write():
    assert fuse_all(Writer(), []) == []
