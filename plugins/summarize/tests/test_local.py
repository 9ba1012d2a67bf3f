"""`--fuse local`: a text model on this machine; tiny and random here, and so always overruled."""

import json
import socket

import numpy as np
import pytest
import torch
from monkey_summarize import local as local_module
from monkey_summarize.local import LocalFuser
from transformers import LlamaConfig, LlamaForCausalLM

from monkeycli.cli import run as run_cli
from monkeycli.describing.evidence import Evidence
from monkeycli.describing.fusing import fuse_all
from monkeycli.describing.providers import Draft, ProviderOptions
from monkeycli.errors import ModelError
from tests.drawn_documents import draw_image
from tests.small_checkpoint import IDS, small_tokenizer


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(local_module, "MAX_TOKENS", 20)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def draw_text_model(folder):
    """Write a tiny random Llama whose tokens are bytes."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = LlamaConfig(
            vocab_size=256 + len(IDS),
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=4096,
            bos_token_id=None,
            eos_token_id=IDS["<|im_end|>"],
            initializer_range=0.3,
        )
        model = LlamaForCausalLM(config)
    model.save_pretrained(folder)
    tokenizer = small_tokenizer()
    tokenizer.chat_template = "<|im_start|>{{ messages[0].content }}<|im_end|>"
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return draw_text_model(tmp_path_factory.mktemp("models") / "text")


def make(path):
    return LocalFuser(ProviderOptions(where=str(path), device="cpu"))


def test_it_writes_the_same_alone_and_beside_others(folder, draft):
    fuser = make(folder)
    other = Draft((Evidence("global", "a cat"),))
    first, second = fuser.fuse([draft, other])

    assert first
    assert first != second
    assert fuser.fuse([other]) == [second]
    assert "<|im_start|>" not in first


def test_what_it_is_told_decides_what_it_writes(folder, draft):
    fuser = make(folder)
    (first,) = fuser.fuse([draft])
    (again,) = fuser.fuse([Draft(draft.evidence, ("it has 9 sentences",))])

    assert first != again


def test_more_evidence_than_fits_is_cut_and_not_a_crash(folder):
    evidence = tuple(Evidence("text", f"line {n} " * 20, (0, 0, 1, 1)) for n in range(200))

    assert make(folder).fuse([Draft(evidence)])


def test_nonsense_gives_way_to_the_template(folder, evidence):
    (fused,) = fuse_all(make(folder), [evidence], max_tries=2)

    assert fused.text.startswith("A dog on grass.") or not fused.checks.complaints


def test_name_changes_with_the_weights(folder, tmp_path):
    other = draw_text_model(tmp_path / "other")
    before = make(other).by
    assert before == make(folder).by
    model = LlamaForCausalLM.from_pretrained(other)
    with torch.no_grad():
        model.lm_head.weight += 1
    model.save_pretrained(other)

    assert before != make(other).by
    assert before.startswith("local-0.1.0@")


def test_a_folder_has_to_be_named():
    with pytest.raises(ModelError, match="write --fuse local:DIR"):
        LocalFuser(ProviderOptions())


@pytest.mark.parametrize("name", ["nowhere", "empty", "pickle", "nobody/model"])
def test_what_cannot_be_read_is_an_error_before_the_run(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "pickle").mkdir()
    (tmp_path / "pickle" / "config.json").write_text("{}")
    (tmp_path / "pickle" / "pytorch_model.bin").write_bytes(b"")

    with pytest.raises(ModelError, match=f"{name} (is no text model|holds no safetensors)"):
        make(name)


def test_a_broken_checkpoint_is_named(folder, draft, tmp_path):
    broken = draw_text_model(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"\0" * 100)

    with pytest.raises(ModelError, match="broken cannot be loaded"):
        make(broken).fuse([draft])


def test_code_beside_the_weights_is_not_run(draft, tmp_path):
    bad = draw_text_model(tmp_path / "bad")
    config = json.loads((bad / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoModelForCausalLM": "evil.Evil"}}
    (bad / "config.json").write_text(json.dumps(config))
    (bad / "evil.py").write_text("raise SystemExit('was run')")

    with pytest.raises(ModelError, match="cannot be loaded"):
        make(bad).fuse([draft])


def test_weights_that_are_not_there_are_not_drawn_at_random(draft, tmp_path):
    from safetensors.torch import load_file, save_file

    path = draw_text_model(tmp_path / "partial") / "model.safetensors"
    weights = load_file(path)
    del weights["model.norm.weight"]
    save_file(weights, path, metadata={"format": "pt"})

    with pytest.raises(ModelError, match=r"lacks 1 weights, model.norm.weight"):
        make(path.parent).fuse([draft])


def draw_gguf(path):
    """Write the like of `draw_text_model` as a GGUF file."""
    gguf = pytest.importorskip("gguf", reason="gguf is not installed: pip install gguf")
    words = [*small_tokenizer().convert_ids_to_tokens(list(range(256 + len(IDS)))), "ab"]
    drawn = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(32)
    writer.add_block_count(1)
    writer.add_feed_forward_length(32)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_rope_dimension_count(16)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(words))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(words)
    writer.add_token_types([3 if word in IDS else 1 for word in words])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(IDS["<|im_start|>"])
    writer.add_eos_token_id(IDS["<|im_end|>"])
    writer.add_chat_template("<|im_start|>{{ messages[0].content }}<|im_end|>")
    for name in ("token_embd", "output"):
        tensor = drawn.normal(0, 0.3, (len(words), 32)).astype(np.float32)
        writer.add_tensor(f"{name}.weight", tensor)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        tensor = drawn.normal(0, 0.3, (32, 32)).astype(np.float32)
        writer.add_tensor(f"blk.0.{name}.weight", tensor)
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(32, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_a_gguf_file_writes_too_and_quietly(tmp_path, draft, capfd):
    path = tmp_path / "tiny.gguf"
    draw_gguf(path)
    fuser = make(path)
    (text,) = fuser.fuse([draft])

    assert text
    assert fuser.fuse([draft]) == [text]
    assert capfd.readouterr() == ("", "")


def test_gguf_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF")
    monkeypatch.setattr(local_module, "find_spec", lambda _: None)

    with pytest.raises(ModelError, match="pip install gguf"):
        make(tmp_path / "tiny.gguf")


def test_a_gguf_file_that_is_none_is_named(tmp_path, draft):
    pytest.importorskip("gguf", reason="gguf is not installed: pip install gguf")
    (tmp_path / "tiny.gguf").write_bytes(b"something else")

    with pytest.raises(ModelError, match=r"tiny\.gguf cannot be loaded"):
        make(tmp_path / "tiny.gguf").fuse([draft])


def test_describe_writes_through_it(folder, tmp_path, monkeypatch, installed):
    monkeypatch.chdir(tmp_path)
    draw_image(tmp_path / "a.png", seed=0, size=(300, 400))
    (tmp_path / "a.txt").write_text("A dog on grass.")
    none = [
        word for name in ("global", "region", "segment", "text") for word in (f"--{name}", "none")
    ]
    words = ["describe", "a.png", "--captions", "beside", *none, "-o", "out.jsonl"]

    assert run_cli([*words, "--fuse", f"local:{folder}", "--device", "cpu"]) == 0
    (record,) = (json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines())
    assert record["stages"]["fuse"].startswith("local-")
    assert record["description"]
