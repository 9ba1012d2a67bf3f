"""The names of the metrics and what each measures, word for word as the help says it."""

from collections.abc import Mapping

DEFINITIONS: Mapping[str, str] = {
    "anls": "1 - Levenshtein distance / length of the longer text, lower-cased and stripped; "
    "below 0.5 it is 0; the closest gold answer counts",
    "relaxed": "1 if both are numbers (12% is 0.12) and differ by at most 5 % of the gold one, "
    "else 1 if equal but for case; the best gold answer counts; a gold 0 has to be equal",
    "relaxed-qwen": "relaxed as Qwen-VL and Monkey compute it: 5 % of the prediction instead",
    "vqa": "the mean over the gold answers of min(1, others that equal the prediction / 3), after "
    "the official normalization; made for ten gold answers, cannot reach 1 with fewer than four",
    "contains": "1 if a gold answer stands in the prediction, lower-cased and without full stops; "
    "the papers' 'accuracy'",
    "exact": "1 if equal to a gold answer but for case and white space",
    "cider": "CIDEr-D over all records, 0 to 10: n-grams shared with the gold captions, weighted "
    "by how rare they are in this file's gold captions (papers print it times 100)",
    "iou": "area covered by both the predicted and the gold boxes, divided by the area covered by "
    "either; boxes as (x1,y1),(x2,y2); the best gold answer counts",
}
"""By the name that `--metric` takes."""
