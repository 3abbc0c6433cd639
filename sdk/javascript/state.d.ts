// Stores: see README.md.

/** Bytes, or text, which is written in UTF-8. */
type Bytes = Uint8Array | string;

/**
 * A store, in which a processor keeps bytes by key. The operator grants it (--state). What a task writes is kept when
 * the task is done, and dropped when it failed. A store can be kept from task to task, but used only during a task. The
 * component must be built for the world stateful-processor.
 *
 * All methods throw Stop if the store is not granted, or if it is a table and the method writes. They throw DeadLetter
 * if a key or a value is too large, or if the task exceeds a limit of its stores.
 */
export class Store {
  /** Opens a store. */
  constructor(name: string);

  /** Returns the value of a key; undefined if there is none. */
  get(key: Bytes): Uint8Array | undefined;

  /** Sets the value of a key. */
  set(key: Bytes, value: Bytes): void;

  /** Removes a key; one that is not there is no error. */
  delete(key: Bytes): void;

  /** Returns the first entries whose keys are at least from and below to; undefined is the end of the store. */
  scan(from: Bytes, to: Bytes | undefined, limit: number): [Uint8Array, Uint8Array][];

  /** Returns the first entries whose keys begin with a prefix, in the order of their bytes. */
  scanPrefix(prefix: Bytes, limit: number): [Uint8Array, Uint8Array][];
}
