"""monkey bench: how fast a model runs here, and against the published code's way of working."""

from typing import Any

import click

from monkeycli.commands.shared_options import batch_size_option, quantize_option, verbose_option
from monkeycli.streams import results_stream


@click.command("bench")
@click.option("-m", "--model", default="marmoset", show_default=True, metavar="NAME|DIR",
              help="The model that is measured.")  # fmt: skip
@click.option("--config", "configuration", type=click.Choice(["small", "full"]),
              help="Measure the published network with random weights instead: all 9.7 billion "
              "(full), or a small one of its shape and vocabulary.")  # fmt: skip
@click.option("--pages", "num_pages", type=click.IntRange(min=1), default=2, show_default=True,
              metavar="N", help="Pages that are drawn, read and answered.")  # fmt: skip
@click.option("--questions", type=click.IntRange(min=1), multiple=True, metavar="N",
              help="Compare with the published code's way of working at N questions a page; "
              "repeatable.  [default: no comparison]")  # fmt: skip
@click.option("--max-tokens", type=click.IntRange(min=2), default=16, show_default=True,
              metavar="N", help="Longest answer, in tokens.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, metavar="N",
              help="How often both ways are measured, in turn; medians are shown.")  # fmt: skip
@batch_size_option
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=1, show_default=True,
              metavar="N", help="Processes that rasterize.")  # fmt: skip
@click.option("--threads", type=click.IntRange(min=1), metavar="N",
              help="Threads the network computes with.  [default: torch's]")  # fmt: skip
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|mps|cuda|cuda:N",
              help="Where the model runs.")  # fmt: skip
@click.option("--dtype", type=click.Choice(["auto", "bfloat16", "float16", "float32"]),
              default="auto", show_default=True,
              help="Numbers the weights are held in.")  # fmt: skip
@quantize_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@verbose_option
def bench(as_json: bool, batch_size: str, **options: Any) -> None:
    """Measure how fast a model reads and answers on this machine.

    \b
    monkey bench                                       marmoset, stage by stage
    monkey bench --config small --questions 1 --questions 10
    monkey bench --config full --device cuda           needs 24 GB of GPU memory

    Each stage is named with its rate and with its share of the floor: the time that its matrix
    products (encode, prefill) or the weights and the cache it must read (decode) take alone, at the
    rates measured here for a large product and for copying memory. The published code's way is one
    page, one window and one question at a time, the page encoded again for every question, with the
    same weights in the same numbers; --dtype float32 for those it was written for.
    """
    from monkeycli.bench.measure import measure
    from monkeycli.commands.print_bench import print_bench
    from monkeycli.options import parse_batch_size

    with results_stream() as results:
        found = measure(batch_size=parse_batch_size(batch_size), **options)
        print_bench(found, results, as_json=as_json)
