// Types of the world decaton:processor (wit/processor.wit says what each means).

declare module 'decaton:processor/types@0.1.0' {
  export interface Header {
    name: string;
    value?: Uint8Array;
  }

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
    attempt: number;
  }

  /** What `process` throws: why a task was not processed. */
  export interface ProcessError {
    tag: 'retry' | 'dead-letter' | 'skip' | 'fatal';
    val: string;
  }
}

declare module 'decaton:processor/producer@0.1.0' {
  import type { Header } from 'decaton:processor/types@0.1.0';

  export interface Message {
    topic: string;
    partition?: number;
    timestamp?: bigint;
    key?: Uint8Array;
    value?: Uint8Array;
    headers: Header[];
  }

  /** Why a record was not accepted. */
  export interface ProduceError {
    tag: 'topic-denied' | 'too-large' | 'queue-full';
    /** The limit in bytes, of a record that is too large. */
    val?: bigint;
  }

  /** Adds a record to the output of the task. Throws an error with a ProduceError as its `payload`. */
  export function produce(message: Message): void;
}

declare module 'decaton:processor/log@0.1.0' {
  export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';
  export function write(level: Level, message: string): void;
  export function enabled(level: Level): boolean;
}

declare module 'decaton:processor/configuration@0.1.0' {
  export function get(name: string): string | undefined;
  export function getAll(): [string, string][];
}
