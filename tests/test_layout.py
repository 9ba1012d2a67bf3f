"""The shape of the package: floors, where libraries are imported, a test file for every module."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import monkeycli

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "monkeycli"

# Lowest first. A module may import only what is named before it, so there can be no cycle.
FLOORS = {
    "words": [
        *["errors", "grid", "document", "options", "pages"],
        *["describing.overlap", "describing.evidence"],
    ],
    "edges": [
        *[
            "plugins",
            "engines.choice",
            "catalog",
            "messages",
            "file_type",
            "inputs",
            "questions",
            "task",
            "prompt",
            "asked_kind",
            "stems",
            "text_table",
            "asked_rows",
            "excerpt",
        ],
        *["records", "best_page", "totals", "formats", "settings", "streams", "signals"],
        *["output_files", "journal", "output"],
    ],
    "reading": [
        *(
            f"reading.{name}"
            for name in ("cells", "layout", "placing", "reader", "source", "pdf", "image")
        ),
        *(f"reading.{name}" for name in ("messages", "worker", "faults", "child", "pool")),
        *("page_text", "locate", "shard"),
    ],
    "model": [
        *["windows", "window_files"],
        *(
            f"model.{name}"
            for name in (
                *("config", "packed", "adapters", "attention", "positions", "stem", "vision"),
                *(
                    *("resampler", "page_lines", "reading_order", "lexicon", "speller", "reader"),
                    "rotary",
                    "virtual",
                    "base",
                    "head",
                    "branches",
                    "monkey",
                    "tokenizer",
                    "processing",
                    "keys",
                ),
                *("published", "merge", "files", "checkpoint", "adapter_files"),
                *("adapter_merge", "quantize", "check", "device", "feature_cache"),
            )
        ),
        *["hub", "store"],
    ],
    "answer": ["decoding", "portion", "answer"],
    "scoring": [
        f"scoring.{name}"
        for name in (
            *("definitions", "text_match", "vqa", "boxes", "cider", "metrics", "interval"),
            *("predictions", "gold", "board", "published", "table", "report"),
        )
    ],
    "pipeline": ["blanks", "pipeline"],
    "training": [
        *(f"training.{name}" for name in ("sample", "mixture", "presets", "yaml_fields")),
        *(f"training.{name}" for name in ("mixture_file", "sampling", "drafts", "own_lines")),
        *(f"training.{name}" for name in ("conversations", "formats", "prompts", "asked")),
        *(f"training.{name}" for name in ("encode", "branching", "collate", "places", "losses")),
        *(f"training.{name}" for name in ("run_folder", "run_log", "run_settings", "curves")),
        *(f"training.{name}" for name in ("images", "ahead", "page_dataset")),
        *(f"training.{name}" for name in ("tuners", "tuning", "adapter_files")),
        *(f"training.{name}" for name in ("survey", "estimate", "check", "check_text")),
        *(f"training.{name}" for name in ("meter", "evaluating", "loading", "passes")),
        *("training.sharding", "training.trainer", "training.session"),
    ],
    "api": ["api"],
    "engines": [
        f"engines.{name}"
        for name in ("work", "worker", "process", "crew", "processes", "opening", "dispatch")
    ],
    "bench": [
        *(f"bench.{name}" for name in ("machine", "pages", "subjects", "published_way", "work")),
        *("bench.stages", "bench.measure", "bench.report"),
    ],
    "describing": [
        f"describing.{name}"
        for name in (
            *("filtering", "places", "wording", "checks", "pairs", "template", "reading_order"),
            *("providers", "registry", "asking", "cutouts", "stage_file", "stages", "fusing"),
            *("captioner", "captions", "run", "lessons", "report_style", "report"),
            "beside",
        )
    ],
    "work": [
        "progress",
        *(f"commands.{name}" for name in ("request", "writing", "divided_run", "run")),
        *("commands.report", "commands.print_bench"),
        *("commands.train_run", "commands.description", "commands.description_run"),
    ],
    "commands": [
        f"commands.{name}"
        for name in (
            "defaults",
            "shared_options",
            "ask",
            "bench",
            "caption",
            "describe",
            "model",
            "info",
            "score",
            "train",
        )
    ],
    "cli": ["cli", "__main__"],
}
ORDER = [name for floor in FLOORS.values() for name in floor]

# Who may import each library at the top of the file. Nobody else may.
NETWORK = {*FLOORS["model"], *FLOORS["answer"], *FLOORS["training"], *FLOORS["bench"]} | {
    *("pipeline", "api"),
}
LIBRARIES = {
    "torch": NETWORK | {"commands.report"},
    "transformers": NETWORK,
    "numpy": NETWORK | {"reading.image"},
    "safetensors": {
        *("model.files", "model.adapter_files", "model.check", "store", "model.feature_cache"),
        "training.adapter_files",
    },
    "peft": {"training.tuners"},
    "tokenizers": {"model.tokenizer", "bench.subjects"},
    "huggingface_hub": {"hub", "model.config"},
    "pymupdf": {"reading.pdf"},
    "PIL": {
        *(*FLOORS["reading"], *FLOORS["describing"], "windows", "model.processing", "pipeline"),
    },
    "yaml": {"training.yaml_fields", "training.mixture_file", "training.run_settings"},
    "matplotlib": {"training.curves"},
    "accelerate": {"training.meter", "training.session", "training.sharding"},
    "tensorboardX": {"training.session"},
    "orjson": {
        "training.run_log",
        *("questions", "records", "formats", "journal", "output", "commands.report"),
        "commands.print_bench",
        "training.formats",
        *("describing.stage_file", "describing.captions", "describing.beside"),
        *("scoring.predictions", "scoring.board", "scoring.published"),
    },
    "rapidfuzz": {"scoring.text_match"},
    "pycocoevalcap": {"scoring.cider"},
    "tqdm": {"progress"},
    "click": {*FLOORS["work"], *FLOORS["commands"], "cli"},
}

HEAVY = {"torch", "transformers", "tokenizers", "safetensors", "huggingface_hub", "peft"} | {
    *("pymupdf", "PIL", "numpy", "tqdm", "yaml", "matplotlib", "accelerate", "bitsandbytes"),
}
"""What `monkey --help` must not import: each costs more than all of the help does."""

MAX_FILE = 350
"""Lines of the longest file."""

MAX_FUNCTION = 60
"""Lines of the longest function, docstring included."""


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


MODULES = {_name(p): p for p in sorted(PACKAGE.rglob("*.py")) if p.name != "__init__.py"}
PACKAGES = [p for p in sorted(PACKAGE.rglob("__init__.py")) if p.parent != PACKAGE]


def _tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def _imported(node: ast.AST) -> Iterator[str]:
    """Yield the dotted name of each thing `node` imports; a submodule of ours by its own name."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert not node.level, f"line {node.lineno}: write the full name, not a relative import"
        for alias in node.names:
            dotted = f"{node.module}.{alias.name}"
            yield dotted if dotted.removeprefix("monkeycli.") in MODULES else str(node.module)


def _run_on_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements that run when the module is imported: no functions, no type checking."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _run_on_import(node)


def _functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_floor_is_named_twice():
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize("module", MODULES)
def test_imports_only_from_below(module):
    """Holds inside functions and under TYPE_CHECKING too."""
    assert module in ORDER, f"give {module} a floor"
    for node in ast.walk(_tree(module)):
        for name in _imported(node):
            target = name.removeprefix("monkeycli.")
            if target != name and target in MODULES:
                assert ORDER.index(target) < ORDER.index(module), f"{module} imports {target}"


@pytest.mark.parametrize("module", MODULES)
def test_libraries_stay_where_they_belong(module):
    allowed = {"monkeycli", *sys.stdlib_module_names}
    allowed |= {library for library, users in LIBRARIES.items() if module in users}

    for node in _run_on_import(_tree(module)):
        for name in _imported(node):
            assert name.split(".")[0] in allowed, f"{module} imports {name}"


@pytest.mark.parametrize("module", MODULES)
def test_only_commands_import_late(module):
    """A late import stands in a command's callback, and nowhere else."""
    nodes = [node for function in _functions(_tree(module)) for node in ast.walk(function)]
    late = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]

    assert not late or module.startswith("commands."), f"{module}:{late[0].lineno} imports late"


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_test_file(module):
    """All but those that hold data and no function: there is nothing in them to go wrong."""
    *folders, name = module.split(".")
    is_data = not _functions(_tree(module))

    assert is_data or TESTS.joinpath(*folders, f"test_{name}.py").exists()


@pytest.mark.parametrize("module", MODULES)
def test_files_and_functions_stay_short(module):
    num_lines = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert num_lines <= MAX_FILE

    for function in _functions(_tree(module)):
        assert function.end_lineno is not None
        num_lines = function.end_lineno - function.lineno + 1
        assert num_lines <= MAX_FUNCTION, f"{module}:{function.lineno} {function.name}"


@pytest.mark.parametrize("module", MODULES)
def test_code_is_ascii(module):
    assert MODULES[module].read_bytes().isascii()


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: path.parent.name)
def test_packages_hold_their_docstring_and_nothing_else(path):
    """So `import monkeycli.model.config` costs what that file costs, and no more."""
    (docstring,) = ast.parse(path.read_text(encoding="utf-8")).body

    assert isinstance(docstring, ast.Expr)


def test_the_package_itself_imports_nothing_of_ours():
    """`load` is imported when it is asked for."""
    nodes = _run_on_import(ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")))
    names = {name.split(".")[0] for node in nodes for name in _imported(node)}

    assert names <= set(sys.stdlib_module_names)


def test_load_is_the_one_of_the_api():
    assert monkeycli.load is importlib.import_module("monkeycli.api").load
    with pytest.raises(AttributeError, match="has no attribute 'unload'"):
        _ = monkeycli.unload


@pytest.mark.parametrize(
    "words", [["--help"], ["ask", "--help"], ["model", "--help"], ["train", "--help"]], ids=" ".join
)
def test_help_imports_nothing_heavy(words):
    """Looks at `sys.modules`, not at a clock: a busy machine cannot make it fail."""
    program = (
        "import sys\n"
        "from monkeycli.cli import main\n"
        f"sys.argv = {['monkey', *words]!r}\n"
        "try:\n"
        "    sys.exit(main())\n"
        "finally:\n"
        "    print(*sys.modules, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "Usage: monkey" in done.stdout
    loaded = set(done.stderr.split())
    assert "click" in loaded
    assert not HEAVY & loaded
