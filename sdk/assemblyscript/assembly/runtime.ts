// What AssemblyScript's library asks of its host. asconfig.json puts these in the place of the imports from "env", by
// the option "use".

import * as host from "./host";

// Writes a line to standard output (1) or standard error (2), which go to Wasmton's log.
export function write(fd: i32, line: string): void {
  const bytes = String.UTF8.encode(line + "\n");
  const vector = memory.data(12);
  store<usize>(vector, changetype<usize>(bytes));
  store<i32>(vector, bytes.byteLength, 4);
  host.fd_write(fd, vector, 1, vector + 8);
}

// A failed assertion, `throw`, an index out of range: the reason of the failed task.
export function onAbort(message: string | null, file: string | null, line: u32, column: u32): void {
  const text = message === null ? "aborted" : message;
  write(2, text + " at " + (file === null ? "?" : file) + ":" + line.toString() + ":" + column.toString());
  unreachable();
}

export function onTrace(message: string, n: i32, a0: f64, a1: f64, a2: f64, a3: f64, a4: f64): void {
  let line = message;
  if (n > 0) line += " " + a0.toString();
  if (n > 1) line += ", " + a1.toString();
  if (n > 2) line += ", " + a2.toString();
  if (n > 3) line += ", " + a3.toString();
  if (n > 4) line += ", " + a4.toString();
  write(2, line);
}

// The seed of Math.random.
export function onSeed(): f64 {
  const seed = memory.data(8);
  host.random_get(seed, 8);
  return reinterpret<f64>((load<u64>(seed) & 0x000fffffffffffff) | 0x3ff0000000000000);
}
