from monkeycli.bench.measure import measure


def test_a_checkpoint_is_measured_from_its_folder(small_folder):
    findings = measure(
        model=str(small_folder),
        configuration=None,
        num_pages=1,
        questions=[2],
        max_tokens=3,
        batch_size=2,
        rounds=1,
        jobs=1,
        threads=None,
        device="cpu",
        dtype="float32",
    )
    assert findings.facts["model"] == "small@1.0"
    assert findings.facts["pages"] == "1 of 3x2 windows"
    assert findings.stages[0].name == "rasterize"
    assert findings.comparisons[0].same == 1.0
