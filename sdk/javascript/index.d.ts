// Wasmton for JavaScript and TypeScript: see README.md.

/** A header of a record. Names may repeat. */
export interface Header {
  name: string;
  value?: Uint8Array;
}

/** One Kafka record to process. */
export interface Task {
  topic: string;
  partition: number;
  offset: bigint;
  /** Milliseconds since 1970; -1 if the record has none. */
  timestamp: bigint;
  key?: Uint8Array;
  /** Undefined for a tombstone. */
  value?: Uint8Array;
  headers: Header[];
  /** 1 when the task is handed over for the first time. */
  attempt: number;
}

/** A Kafka record to write. Text is written in UTF-8. */
export interface Message {
  topic: string;
  /** Undefined lets Kafka's partitioner choose, by the key if there is one. */
  partition?: number;
  /** Milliseconds since 1970; undefined for the time at which it is sent. */
  timestamp?: bigint;
  key?: Uint8Array | string;
  /** Undefined for a tombstone. */
  value?: Uint8Array | string;
  headers?: Header[];
}

/** What the world `decaton:processor` wants as the export `taskHandler`. */
export interface TaskHandler {
  process(task: Task): Promise<void>;
}

/** Makes the export `taskHandler` of a function that processes a record. */
export function processor(process: (task: Task) => void | Promise<void>): TaskHandler;

/** The task may work later: a service is unreachable. Any other error means the same. */
export class Retry extends Error {}

/** The task will never work, and somebody should look at it: it is malformed. */
export class DeadLetter extends Error {}

/** The task need not be processed. */
export class Skip extends Error {}

/** No task will work: the processor is not configured correctly. */
export class Stop extends Error {}

/**
 * Adds a record to the output of the current task. Wasmton sends the records when the task is done, in their order;
 * those of a failed task are never sent. Throws Stop if the topic was not granted (--output-topic), and DeadLetter if
 * the record, or all records of the task, are larger than they may be.
 */
export function produce(message: Message): void;

/** Writes one line to Wasmton's log, with the place of the task, if the level is enabled. */
export const log: {
  trace(line: string): void;
  debug(line: string): void;
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
};

/**
 * Adds to a counter, which the operator sees among the metrics. It counts at once, and however the task ends.
 */
export function count(name: string, amount?: number): void;

/** Returns a setting that the operator gave (--guest-config); undefined if there is none. */
export function setting(name: string): string | undefined;

/** Returns all settings. */
export function settings(): Map<string, string>;

/** Returns bytes in UTF-8 as text; an empty one for undefined. */
export function text(bytes: Uint8Array | undefined): string;
