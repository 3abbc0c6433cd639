// The functions that Wasmton provides (docs/protocol-1.md), and those of WASI that this package uses.

// @ts-ignore: a decorator
@external("wasmton_v1", "next")
export declare function next(buffer: usize, capacity: i32): i32;

// @ts-ignore: a decorator
@external("wasmton_v1", "finish")
export declare function finish(verdict: i32, reason: usize, length: i32): void;

// @ts-ignore: a decorator
@external("wasmton_v1", "produce")
export declare function produce(record: usize, length: i32): i32;

// @ts-ignore: a decorator
@external("wasmton_v1", "log")
export declare function log(level: i32, text: usize, length: i32): void;

// @ts-ignore: a decorator
@external("wasmton_v1", "log_enabled")
export declare function log_enabled(level: i32): i32;

// @ts-ignore: a decorator
@external("wasmton_v1", "count")
export declare function count(name: usize, length: i32, amount: u32): void;

// @ts-ignore: a decorator
@external("wasmton_v1", "setting")
export declare function setting(name: usize, name_length: i32, buffer: usize, capacity: i32): i32;

// @ts-ignore: a decorator
@external("wasmton_v1", "setting_name")
export declare function setting_name(index: i32, buffer: usize, capacity: i32): i32;

// @ts-ignore: a decorator
@external("wasmton_v1", "state_open")
export declare function state_open(name: usize, length: i32): i32;

// @ts-ignore: a decorator
@external("wasmton_v1", "state_get")
export declare function state_get(store: i32, key: usize, key_length: i32, buffer: usize, capacity: i32): i32;

// @ts-ignore: a decorator
@external("wasmton_v1", "state_set")
export declare function state_set(store: i32, key: usize, key_length: i32, value: usize, value_length: i32): i32;

// @ts-ignore: a decorator
@external("wasmton_v1", "state_delete")
export declare function state_delete(store: i32, key: usize, key_length: i32): i32;

// @ts-ignore: a decorator
@external("wasmton_v1", "state_scan")
export declare function state_scan(store: i32, from: usize, from_length: i32, to: usize, to_length: i32, limit: i32,
  buffer: usize, capacity: i32): i32;

// @ts-ignore: a decorator
@external("wasmton_v1", "http_send")
export declare function http_send(request: usize, length: i32, buffer: usize, capacity: i32): i32;

// @ts-ignore: a decorator
@external("wasmton_v1", "http_read")
export declare function http_read(buffer: usize, capacity: i32): i32;

// @ts-ignore: a decorator
@external("wasi_snapshot_preview1", "fd_write")
export declare function fd_write(fd: i32, vectors: usize, count: i32, written: usize): i32;

// @ts-ignore: a decorator
@external("wasi_snapshot_preview1", "random_get")
export declare function random_get(buffer: usize, length: i32): i32;

// @ts-ignore: a decorator
@external("wasi_snapshot_preview1", "clock_time_get")
export declare function clock_time_get(clock: i32, precision: i64, time: usize): i32;
