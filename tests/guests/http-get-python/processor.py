"""A task processor with network I/O: requests the path in each task, {"path": "/README.md"}, from an HTTP server, with
Python's ordinary HTTP client, and prints the response.

It implements the world `decaton:processor` (wit/processor/processor.wit). Globals keep their values between tasks,
until a task traps or exceeds its deadline.
"""

# Everything is imported when the component is built; there is no library to import from later. Python's sockets look
# for this codec when they are given a host name.
import encodings.idna  # noqa: F401
import http.client
import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import configuration, log
from wit_world.imports.types import ProcessError_DeadLetter, ProcessError_Retry, Task


class TaskHandler(exports.TaskHandler):
    def process(self, task: Task) -> None:
        try:
            path = json.loads(task.value or b"")["path"]
        except (ValueError, KeyError, TypeError) as e:
            # A malformed task does not improve by a retry.
            raise Err(ProcessError_DeadLetter(f"not JSON with a string `path`: {e!r}"))
        server = configuration.get("server") or "127.0.0.1:8080"
        try:
            status, body = get(server, path)
        except OSError as e:
            # An unreachable server may come back.
            raise Err(ProcessError_Retry(f"GET {path} from {server}: {e}"))
        if status != 200:
            raise Err(ProcessError_DeadLetter(f"GET {path}: {status}"))
        log.write(log.Level.INFO, f"GET {path}: {len(body)} bytes")
        print(body.decode(errors="replace"), end="", flush=True)


def get(server: str, path: str) -> tuple[int, bytes]:
    """Returns the status and the body of the response. It needs no time-out: the host ends a task at its deadline."""
    connection = http.client.HTTPConnection(server)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
