"""How a model is asked once it has learnt: in the words, and for the tasks, that it learnt by.

They go into its configuration, and from there into its adapter and its whole model; so that
`monkey ask` and `monkey caption` ask as the run did.
"""

from collections.abc import Collection, Mapping

from monkeycli.model.config import MonkeyConfig
from monkeycli.training.prompts import CAPTION, DETAILED_CAPTION, UNANSWERABLE
from monkeycli.training.sample import TaskName

_CAPTIONS: tuple[tuple[TaskName, str, str], ...] = (
    ("detailed_caption", "caption", DETAILED_CAPTION),
    ("caption", "short_caption", CAPTION),
)
"""Each task of captions: the template of the configuration it has, and what is said without one."""


def note_asked(
    config: MonkeyConfig, templates: Mapping[str, str], tasks: Collection[TaskName]
) -> None:
    """Say in a model's configuration how it will have to be asked.

    Args:
        config: of the model that learns; changed in place.
        templates: by task, of the mixture file.
        tasks: that are learnt.

    >>> config = MonkeyConfig(prompts={"ask": "Q: {question} A:", "caption": ""})
    >>> note_asked(config, {"vqa": "{question}?"}, {"vqa", "detailed_caption", "no_answer"})
    >>> config.prompts["ask"], config.prompts["caption"]
    ('{question}?', 'Generate the detailed caption in English:?')
    >>> config.no_answer
    'unanswerable'
    """
    prompts = {**config.prompts, "ask": templates.get("vqa", config.prompts["ask"])}
    for task, name, words in _CAPTIONS:
        if task in templates:
            prompts[name] = templates[task].replace("{question}", "")
        elif task in tasks and not prompts[name]:
            prompts[name] = prompts["ask"].replace("{question}", words)
    config.prompts = prompts
    if "no_answer" in tasks and config.no_answer is None:
        config.no_answer = UNANSWERABLE
