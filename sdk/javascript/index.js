// Wasmton for JavaScript and TypeScript: see README.md, and docs/world.md for what is below.

import * as configuration from 'decaton:processor/configuration@0.1.0';
import * as host from 'decaton:processor/log@0.1.0';
import * as metrics from 'decaton:processor/metrics@0.1.0';
import * as producer from 'decaton:processor/producer@0.1.0';

export class Retry extends Error {}
export class DeadLetter extends Error {}
export class Skip extends Error {}
export class Stop extends Error {}

export function processor(process) {
  return {
    async process(task) {
      try {
        await process(task);
      } catch (e) {
        throw processError(e);
      }
    },
  };
}

/** Returns the error of the world. An error itself would be a trap, which ends the instance. */
function processError(e) {
  if (e instanceof DeadLetter) {
    return { tag: 'dead-letter', val: e.message };
  } else if (e instanceof Skip) {
    return { tag: 'skip', val: e.message };
  } else if (e instanceof Stop) {
    return { tag: 'fatal', val: e.message };
  } else if (e instanceof Retry) {
    return { tag: 'retry', val: e.message };
  }
  log.error(`${e}`);
  for (const line of e instanceof Error ? e.stack.trim().split('\n') : []) {
    log.error(`  ${line}`);
  }
  return { tag: 'retry', val: `${e}` };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function produce({ topic, partition, timestamp, key, value, headers = [] }) {
  try {
    producer.produce({ topic, partition, timestamp, key: bytes(key), value: bytes(value), headers });
  } catch (e) {
    switch (e.payload?.tag) {
      case 'topic-denied':
        throw new Stop(`the topic ${topic} is not granted (--output-topic)`);
      case 'too-large':
        throw new DeadLetter(`a record for ${topic} is larger than ${e.payload.val} bytes (--output-record-bytes)`);
      case 'queue-full':
        throw new DeadLetter('the task has produced as much as it may (--output-task-bytes)');
      default:
        throw e;
    }
  }
}

function bytes(value) {
  return typeof value === 'string' ? encoder.encode(value) : value;
}

export function text(bytes) {
  return decoder.decode(bytes);
}

export const log = Object.fromEntries(
  ['trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, (line) => host.write(level, line)]),
);

export function count(name, amount = 1) {
  metrics.count(name, amount);
}

export function setting(name) {
  return configuration.get(name);
}

export function settings() {
  return new Map(configuration.getAll());
}
