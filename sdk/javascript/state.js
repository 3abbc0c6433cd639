// Stores, for processors of the world stateful-processor: see README.md. A module of its own, because a component of
// the world processor cannot import the interface state.

import * as state from 'decaton:processor/state@0.1.0';
import { DeadLetter, Stop } from './index.js';

const encoder = new TextEncoder();

export class Store {
  #name;
  #bucket;

  constructor(name) {
    this.#name = name;
    this.#bucket = this.#use(() => state.open(name));
  }

  get(key) {
    return this.#use(() => this.#bucket.get(bytes(key)));
  }

  set(key, value) {
    this.#use(() => this.#bucket.set(bytes(key), bytes(value)));
  }

  delete(key) {
    this.#use(() => this.#bucket.delete(bytes(key)));
  }

  scan(from, to, limit) {
    return this.#use(() => this.#bucket.scan(bytes(from), to === undefined ? undefined : bytes(to), limit));
  }

  scanPrefix(prefix, limit) {
    const from = bytes(prefix);
    const last = from.findLastIndex((byte) => byte < 255);
    const to = last < 0 ? undefined : from.slice(0, last + 1);
    if (to !== undefined) {
      to[last]++;
    }
    return this.scan(from, to, limit);
  }

  #use(operation) {
    try {
      return operation();
    } catch (e) {
      switch (e.payload?.tag) {
        case 'no-such-store':
          throw new Stop(`there is no store ${this.#name} (--state)`);
        case 'access-denied':
          throw new Stop(`${this.#name} is a table, which is only read`);
        case 'limit':
          throw new DeadLetter(`${this.#name}: ${e.payload.val}`);
        default:
          throw e;
      }
    }
  }
}

function bytes(value) {
  return typeof value === 'string' ? encoder.encode(value) : value;
}
