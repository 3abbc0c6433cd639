// A task processor: it passes large orders on to the topic large-orders.

import { get as setting } from 'decaton:processor/configuration@0.1.0';
import { write as log } from 'decaton:processor/log@0.1.0';
import { produce } from 'decaton:processor/producer@0.1.0';

export const taskHandler = {
  /** Processes one record. Wasmton calls it once for each attempt. */
  process(task) {
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
        partition: undefined,
        timestamp: undefined,
        key: bytes.encode(order.id),
        value: bytes.encode(JSON.stringify(order)),
        headers: task.headers,
      });
    } catch (e) {
      throw { tag: 'fatal', val: `large-orders: ${e.payload.tag}` };
    }
  },
};

/** Returns the order. A retry does not help a malformed one: somebody has to look at it. */
function parse(value) {
  try {
    const { id, amount } = JSON.parse(new TextDecoder().decode(value));
    if (typeof id === 'string' && Number.isInteger(amount)) {
      return { id, amount };
    }
  } catch (e) {
    throw { tag: 'dead-letter', val: `not an order: ${e}` };
  }
  throw { tag: 'dead-letter', val: 'not an order: it has no id or no amount' };
}

/** Returns the setting `minimum`. Without a valid one no task can be processed. */
function minimum() {
  const text = setting('minimum') ?? '100';
  if (!/^[0-9]+$/.test(text)) {
    throw { tag: 'fatal', val: `the setting minimum is not a number: ${text}` };
  }
  return Number(text);
}
