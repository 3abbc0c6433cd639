"""A processor that sends the request of its task, {"method": "GET", "url": "http://..."}, by wasmton.http."""

import json

import wasmton
import wasmton.http
from wit_world.imports import log


def process(task: wasmton.Task) -> None:
    try:
        response = wasmton.http.request(**json.loads(task.value or b""))
    except wasmton.http.HttpError as e:
        raise wasmton.Skip(f"{e.failure.name}: {e}")
    cookies = ",".join(response.headers.get_all("Set-Cookie", []))
    log.write(log.Level.INFO, f"{response.status} [{cookies}] {response.body.decode()}")


TaskHandler = wasmton.processor(process)
