"""A processor that parses its task and does nothing else, as the guest parse-json in Rust does: for the benchmark
against Jackson.
"""

import json

import wasmton


def process(task: wasmton.Task) -> None:
    order = json.loads(task.value or b"")
    if not makes_sense(order):
        raise ValueError("no valid order")


def makes_sense(order: dict) -> bool:
    return (
        order["id"] > 0
        and order["customer"] != ""
        and order["email"] != ""
        and all(item["count"] > 0 and item["name"] != "" for item in order["items"])
        and order["total"] > 0
        and order["paid"]
    )


TaskHandler = wasmton.processor(process)
