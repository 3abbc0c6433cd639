// A task processor with state: it counts the tasks of each key in the store `counts`. With the setting `topic` it also
// sends each new count to that topic.

import { DeadLetter, processor, produce, setting, text } from 'wasmton';
import { Store } from 'wasmton/state';
import type { Task } from 'wasmton';

export const taskHandler = processor(process);

/** Processes one record. Wasmton calls it once for each attempt. */
function process(task: Task): void {
  if (task.key === undefined) {
    throw new DeadLetter('there is no key');
  }
  const counts = new Store('counts');
  const count = String(Number(text(counts.get(task.key))) + 1);
  // Kept when the task is done, and dropped when the attempt fails: a retry does not count twice.
  counts.set(task.key, count);
  const topic = setting('topic');
  if (topic !== undefined) {
    // Wasmton stops if the operator did not grant the topic, and above if it is the store.
    produce({ topic, key: task.key, value: count });
  }
}
