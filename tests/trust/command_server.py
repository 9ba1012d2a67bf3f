"""Import what `monkey` imports, once, and run each command in a process of its own by forking.

Started by `forked_commands`. What runs in the fork is `monkeycli.cli.main`, as in the command
itself: its own process, session, descriptors, signals and exit code; only the imports were done
before, and the interpreter is not torn down after, which costs more than a small run itself.
A line of JSON comes in and one goes out: a command to start and its process, or a process to wait
for and its status.
"""

import contextlib
import gc
import json
import os
import resource
import signal
import sys
import traceback
from importlib import import_module

from monkeycli import cli

HEAVY = (
    "monkeycli.bench.measure",
    "monkeycli.commands.description_run",
    "monkeycli.commands.report",
    "monkeycli.commands.run",
    "monkeycli.commands.train_run",
    "monkeycli.scoring.report",
    "monkeycli.store",
)
"""What commands import when they are run."""


def take_pipes():
    """Keep the pipes from the commands: theirs are files."""
    requests, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    return os.fdopen(requests, "r"), os.fdopen(answers, "w")


def become(request):
    """Make this process the one that was asked for; returns what to call there."""
    os.setsid()
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[:0] = request["sites"]
    open_streams(request)
    if request["max_file"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["max_file"],) * 2)
    if request["prepare"] is not None:
        module, function = request["prepare"].split(":")
        getattr(import_module(module), function)()
    sys.argv = ["monkey", *request["words"]]


def open_streams(request):
    """Put the command's own files where standard input, output and error are."""
    if request["out"] is None:
        reader, writer = os.pipe()
        os.close(reader)
    else:
        writer = os.open(request["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    errors = os.open(request["err"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number, descriptor in ((1, writer), (2, errors)):
        os.dup2(descriptor, number)
        os.close(descriptor)


def run(words):
    """Run a command and end as it ends."""
    code = 1
    try:
        cli.main(words)
    except SystemExit as stop:
        code = stop.code
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        os._exit(code)


def main():
    requests, answers = take_pipes()
    for name in HEAVY:
        import_module(name)
    # What a shell runs in the background ignores Ctrl-C, and a test of it would wait for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.freeze()  # or else every fork would copy what the collector touches
    while line := requests.readline():
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if answer == 0:
                requests.close()
                os.close(answers.fileno())
                become(request)
                run(request["words"])
        answers.write(f"{answer}\n")
        answers.flush()


if __name__ == "__main__":
    main()
