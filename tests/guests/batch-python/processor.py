"""A processor that takes batches: it prints the values of each batch in one line. A value `away` stands for a service
that is unreachable.

It implements the world `batch-processor` (wit/processor/processor.wit).
"""

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports.types import ProcessError_Retry


class BatchHandler(exports.BatchHandler):
    def process_batch(self, tasks):
        try:
            insert([task.value for task in tasks])
        except OSError as e:
            return [Err(ProcessError_Retry(str(e))) for _ in tasks]
        return [Ok([]) for _ in tasks]


def insert(values: list[bytes]) -> None:
    if b"away" in values:
        raise OSError("the service is away")
    print(b", ".join(values).decode(), flush=True)
