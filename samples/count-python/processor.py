"""A task processor with state: it counts the tasks of each key in the store `counts`. With the setting `topic` it also
sends each new count to that topic.
"""

import wasmton


def process(task: wasmton.Task) -> None:
    if task.key is None:
        raise wasmton.DeadLetter("there is no key")
    counts = wasmton.Store("counts")
    count = str(int(counts.get(task.key) or b"0") + 1)
    # Kept when the task is done, and dropped when the attempt fails: a retry does not count twice.
    counts.set(task.key, count)
    topic = wasmton.setting("topic")
    if topic is not None:
        # Wasmton stops if the operator did not grant the topic, and above if it is the store.
        wasmton.produce(topic, key=task.key, value=count)


TaskHandler = wasmton.processor(process)
