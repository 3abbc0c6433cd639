"""A task processor with state: it counts the tasks of each key in the store `counts`. With the setting `topic` it also
sends each new count to that topic.

It implements the world `stateful-processor` (wit/processor/processor.wit).
"""

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import configuration, producer, state
from wit_world.imports.types import ProcessError_DeadLetter, ProcessError_Fatal, Task


class TaskHandler(exports.TaskHandler):
    def process(self, task: Task) -> None:
        if task.key is None:
            raise Err(ProcessError_DeadLetter("there is no key"))
        try:
            counts = state.open("counts")
        except Err as e:
            # The operator did not grant the store: no task will work.
            raise Err(ProcessError_Fatal(f"counts: {e.value}"))
        count = str(int(counts.get(task.key) or b"0") + 1).encode()
        # Kept when the task is done, and dropped when the attempt fails: a retry does not count twice.
        counts.set(task.key, count)
        topic = configuration.get("topic")
        if topic is not None:
            producer.produce(producer.Message(topic, None, None, task.key, count, []))
