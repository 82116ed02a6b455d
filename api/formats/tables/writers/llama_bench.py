"""Results with the columns of llama.cpp's llama-bench, as `llama-bench -o` prints them.

https://github.com/ggml-org/llama.cpp/tree/master/tools/llama-bench has the fields and the formats. `prefill` tests are
its pp rows. `decode` and `context-depth` tests are its tg rows, at the depth of their prompt. What Gait does not know
is empty: how the model was built, batches, threads, layers.
"""

from collections.abc import Callable, Iterable, Iterator
from statistics import fmean, stdev
from typing import Any

import orjson

from api.formats.tables.writers.csv_lines import csv_line, safe_cell
from common.catalogue.test_type import Point
from common.store.reads import runs
from common.store.reads.runs import TestRuns
from common.store.tables import Session, Test
from common.values.free_json import Json

FIELDS = (
    *("build_commit", "build_number", "cpu_info", "gpu_info", "backends", "model_filename", "model_type"),
    *("model_size", "model_n_params", "n_batch", "n_ubatch", "n_threads", "cpu_mask", "cpu_strict", "poll"),
    *("type_k", "type_v", "n_gpu_layers", "n_cpu_moe", "split_mode", "main_gpu", "no_kv_offload", "flash_attn"),
    *("devices", "tensor_split", "tensor_buft_overrides", "load_mode", "embeddings", "no_op_offload", "no_host"),
    *("fit_target", "fit_min_ctx", "n_prompt", "n_gen", "n_depth", "test_time", "avg_ns", "stddev_ns"),
    *("avg_ts", "stddev_ts"),
)
"""The fields of llama-bench, in its order."""
TEXTS = frozenset(
    (
        *("build_commit", "cpu_info", "gpu_info", "backends", "model_filename", "model_type", "cpu_mask", "type_k"),
        *("type_v", "split_mode", "devices", "tensor_split", "tensor_buft_overrides", "load_mode", "test_time"),
    )
)
REALS = frozenset(("avg_ts", "stddev_ts"))
RATES = {
    "prefill": "promptTokensPerSecond",
    "decode": "decodeTokensPerSecond",
    "context-depth": "decodeTokensPerSecond",
}
"""The rate of the test types that measure what llama-bench measures."""
NS_PER_S = 1e9

Row = dict[str, Any]


def llama_rows(tests: Iterable[Test]) -> Iterator[Row]:
    """Yield a row for each point of the tests, which have their sessions, with its samples."""
    for test in tests:
        if rate := RATES.get(test.test_type):
            found = runs.metrics([test], [rate]).get(test.id, TestRuns())
            for number, point in enumerate(found.points):
                rates = [run.metrics[rate] for run in found.runs if run.point == number]
                known = [value for value in rates if value]
                if known:
                    yield _row(test, point, known)


def _row(test: Test, point: Point, rates: list[float]) -> Row:
    options = {**test.options, **point}
    prompt, output = (options.get(name) or 0 for name in ("promptTokens", "outputTokens"))
    is_prompt = test.test_type == "prefill"
    tokens = prompt if is_prompt else output
    times = [round(NS_PER_S * tokens / rate) for rate in rates]
    return {
        **dict.fromkeys(FIELDS),
        **_origin(test.session, test),
        "n_prompt": prompt if is_prompt else 0,
        "n_gen": 0 if is_prompt else output,
        "n_depth": 0 if is_prompt else prompt,
        "test_time": test.finished_at and f"{test.finished_at:%Y-%m-%dT%H:%M:%SZ}",
        "avg_ns": round(fmean(times)),
        "stddev_ns": round(stdev(times)) if len(times) > 1 else 0,
        "avg_ts": fmean(rates),
        "stddev_ts": stdev(rates) if len(rates) > 1 else 0.0,
        "samples_ns": times,
        "samples_ts": rates,
    }


def _origin(session: Session, test: Test) -> Row:
    inventory: Json = session.hardware.inventory if session.hardware else {}
    model = next((each for each in session.models if each["name"] == test.model), {})
    gpus = [gpu["model"] for gpu in inventory.get("gpu") or () if gpu.get("model")]
    return {
        "cpu_info": (inventory.get("cpu") or {}).get("model"),
        "gpu_info": ", ".join(gpus) or None,
        "model_filename": test.model,
        "model_type": " ".join(model.get("tags") or ()) or None,
        "model_size": model.get("size"),
    }


def as_csv(rows: Iterable[Row]) -> Iterator[str]:
    """Yield a line of names, and a line for each row in which all values are quoted."""
    yield ",".join(FIELDS) + "\n"
    for row in rows:
        yield csv_line((safe_cell(_text(row[name])) for name in FIELDS), quote_all=True, end="\n")


def as_json(rows: Iterable[Row]) -> Iterator[str]:
    """Yield a list of objects, which have `samples_ns` and `samples_ts` too."""
    before = "[\n"
    for row in rows:
        yield f"{before}  {orjson.dumps(row).decode()}"
        before = ",\n"
    yield "\n]\n" if before != "[\n" else "[\n]\n"


def as_json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield an object on each line, with the samples."""
    return (f"{orjson.dumps(row).decode()}\n" for row in rows)


def as_sql(rows: Iterable[Row]) -> Iterator[str]:
    """Yield statements that make the table `llama_bench` and insert the rows."""
    columns = ",\n".join(f"  {name} {_sql_type(name)}" for name in FIELDS)
    yield f"CREATE TABLE IF NOT EXISTS llama_bench (\n{columns}\n);\n\n"
    for row in rows:
        values = ", ".join(_literal(row[name]) for name in FIELDS)
        yield f"INSERT INTO llama_bench ({', '.join(FIELDS)}) VALUES ({values});\n"  # noqa: S608 - values are quoted


def _sql_type(name: str) -> str:
    return "TEXT" if name in TEXTS else "REAL" if name in REALS else "INTEGER"


def _text(value: object) -> str:
    return "" if value is None else f"{value:.6f}" if isinstance(value, float) else str(value)


def _literal(value: object) -> str:
    return "NULL" if value is None else "'{}'".format(_text(value).replace("'", "''"))


WRITERS: dict[str, Callable[[Iterable[Row]], Iterator[str]]] = {
    "llama-bench-csv": as_csv,
    "llama-bench-json": as_json,
    "llama-bench-jsonl": as_json_lines,
    "llama-bench-sql": as_sql,
}
