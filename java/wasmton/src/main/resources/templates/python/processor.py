"""A task processor: it passes large orders on to the topic large-orders."""

import json
import logging

import wasmton
import wasmton.http


def process(task: wasmton.Task) -> None:
    """Processes one record. Wasmton calls it once for each attempt."""
    try:
        order = json.loads(task.value or b"")
        id, amount = str(order["id"]), int(order["amount"])
    except (ValueError, KeyError, TypeError) as e:
        # A retry does not help a malformed order: somebody has to look at it.
        raise wasmton.DeadLetter(f"not an order: {e!r}")
    logging.info("order %s: %d", id, amount)
    if amount < minimum():
        return
    value = json.dumps({"id": id, "amount": amount}).encode()
    url = wasmton.setting("check-url")
    if url is not None:
        check(url, value)
    # Wasmton sends it when `process` has returned; then the task is done.
    wasmton.produce("large-orders", key=id, value=value, headers=task.headers)


def minimum() -> int:
    """Returns the setting `minimum`. Without a valid one no task can be processed."""
    text = wasmton.setting("minimum", "100")
    try:
        return int(text)
    except ValueError:
        raise wasmton.Stop(f"the setting minimum is not a number: {text}")


def check(url: str, order: bytes) -> None:
    """Asks a service whether the order is fine. The setting `check-token` is the secret that it knows us by."""
    token = wasmton.setting("check-token", "")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        # It needs no time-out: Wasmton ends a task at its deadline.
        response = wasmton.http.request("POST", url, headers, order)
    except wasmton.http.HttpError as e:
        # An unreachable service may come back.
        raise wasmton.Retry(f"check: {e}")
    if 400 <= response.status < 500:
        raise wasmton.DeadLetter(f"check: refused with {response.status}")
    if not 200 <= response.status < 300:
        raise wasmton.Retry(f"check: answered {response.status}")


TaskHandler = wasmton.processor(process)
