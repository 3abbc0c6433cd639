// A task processor: it passes large orders on to the topic large-orders.

import { DeadLetter, Retry, Stop, log, processor, produce, setting, text } from 'wasmton';

export const taskHandler = processor(process);

/** Processes one record. Wasmton calls it once for each attempt. */
async function process(task) {
  const order = parse(text(task.value));
  log.info(`order ${order.id}: ${order.amount}`);
  if (order.amount < minimum()) {
    return;
  }
  const json = JSON.stringify(order);
  const url = setting('check-url');
  if (url !== undefined) {
    await check(url, json);
  }
  // Wasmton sends it when `process` has ended without an error; then the task is done.
  produce({ topic: 'large-orders', key: order.id, value: json, headers: task.headers });
}

/** Returns the order. A retry does not help a malformed one: somebody has to look at it. */
function parse(json) {
  let order;
  try {
    order = JSON.parse(json);
  } catch (e) {
    throw new DeadLetter(`not an order: ${e.message}`);
  }
  if (typeof order?.id !== 'string' || !Number.isInteger(order.amount)) {
    throw new DeadLetter('not an order: it has no id or no amount');
  }
  return { id: order.id, amount: order.amount };
}

/** Returns the setting `minimum`. Without a valid one no task can be processed. */
function minimum() {
  const given = setting('minimum') ?? '100';
  if (!/^[0-9]+$/.test(given)) {
    throw new Stop(`the setting minimum is not a number: ${given}`);
  }
  return Number(given);
}

/** Asks a service whether the order is fine. The setting `check-token` is the secret that it knows us by. */
async function check(url, order) {
  let answer;
  try {
    // It needs no time-out: Wasmton ends a task at its deadline.
    answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${setting('check-token') ?? ''}`, 'content-type': 'application/json' },
      body: order,
    });
  } catch (e) {
    // An unreachable service may come back.
    throw new Retry(`check: ${e.message}`);
  }
  if (answer.status >= 400 && answer.status < 500) {
    throw new DeadLetter(`check: refused with ${answer.status}`);
  }
  if (!answer.ok) {
    throw new Retry(`check: answered ${answer.status}`);
  }
}
