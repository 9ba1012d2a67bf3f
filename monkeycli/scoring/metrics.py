"""Metrics by name: a prediction and its gold answers in, a score out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monkeycli.errors import UsageError
from monkeycli.scoring import boxes, text_match
from monkeycli.scoring.cider import MOST, cider
from monkeycli.scoring.definitions import DEFINITIONS
from monkeycli.scoring.vqa import vqa

NO_ANSWER = "unanswerable"
"""What a gold answer or a prediction may say in place of being empty: it is not on the page."""

TextScore = Callable[[str, str], float]
AnswersScore = Callable[[str, Sequence[str]], float]
CorpusScore = Callable[[Sequence[str], Sequence[Sequence[str]]], list[float]]


@dataclass(frozen=True)
class Metric:
    """A way to tell how right predictions are."""

    name: str
    definition: str
    """What it measures, in a sentence."""
    most: float
    """The best score; the worst is 0."""
    score_all: Callable[[Sequence[str | None], Sequence[Sequence[str]]], list[float]]
    """Scores every prediction, None where there is no answer, against its gold answers, none
    where there is no answer to find."""
    is_of_corpus: bool = False
    """Whether a score depends on the other records: then there is no `score` of one alone."""

    def score(self, prediction: str | None, golds: Sequence[str]) -> float:
        """Score one prediction.

        Args:
            prediction: None if there is no answer; right if there is none to find.
            golds: the answers that are right; empty if there is none to find.

        Returns:
            0 to `most`.

        Raises:
            UsageError: `golds` do not suit the metric.
        """
        assert not self.is_of_corpus, f"{self.name} is of all records together: use score_all"
        return self.score_all([prediction], [golds])[0]


def metric_named(name: str) -> Metric:
    """Give a metric.

    Raises:
        UsageError: there is none of this name.

    >>> metric_named("anls").score("12 MAY", ["12 May", "2020-05-12"])
    1.0
    >>> metric_named("exact").score(None, [])  # rightly not answered
    1.0
    """
    if name not in METRICS:
        raise UsageError(f"metric {name!r} is not one of {', '.join(METRICS)}")
    return METRICS[name]


def choose_metric(*, is_caption: bool, golds: Sequence[Sequence[str]]) -> str:
    """Choose the metric that suits: cider for captions, iou for boxes, else anls.

    Args:
        is_caption: whether all predictions are captions.
        golds: the gold answers of each.

    >>> choose_metric(is_caption=False, golds=[["(1,2),(3,4)"], ["(5,6),(7,8)"]])
    'iou'
    """
    if is_caption:
        return "cider"
    texts = [gold for answers in golds for gold in answers]
    return "iou" if texts and all(map(boxes.find_boxes, texts)) else "anls"


def _of_each(
    score: AnswersScore,
) -> Callable[[Sequence[str | None], Sequence[Sequence[str]]], list[float]]:
    """Score record by record; no answer is right where there is none to find."""

    def score_one(prediction: str | None, golds: Sequence[str]) -> float:
        texts = [gold for gold in golds if gold.strip()]
        has_none = len(texts) < len(golds) or not golds
        is_none = prediction is None or prediction.strip().lower() in ("", NO_ANSWER)
        if is_none and has_none:
            return 1.0
        if prediction is None:
            says_so = any(gold.strip().lower() == NO_ANSWER for gold in texts)
            return score(NO_ANSWER, texts) if says_so else 0.0
        return score(prediction, texts) if texts else 0.0

    return lambda predictions, golds: list(map(score_one, predictions, golds))


def _best(score: TextScore) -> AnswersScore:
    return lambda prediction, golds: max(score(prediction, gold) for gold in golds)


def _of_corpus(score: CorpusScore) -> Callable[..., list[float]]:
    def score_all(predictions: Sequence[str | None], golds: Sequence[Sequence[str]]) -> list[float]:
        return score([text or "" for text in predictions], golds)

    return score_all


_OF_EACH: dict[str, AnswersScore] = {
    "anls": _best(text_match.anls),
    "relaxed": _best(text_match.relaxed),
    "relaxed-qwen": _best(text_match.relaxed_qwen),
    "vqa": vqa,
    "contains": _best(text_match.contains),
    "exact": _best(text_match.exact),
    "iou": _best(boxes.iou),
}
METRICS = {
    name: Metric(name, DEFINITIONS[name], 1.0, _of_each(score)) for name, score in _OF_EACH.items()
} | {"cider": Metric("cider", DEFINITIONS["cider"], MOST, _of_corpus(cider), is_of_corpus=True)}
"""All metrics, by name."""
