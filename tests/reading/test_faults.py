import signal

import pytest

from monkeycli.options import RasterOptions
from monkeycli.reading.faults import changed_error, crash_error, start_error, timeout_error
from monkeycli.reading.messages import Job

PAGE = Job("render", 0, "a.pdf", 3, RasterOptions(page_timeout=60), has_data=False)
WHOLE = Job("open", 0, "a.pdf", 0, RasterOptions(page_timeout=60), has_data=False)


@pytest.mark.parametrize(
    "error, code, stage, is_retryable, text",
    [
        (
            timeout_error(PAGE),
            *("render_timeout", "render", True),
            "page 3 of a.pdf could not be rendered in 60 s; try --page-timeout 180",
        ),
        (
            timeout_error(WHOLE),
            *("render_timeout", "open", True),
            "a.pdf could not be opened in 60 s; try --page-timeout 180",
        ),
        (
            crash_error(PAGE, -signal.SIGALRM),
            *("render_timeout", "render", True),
            "page 3 of a.pdf could not be rendered in 60 s; try --page-timeout 180",
        ),
        (
            crash_error(PAGE, -signal.SIGSEGV),
            *("render_crash", "render", False),
            (
                "page 3 of a.pdf crashed its reader (SIGSEGV); repair the document,"
                " for example with qpdf"
            ),
        ),
        (
            crash_error(WHOLE, -signal.SIGKILL),
            *("render_crash", "open", True),
            "a.pdf crashed its reader (SIGKILL); repair the document, for example with qpdf",
        ),
        (
            start_error(WHOLE),
            *("internal", "open", True),
            (
                "a.pdf was not read: its reader's process did not start;"
                " see what `python -m monkeycli.reading.worker` says"
            ),
        ),
        (
            changed_error(PAGE),
            *("corrupt", "render", True),
            "a.pdf was changed while it was read; run again",
        ),
    ],
)
def test_says_what_happened_and_what_to_do(error, code, stage, is_retryable, text):
    assert (error.code, error.stage, error.retryable) == (code, stage, is_retryable)
    assert str(error) == text
