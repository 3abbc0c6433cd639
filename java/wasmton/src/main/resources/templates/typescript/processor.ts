// A task processor: it passes large orders on to the topic large-orders.

import { get as setting } from 'decaton:processor/configuration@0.1.0';
import { write as log } from 'decaton:processor/log@0.1.0';
import { produce } from 'decaton:processor/producer@0.1.0';
import type { ProduceError } from 'decaton:processor/producer@0.1.0';
import type { ProcessError, Task } from 'decaton:processor/types@0.1.0';

interface Order {
  id: string;
  amount: number;
}

export const taskHandler = {
  /** Processes one record. Wasmton calls it once for each attempt. */
  process(task: Task): void {
    const order = parse(task.value);
    log('info', `order ${order.id}: ${order.amount}`);
    if (order.amount < minimum()) {
      return;
    }
    // Wasmton sends it when `process` has returned; then the task is done.
    const bytes = new TextEncoder();
    try {
      produce({
        topic: 'large-orders',
        key: bytes.encode(order.id),
        value: bytes.encode(JSON.stringify(order)),
        headers: task.headers,
      });
    } catch (e) {
      fail('fatal', `large-orders: ${(e as { payload: ProduceError }).payload.tag}`);
    }
  },
};

/** Returns the order. A retry does not help a malformed one: somebody has to look at it. */
function parse(value: Uint8Array | undefined): Order {
  let order: Partial<Order> | null;
  try {
    order = JSON.parse(new TextDecoder().decode(value));
  } catch (e) {
    return fail('dead-letter', `not an order: ${e}`);
  }
  if (typeof order?.id !== 'string' || !Number.isInteger(order.amount)) {
    return fail('dead-letter', 'not an order: it has no id or no amount');
  }
  return { id: order.id, amount: order.amount as number };
}

/** Returns the setting `minimum`. Without a valid one no task can be processed. */
function minimum(): number {
  const text = setting('minimum') ?? '100';
  return /^[0-9]+$/.test(text) ? Number(text) : fail('fatal', `the setting minimum is not a number: ${text}`);
}

/** Ends the task with a reason. */
function fail(tag: ProcessError['tag'], val: string): never {
  const error: ProcessError = { tag, val };
  throw error;
}
