// Protocol 1 of Wasmton for AssemblyScript: see README.md, and docs/protocol-1.md for what is below.

import * as host from "./host";
import "./runtime";

/** A header of a record. Names may repeat. */
export class Header {
  constructor(
    public name: string,
    public value: Uint8Array | null,
  ) {}
}

/** One Kafka record to process. Its bytes are valid until the processor returns. */
export class Task {
  constructor(
    public topic: string,
    public partition: i32,
    public offset: i64,
    /** Milliseconds since 1970-01-01T00:00Z; -1 for none. */
    public timestamp: i64,
    public key: Uint8Array | null,
    /** Null for a tombstone. */
    public value: Uint8Array | null,
    public headers: Header[],
    /** 1 when the task is handed over for the first time. */
    public attempt: i32,
  ) {}

  /** Makes a record for another topic, with the key, value, headers and timestamp of this task. */
  to(topic: string): Record {
    const record = new Record(topic);
    record.timestamp = this.timestamp;
    record.key = this.key;
    record.value = this.value;
    record.headers = this.headers;
    return record;
  }
}

/** A Kafka record to write. */
export class Record {
  /** -1 lets Kafka's partitioner choose, by the key if there is one. */
  partition: i32 = -1;
  /** Milliseconds since 1970-01-01T00:00Z; -1 for the time at which it is sent. */
  timestamp: i64 = -1;
  key: Uint8Array | null = null;
  /** Null for a tombstone. */
  value: Uint8Array | null = null;
  headers: Header[] = [];

  constructor(public topic: string) {}
}

const DONE = 0;

/** The verdict on a task. AssemblyScript cannot catch what is thrown, so a processor returns it. */
export class Verdict {
  private constructor(
    readonly code: i32,
    readonly reason: string,
  ) {}

  /** The task is done: its records are sent. */
  static readonly done: Verdict = new Verdict(DONE, "");

  get isDone(): bool {
    return this.code == DONE;
  }

  /** The task may work later. */
  static retry(reason: string): Verdict {
    return new Verdict(1, reason);
  }

  /** The task will never work, and somebody should look at it. */
  static deadLetter(reason: string): Verdict {
    return new Verdict(2, reason);
  }

  /** The task need not be processed. */
  static skip(reason: string): Verdict {
    return new Verdict(3, reason);
  }

  /** No task will work. */
  static stop(reason: string): Verdict {
    return new Verdict(4, reason);
  }
}

let buffer = new ArrayBuffer(64 * 1024);

/** Takes one task after the other. The export `run` calls it. */
export function handle(process: (task: Task) => Verdict): void {
  while (true) {
    const size = host.next(changetype<usize>(buffer), buffer.byteLength);
    if (size < 0) return;
    if (size > buffer.byteLength) {
      buffer = new ArrayBuffer(size + size / 2);
      continue;
    }
    const verdict = process(unpack());
    if (verdict.code != DONE) {
      const reason = String.UTF8.encode(verdict.reason);
      host.finish(verdict.code, changetype<usize>(reason), reason.byteLength);
    }
  }
}

/** Reads the bytes of a record in turn; -1 as a length is none at all. */
class Reader {
  constructor(private at: usize) {}

  int(): i32 {
    this.at += 4;
    return load<i32>(this.at - 4);
  }

  long(): i64 {
    this.at += 8;
    return load<i64>(this.at - 8);
  }

  text(length: i32): string {
    this.at += length;
    return String.UTF8.decodeUnsafe(this.at - length, length);
  }

  bytes(length: i32): Uint8Array | null {
    if (length < 0) return null;
    this.at += length;
    return Uint8Array.wrap(buffer, i32(this.at - length - changetype<usize>(buffer)), length);
  }
}

function unpack(): Task {
  const from = new Reader(changetype<usize>(buffer));
  const partition = from.int();
  const attempt = from.int();
  const offset = from.long();
  const timestamp = from.long();
  const topic = from.int();
  const key = from.int();
  const value = from.int();
  const headers = new Array<Header>(from.int());
  const task = new Task(from.text(topic), partition, offset, timestamp, from.bytes(key), from.bytes(value), headers,
    attempt);
  for (let i = 0; i < headers.length; i++) {
    const name = from.int();
    const length = from.int();
    headers[i] = new Header(from.text(name), from.bytes(length));
  }
  return task;
}

/** An answer of `produce`. */
export enum Produced {
  OK = 0,
  /** The topic was not granted (--output-topic). */
  TOPIC_DENIED = 1,
  /** The record has more bytes than one may have (--output-record-bytes). */
  TOO_LARGE = 2,
  /** The task has produced as many bytes or records as it may (--output-task-bytes). */
  QUEUE_FULL = 3,
}

/** Writes the bytes of a record in turn. */
class Writer {
  at: usize;

  constructor(to: ArrayBuffer) {
    this.at = changetype<usize>(to);
  }

  int(value: i32): void {
    store<i32>(this.at, value);
    this.at += 4;
  }

  long(value: i64): void {
    store<i64>(this.at, value);
    this.at += 8;
  }

  bytes(value: Uint8Array | null): void {
    if (value !== null) {
      memory.copy(this.at, value.dataStart, value.length);
      this.at += value.length;
    }
  }
}

function lengthOf(bytes: Uint8Array | null): i32 {
  return bytes === null ? -1 : bytes.length;
}

/**
 * Adds a record to the output of the current task. Wasmton sends the records when the task is done, in their order;
 * those of a failed task are never sent.
 */
export function produce(record: Record): Produced {
  const topic = utf8(record.topic);
  const names = record.headers.map<Uint8Array>((header) => utf8(header.name));
  let size = 40 + topic.length + max(lengthOf(record.key), 0) + max(lengthOf(record.value), 0);
  for (let i = 0; i < names.length; i++) {
    size += 8 + names[i].length + max(lengthOf(record.headers[i].value), 0);
  }
  const packed = new ArrayBuffer(size);
  const to = new Writer(packed);
  to.int(record.partition);
  to.int(0);
  to.long(-1);
  to.long(record.timestamp);
  to.int(topic.length);
  to.int(lengthOf(record.key));
  to.int(lengthOf(record.value));
  to.int(names.length);
  to.bytes(topic);
  to.bytes(record.key);
  to.bytes(record.value);
  for (let i = 0; i < names.length; i++) {
    const value = record.headers[i].value;
    to.int(names[i].length);
    to.int(lengthOf(value));
    to.bytes(names[i]);
    to.bytes(value);
  }
  return host.produce(changetype<usize>(packed), size) as Produced;
}

/** Returns the bytes of a text in UTF-8. */
export function utf8(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

/** Returns bytes in UTF-8 as a text; an empty one for null. */
export function text(bytes: Uint8Array | null): string {
  return bytes === null ? "" : String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
}

/** Levels of the log. */
export enum Level {
  TRACE = 0,
  DEBUG = 1,
  INFO = 2,
  WARN = 3,
  ERROR = 4,
}

/** Writes one line to Wasmton's log, with the place of the task, if the level is enabled. */
export function log(level: Level, line: string): void {
  if (host.log_enabled(level) != 0) {
    const bytes = String.UTF8.encode(line);
    host.log(level, changetype<usize>(bytes), bytes.byteLength);
  }
}

/** Writes one line to the log at the level INFO. */
export function info(line: string): void {
  log(Level.INFO, line);
}

/**
 * Adds to a counter, which the operator sees among the metrics. It counts at once, and however the task ends.
 */
export function count(name: string, amount: u32 = 1): void {
  const bytes = String.UTF8.encode(name);
  host.count(changetype<usize>(bytes), bytes.byteLength, amount);
}

/** Returns a setting that the operator gave (--guest-config); null if there is none. */
export function setting(name: string): string | null {
  const bytes = String.UTF8.encode(name);
  const size = host.setting(changetype<usize>(bytes), bytes.byteLength, 0, 0);
  if (size < 0) return null;
  const value = new ArrayBuffer(size);
  host.setting(changetype<usize>(bytes), bytes.byteLength, changetype<usize>(value), size);
  return String.UTF8.decode(value);
}

/** Returns the names of all settings. */
export function settingNames(): string[] {
  const names: string[] = [];
  let size: i32;
  while ((size = host.setting_name(names.length, 0, 0)) >= 0) {
    const name = new ArrayBuffer(size);
    host.setting_name(names.length, changetype<usize>(name), size);
    names.push(String.UTF8.decode(name));
  }
  return names;
}

/** An answer of a store. */
export enum Stored {
  OK = 0,
  /** The store is a table, which is only read. */
  READ_ONLY = 1,
  /** A key has more than 65,536 bytes, or a key and its value more than 1,000,000. */
  TOO_LARGE = 2,
  /** The task has used its stores as much as it may. The log says which limit it was. */
  LIMIT = 3,
}

/** An entry of a store. */
export class Entry {
  constructor(
    public key: Uint8Array,
    public value: Uint8Array,
  ) {}
}

/** A value of a store, null if there is none; or the reason why it was not read. */
export class Value {
  constructor(
    readonly answer: Stored,
    readonly bytes: Uint8Array | null,
  ) {}
}

/** Entries of a store; or the reason why they were not read. */
export class Entries {
  constructor(
    readonly answer: Stored,
    readonly list: Entry[],
  ) {}
}

/** The buffer for what stores return. It grows to the largest result. */
let results = new ArrayBuffer(4 * 1024);

/** Makes room for a result of that size. Returns whether there was too little. */
function grow(size: i32): bool {
  if (size <= results.byteLength) return false;
  results = new ArrayBuffer(size + size / 2);
  return true;
}

/** Returns the first key behind all that begin with a prefix; null if there is none. */
function prefixEnd(prefix: Uint8Array): Uint8Array | null {
  for (let length = prefix.length; length > 0; length--) {
    if (prefix[length - 1] < 255) {
      const end = prefix.slice(0, length);
      end[length - 1]++;
      return end;
    }
  }
  return null;
}

/**
 * A store, in which a processor keeps bytes by key. The operator grants it (--state). What a task writes is kept when
 * the task is done, and dropped when it failed. Using a store where there is no task fails by a trap.
 */
export class Store {
  private constructor(private number: i32) {}

  /** Opens the store of that name, which can be kept from task to task; null if there is none. */
  static open(name: string): Store | null {
    const bytes = String.UTF8.encode(name);
    const number = host.state_open(changetype<usize>(bytes), bytes.byteLength);
    return number < 0 ? null : new Store(number);
  }

  /** Returns the value of a key. */
  get(key: Uint8Array): Value {
    let size: i32;
    do {
      size = host.state_get(this.number, key.dataStart, key.length, changetype<usize>(results), results.byteLength);
    } while (grow(size));
    if (size < -1) return new Value(-size as Stored, null);
    return new Value(Stored.OK, size < 0 ? null : Uint8Array.wrap(results.slice(0, size)));
  }

  /** Sets the value of a key. */
  set(key: Uint8Array, value: Uint8Array): Stored {
    return host.state_set(this.number, key.dataStart, key.length, value.dataStart, value.length) as Stored;
  }

  /** Removes a key; one that is not there is no error. */
  delete(key: Uint8Array): Stored {
    return host.state_delete(this.number, key.dataStart, key.length) as Stored;
  }

  /** Returns the first entries whose keys are at least `from` and below `to`; null is the end of the store. */
  scan(from: Uint8Array, to: Uint8Array | null, limit: i32): Entries {
    const end: usize = to === null ? 0 : to.dataStart;
    let size: i32;
    do {
      size = host.state_scan(this.number, from.dataStart, from.length, end, lengthOf(to), limit,
        changetype<usize>(results), results.byteLength);
    } while (grow(size));
    const entries: Entry[] = [];
    if (size < 0) return new Entries(-size as Stored, entries);
    for (let at = 0; at < size; ) {
      const key = load<i32>(changetype<usize>(results) + at);
      const value = load<i32>(changetype<usize>(results) + at + 4);
      at += 8;
      entries.push(new Entry(Uint8Array.wrap(results.slice(at, at + key)),
        Uint8Array.wrap(results.slice(at + key, at + key + value))));
      at += key + value;
    }
    return new Entries(Stored.OK, entries);
  }

  /** Returns the first entries whose keys begin with a prefix. */
  scanPrefix(prefix: Uint8Array, limit: i32): Entries {
    return this.scan(prefix, prefixEnd(prefix), limit);
  }
}

/** An answer to an HTTP request. */
export enum Sent {
  OK = 0,
  /** The server is not granted (--allow-net). */
  DENIED = -1,
  /** The method, the URL or a header is invalid. */
  INVALID = -2,
  /** There is no such name. */
  NO_NAME = -3,
  /** The connection was refused, or broke off. */
  CONNECTION = -4,
  /** The TLS failed; if a certificate was rejected, the log says why. */
  TLS = -5,
  /** The connection or the whole exchange took too long. */
  TIMEOUT = -6,
  /** The response needs more memory than the host may hold for the guest (--max-host-memory). */
  TOO_LARGE = -7,
  /** The response is not HTTP. */
  MALFORMED = -8,
  /** There are too many open sockets. */
  LIMIT = -9,
}

/** A request to an HTTP server, plain or by TLS, which the operator grants (--allow-net). */
export class HttpRequest {
  headers: Header[] = [];
  body: Uint8Array | null = null;
  /** Milliseconds for the whole exchange; -1 for no limit but the task's deadline. */
  timeout: i32 = -1;

  constructor(
    public method: string,
    public url: string,
  ) {}

  /** Adds a header. */
  header(name: string, value: string): HttpRequest {
    this.headers.push(new Header(name, utf8(value)));
    return this;
  }

  /** Sends it and waits for the response. */
  send(): HttpResponse {
    const method = utf8(this.method);
    const url = utf8(this.url);
    const names = this.headers.map<Uint8Array>((header) => utf8(header.name));
    let size = 20 + method.length + url.length + max(lengthOf(this.body), 0);
    for (let i = 0; i < names.length; i++) {
      size += 8 + names[i].length + max(lengthOf(this.headers[i].value), 0);
    }
    const packed = new ArrayBuffer(size);
    const to = new Writer(packed);
    to.int(this.timeout);
    to.int(method.length);
    to.int(url.length);
    to.int(lengthOf(this.body));
    to.int(names.length);
    to.bytes(method);
    to.bytes(url);
    to.bytes(this.body);
    for (let i = 0; i < names.length; i++) {
      const value = this.headers[i].value;
      to.int(names[i].length);
      to.int(lengthOf(value));
      to.bytes(names[i]);
      to.bytes(value);
    }
    const answer = host.http_send(changetype<usize>(packed), size, changetype<usize>(results), results.byteLength);
    const received = answer < 0 || answer > results.byteLength ? readLeft() : results.slice(0, answer);
    if (answer < 0) {
      return new HttpResponse(answer as Sent, String.UTF8.decode(received), 0, [], new Uint8Array(0));
    }
    return unpackResponse(received);
  }
}

/** A response; or the reason why there is none. */
export class HttpResponse {
  constructor(
    readonly answer: Sent,
    /** The reason in words, where the answer is not OK. */
    readonly reason: string,
    readonly status: i32,
    /** Their names are in lower case. */
    readonly headers: Header[],
    readonly body: Uint8Array,
  ) {}
}

/** Returns what the last request left. */
function readLeft(): ArrayBuffer {
  let size: i32;
  do {
    size = host.http_read(changetype<usize>(results), results.byteLength);
  } while (grow(size));
  return results.slice(0, max(size, 0));
}

function unpackResponse(packed: ArrayBuffer): HttpResponse {
  const start = changetype<usize>(packed);
  const body = load<i32>(start + 4);
  const headers = new Array<Header>(load<i32>(start + 8));
  let at = 12 + body;
  for (let i = 0; i < headers.length; i++) {
    const name = load<i32>(start + at);
    const value = load<i32>(start + at + 4);
    at += 8;
    headers[i] = new Header(String.UTF8.decodeUnsafe(start + at, name), Uint8Array.wrap(packed, at + name, value));
    at += name + value;
  }
  return new HttpResponse(Sent.OK, "", load<i32>(start), headers, Uint8Array.wrap(packed, 12, body));
}
