"""A Wasmton processor in Python, as a component of the world decaton:processor (README.md).

    import wasmton

    def process(task: wasmton.Task) -> None:
        ...

    TaskHandler = wasmton.processor(process)
"""

# componentize-py makes the modules wit_world and componentize_py_types when it builds the component. It imports all
# modules then; there is no library to import from later. Sockets need this codec when they are given a host name.
import encodings.idna  # noqa: F401
import logging
import socket
from collections.abc import Callable, Iterable
from typing import Union

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import configuration, producer
from wit_world.imports import log as _log
from wit_world.imports import metrics as _metrics

try:
    from wit_world.imports import types as _types
except ImportError:  # wasi:http, which wasmton.http uses, has an interface of the same name
    from wit_world.imports import decaton_processor_types as _types
try:
    from wit_world.imports import state as _state
except ImportError:  # only the world stateful-processor has stores
    _state = None

__all__ = [
    "DeadLetter",
    "Header",
    "ReadOnly",
    "Retry",
    "Skip",
    "StateLimit",
    "Stop",
    "Store",
    "Task",
    "TooLarge",
    "TopicDenied",
    "count",
    "processor",
    "produce",
    "setting",
    "settings",
]


# urllib3, and so requests, asks this when it is imported and then opens a socket to see. A socket of the build does not
# exist any more when the component runs, and neither would the network.
socket.has_ipv6 = False

Header = _types.Header
Task = _types.Task


class _Verdict(Exception):
    """Ends the attempt. Its text is the reason."""


class Retry(_Verdict):
    """The task may work later: a service is unreachable. Any other exception means the same."""


class DeadLetter(_Verdict):
    """The task will never work, and somebody should look at it: it is malformed."""


class Skip(_Verdict):
    """The task need not be processed."""


class Stop(_Verdict):
    """No task will work: the processor is not configured correctly."""


class TopicDenied(Stop):
    """The topic was not granted (--output-topic)."""


class TooLarge(DeadLetter):
    """A record, or all records of the task, are larger than they may be."""


class ReadOnly(Stop):
    """The store is a table, which is only read."""


class StateLimit(DeadLetter):
    """A key or a value is too large, or the task has used its stores as much as it may."""


_ERRORS: list[tuple[type[_Verdict], Callable]] = [
    (DeadLetter, _types.ProcessError_DeadLetter),
    (Skip, _types.ProcessError_Skip),
    (Stop, _types.ProcessError_Fatal),
]


def processor(process: Callable[[Task], None]) -> type:
    """Returns the class TaskHandler, which the main module has to define, of a function that processes a record.

    The module logging writes to Wasmton's log from then on.
    """
    _set_up_logging()

    class TaskHandler(exports.TaskHandler):
        def process(self, task: Task) -> None:
            try:
                process(task)
            except _Verdict as e:
                error = next((error for kind, error in _ERRORS if isinstance(e, kind)), _types.ProcessError_Retry)
                raise Err(error(str(e)))
            except Exception as e:
                logging.exception("the processor raised")
                raise Err(_types.ProcessError_Retry(f"{type(e).__name__}: {e}"))

    return TaskHandler


Bytes = Union[bytes, str, None]


def produce(
    topic: str,
    *,
    key: Bytes = None,
    value: Bytes = None,
    headers: Iterable[Header] = (),
    partition: int | None = None,
    timestamp: int | None = None,
) -> None:
    """Adds a record to the output of the current task; text is written in UTF-8.

    Wasmton sends the records when the task is done, in their order; those of a failed task are never sent.
    """
    message = producer.Message(topic, partition, timestamp, _bytes(key), _bytes(value), list(headers))
    try:
        producer.produce(message)
    except Err as e:
        if isinstance(e.value, producer.ProduceError_TopicDenied):
            raise TopicDenied(f"the topic {topic} is not granted (--output-topic)")
        if isinstance(e.value, producer.ProduceError_TooLarge):
            raise TooLarge(f"a record for {topic} is larger than {e.value.value} bytes (--output-record-bytes)")
        raise TooLarge("the task has produced as much as it may (--output-task-bytes)")


def _bytes(value: Bytes) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


class Store:
    """A store, in which a processor keeps bytes by key. The operator grants it (--state).

    What a task writes is kept when the task is done, and dropped when it failed. A store can be kept from task to task.
    The component must be built for the world stateful-processor.
    """

    def __init__(self, name: str) -> None:
        if _state is None:
            raise Stop("this processor is not built for the world stateful-processor, so it has no stores")
        self._name = name
        try:
            self._bucket = _state.open(name)
        except Err:
            raise Stop(f"there is no store {name} (--state)")

    def get(self, key: bytes | str) -> bytes | None:
        """Returns the value of a key; None if there is none."""
        return self._use(lambda: self._bucket.get(_bytes(key)))

    def set(self, key: bytes | str, value: bytes | str) -> None:
        """Sets the value of a key."""
        self._use(lambda: self._bucket.set(_bytes(key), _bytes(value)))

    def delete(self, key: bytes | str) -> None:
        """Removes a key; one that is not there is no error."""
        self._use(lambda: self._bucket.delete(_bytes(key)))

    def scan(self, start: bytes | str, end: bytes | str | None, limit: int) -> list[tuple[bytes, bytes]]:
        """Returns the first entries whose keys are at least start and below end; None is the end of the store."""
        return self._use(lambda: self._bucket.scan(_bytes(start), _bytes(end), limit))

    def scan_prefix(self, prefix: bytes | str, limit: int) -> list[tuple[bytes, bytes]]:
        """Returns the first entries whose keys begin with a prefix."""
        start = _bytes(prefix)
        end = start.rstrip(b"\xff")
        return self.scan(start, end[:-1] + bytes([end[-1] + 1]) if end else None, limit)

    def _use(self, operation: Callable):
        try:
            return operation()
        except Err as e:
            if isinstance(e.value, _state.Error_AccessDenied):
                raise ReadOnly(f"{self._name} is a table, which is only read")
            raise StateLimit(f"{self._name}: {e.value.value}")


def count(name: str, amount: int = 1) -> None:
    """Adds to a counter, which the operator sees among the metrics.

    It counts at once, and however the task ends.
    """
    _metrics.count(name, amount)


def setting(name: str, default: str | None = None) -> str | None:
    """Returns a setting that the operator gave (--guest-config), or else the default."""
    value = configuration.get(name)
    return default if value is None else value


def settings() -> dict[str, str]:
    """Returns all settings."""
    return dict(configuration.get_all())


class _Handler(logging.Handler):
    """Writes to Wasmton's log."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            for line in self.format(record).splitlines():
                _log.write(_level(record.levelno), line)
        except Exception:
            self.handleError(record)


def _level(number: int) -> "_log.Level":
    if number >= logging.ERROR:
        return _log.Level.ERROR
    if number >= logging.WARNING:
        return _log.Level.WARN
    if number >= logging.INFO:
        return _log.Level.INFO
    return _log.Level.DEBUG if number >= logging.DEBUG else _log.Level.TRACE


def _set_up_logging() -> None:
    # Wasmton drops the lines below its own level.
    root = logging.getLogger()
    root.setLevel(logging.DEBUG)
    handler = _Handler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    root.addHandler(handler)
