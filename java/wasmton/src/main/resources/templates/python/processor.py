"""A task processor: it passes large orders on to the topic large-orders."""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import configuration, log, producer
from wit_world.imports.types import ProcessError_DeadLetter, ProcessError_Fatal, Task


class TaskHandler(exports.TaskHandler):
    def process(self, task: Task) -> None:
        """Processes one record. Wasmton calls it once for each attempt."""
        try:
            order = json.loads(task.value or b"")
            id, amount = str(order["id"]), int(order["amount"])
        except (ValueError, KeyError, TypeError) as e:
            # A retry does not help a malformed order: somebody has to look at it.
            raise Err(ProcessError_DeadLetter(f"not an order: {e!r}"))
        log.write(log.Level.INFO, f"order {id}: {amount}")
        if amount < minimum():
            return
        # Wasmton sends it when `process` has returned; then the task is done.
        value = json.dumps({"id": id, "amount": amount}).encode()
        try:
            producer.produce(producer.Message("large-orders", None, None, id.encode(), value, task.headers))
        except Err as e:
            raise Err(ProcessError_Fatal(f"large-orders: {e.value}"))


def minimum() -> int:
    """Returns the setting `minimum`. Without a valid one no task can be processed."""
    text = configuration.get("minimum") or "100"
    try:
        return int(text)
    except ValueError:
        raise Err(ProcessError_Fatal(f"the setting minimum is not a number: {text}"))
