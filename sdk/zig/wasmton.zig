//! Protocol 1 of Wasmton for Zig: see README.md, and docs/protocol-1.md for what is below.

const std = @import("std");

const host = struct {
    extern "wasmton_v1" fn next(buffer: [*]u8, capacity: u32) i32;
    extern "wasmton_v1" fn finish(verdict: i32, reason: [*]const u8, length: u32) void;
    extern "wasmton_v1" fn produce(record: [*]const u8, length: u32) i32;
    extern "wasmton_v1" fn log(level: i32, text: [*]const u8, length: u32) void;
    extern "wasmton_v1" fn log_enabled(level: i32) i32;
    extern "wasmton_v1" fn count(name: [*]const u8, length: u32, amount: u32) void;
    extern "wasmton_v1" fn setting(name: [*]const u8, name_length: u32, buffer: ?[*]u8, capacity: u32) i32;
    extern "wasmton_v1" fn setting_name(index: u32, buffer: ?[*]u8, capacity: u32) i32;
    extern "wasmton_v1" fn state_open(name: [*]const u8, length: u32) i32;
    extern "wasmton_v1" fn state_get(store: i32, key: [*]const u8, key_length: u32, buffer: [*]u8, capacity: u32) i32;
    extern "wasmton_v1" fn state_set(
        store: i32,
        key: [*]const u8,
        key_length: u32,
        value: [*]const u8,
        value_length: u32,
    ) i32;
    extern "wasmton_v1" fn state_delete(store: i32, key: [*]const u8, key_length: u32) i32;
    extern "wasmton_v1" fn state_scan(
        store: i32,
        from: [*]const u8,
        from_length: u32,
        to: ?[*]const u8,
        to_length: i32,
        limit: u32,
        buffer: [*]u8,
        capacity: u32,
    ) i32;
    extern "wasmton_v1" fn http_send(request: [*]const u8, length: u32, buffer: [*]u8, capacity: u32) i32;
    extern "wasmton_v1" fn http_read(buffer: [*]u8, capacity: u32) i32;
};

/// A header of a record. Names may repeat.
pub const Header = struct { name: []const u8, value: ?[]const u8 };

/// One Kafka record to process. It is valid until the processor returns.
pub const Task = struct {
    topic: []const u8,
    partition: i32,
    offset: i64,
    /// Milliseconds since 1970-01-01T00:00Z.
    timestamp: ?i64,
    key: ?[]const u8,
    /// Null for a tombstone.
    value: ?[]const u8,
    headers: []const Header,
    /// 1 when the task is handed over for the first time.
    attempt: u32,

    /// Makes a record for another topic, with the key, value, headers and timestamp of this task.
    pub fn to(task: Task, topic: []const u8) Record {
        return .{
            .topic = topic,
            .timestamp = task.timestamp,
            .key = task.key,
            .value = task.value,
            .headers = task.headers,
        };
    }
};

/// A Kafka record to write.
pub const Record = struct {
    topic: []const u8,
    /// Null lets Kafka's partitioner choose, by the key if there is one.
    partition: ?i32 = null,
    /// Milliseconds since 1970-01-01T00:00Z; null for the time at which it is sent.
    timestamp: ?i64 = null,
    key: ?[]const u8 = null,
    /// Null for a tombstone.
    value: ?[]const u8 = null,
    headers: []const Header = &.{},
};

/// Makes a function the processor: `comptime { wasmton.processor(process); }`. Returning an error fails the task, with
/// the verdict to retry it, unless the error comes from `deadLetter`, `skip` or `stop`.
pub fn processor(comptime process: fn (Task) anyerror!void) void {
    const Export = struct {
        fn run() callconv(.c) void {
            while (take()) |task| {
                process(task) catch |e| switch (e) {
                    error.WasmtonRetry => finish(1, reason),
                    error.WasmtonDeadLetter => finish(2, reason),
                    error.WasmtonSkip => finish(3, reason),
                    error.WasmtonStop => finish(4, reason),
                    else => finish(1, @errorName(e)),
                };
            }
        }
    };
    @export(&Export.run, .{ .name = "run" });
}

const allocator = std.heap.wasm_allocator;

var buffer: []u8 = &.{};
var headers: []Header = &.{};

fn take() ?Task {
    while (true) {
        const size = host.next(buffer.ptr, @intCast(buffer.len));
        if (size < 0) return null;
        const length: usize = @intCast(size);
        if (length <= buffer.len) return unpack(buffer[0..length]);
        allocator.free(buffer);
        buffer = allocator.alloc(u8, @max(64 * 1024, length + length / 2)) catch @panic("no memory for a task");
    }
}

const fixed = 40;
const fixed_of_header = 8;

const Reader = struct {
    bytes: []const u8,

    fn int(r: *Reader, comptime T: type) T {
        defer r.bytes = r.bytes[@sizeOf(T)..];
        return std.mem.readInt(T, r.bytes[0..@sizeOf(T)], .little);
    }

    fn slice(r: *Reader, length: i32) ?[]const u8 {
        if (length < 0) return null;
        const n: usize = @intCast(length);
        defer r.bytes = r.bytes[n..];
        return r.bytes[0..n];
    }
};

fn unpack(packed_task: []const u8) Task {
    var r = Reader{ .bytes = packed_task };
    const partition = r.int(i32);
    const attempt = r.int(u32);
    const offset = r.int(i64);
    const timestamp = r.int(i64);
    const topic = r.int(i32);
    const key = r.int(i32);
    const value = r.int(i32);
    const header_count: usize = r.int(u32);
    if (header_count > headers.len) {
        allocator.free(headers);
        headers = allocator.alloc(Header, header_count) catch @panic("no memory for a task");
    }
    const task_topic = r.slice(topic).?;
    const task_key = r.slice(key);
    const task_value = r.slice(value);
    for (headers[0..header_count]) |*header| {
        const name = r.int(i32);
        const length = r.int(i32);
        header.name = r.slice(name).?;
        header.value = r.slice(length);
    }
    return .{
        .topic = task_topic,
        .partition = partition,
        .offset = offset,
        .timestamp = if (timestamp < 0) null else timestamp,
        .key = task_key,
        .value = task_value,
        .headers = headers[0..header_count],
        .attempt = attempt,
    };
}

fn finish(verdict: i32, text: []const u8) void {
    host.finish(verdict, text.ptr, @intCast(text.len));
}

var reason_buffer: [8 * 1024]u8 = undefined;
var reason: []const u8 = "";

/// Formats into a buffer; what is too long is cut.
fn format(to: []u8, comptime text: []const u8, arguments: anytype) []const u8 {
    return std.fmt.bufPrint(to, text, arguments) catch to;
}

/// The task may work later. Return this error.
pub fn retry(comptime text: []const u8, arguments: anytype) error{WasmtonRetry} {
    reason = format(&reason_buffer, text, arguments);
    return error.WasmtonRetry;
}

/// The task will never work, and somebody should look at it. Return this error.
pub fn deadLetter(comptime text: []const u8, arguments: anytype) error{WasmtonDeadLetter} {
    reason = format(&reason_buffer, text, arguments);
    return error.WasmtonDeadLetter;
}

/// The task need not be processed. Return this error.
pub fn skip(comptime text: []const u8, arguments: anytype) error{WasmtonSkip} {
    reason = format(&reason_buffer, text, arguments);
    return error.WasmtonSkip;
}

/// No task will work. Return this error.
pub fn stop(comptime text: []const u8, arguments: anytype) error{WasmtonStop} {
    reason = format(&reason_buffer, text, arguments);
    return error.WasmtonStop;
}

/// The reason why a record was not accepted.
pub const ProduceError = error{
    /// The topic was not granted (--output-topic).
    TopicDenied,
    /// The record has more bytes than one may have (--output-record-bytes).
    TooLarge,
    /// The task has produced as many bytes or records as it may (--output-task-bytes).
    QueueFull,
};

/// Adds a record to the output of the current task. Wasmton sends the records when the task is done, in their order;
/// those of a failed task are never sent.
pub fn produce(record: Record) (ProduceError || std.mem.Allocator.Error)!void {
    var size = fixed + record.topic.len + len(record.key) + len(record.value);
    for (record.headers) |header| size += fixed_of_header + header.name.len + len(header.value);
    const bytes = try allocator.alloc(u8, size);
    defer allocator.free(bytes);
    var w = Writer{ .bytes = bytes };
    w.int(i32, record.partition orelse -1);
    w.int(i32, 0);
    w.int(i64, -1);
    w.int(i64, record.timestamp orelse -1);
    w.int(i32, @intCast(record.topic.len));
    w.int(i32, lengthOf(record.key));
    w.int(i32, lengthOf(record.value));
    w.int(i32, @intCast(record.headers.len));
    w.slice(record.topic);
    w.slice(record.key orelse "");
    w.slice(record.value orelse "");
    for (record.headers) |header| {
        w.int(i32, @intCast(header.name.len));
        w.int(i32, lengthOf(header.value));
        w.slice(header.name);
        w.slice(header.value orelse "");
    }
    return switch (host.produce(bytes.ptr, @intCast(bytes.len))) {
        0 => {},
        1 => error.TopicDenied,
        2 => error.TooLarge,
        else => error.QueueFull,
    };
}

const Writer = struct {
    bytes: []u8,

    fn int(w: *Writer, comptime T: type, value: T) void {
        std.mem.writeInt(T, w.bytes[0..@sizeOf(T)], value, .little);
        w.bytes = w.bytes[@sizeOf(T)..];
    }

    fn slice(w: *Writer, bytes: []const u8) void {
        @memcpy(w.bytes[0..bytes.len], bytes);
        w.bytes = w.bytes[bytes.len..];
    }
};

fn len(bytes: ?[]const u8) usize {
    return if (bytes) |b| b.len else 0;
}

fn lengthOf(bytes: ?[]const u8) i32 {
    return if (bytes) |b| @intCast(b.len) else -1;
}

/// Levels of the log.
pub const Level = enum(i32) { trace, debug, info, warn, err };

/// Writes one line to Wasmton's log, with the place of the task, if the level is enabled.
pub fn log(level: Level, comptime text: []const u8, arguments: anytype) void {
    if (host.log_enabled(@backingInt(level)) == 0) return;
    var line: [8 * 1024]u8 = undefined;
    const formatted = format(&line, text, arguments);
    host.log(@backingInt(level), formatted.ptr, @intCast(formatted.len));
}

/// Adds to a counter, which the operator sees among the metrics. It counts at once, and however the task ends.
pub fn count(name: []const u8, amount: u32) void {
    host.count(name.ptr, @intCast(name.len), amount);
}

/// Returns a setting that the operator gave (--guest-config), which is the caller's to free; null if there is none.
pub fn setting(gpa: std.mem.Allocator, name: []const u8) std.mem.Allocator.Error!?[]u8 {
    const size = host.setting(name.ptr, @intCast(name.len), null, 0);
    if (size < 0) return null;
    const value = try gpa.alloc(u8, @intCast(size));
    _ = host.setting(name.ptr, @intCast(name.len), value.ptr, @intCast(size));
    return value;
}

/// Returns the name of the setting with that index, from 0, which is the caller's to free; null behind the last one.
pub fn settingName(gpa: std.mem.Allocator, index: u32) std.mem.Allocator.Error!?[]u8 {
    const size = host.setting_name(index, null, 0);
    if (size < 0) return null;
    const name = try gpa.alloc(u8, @intCast(size));
    _ = host.setting_name(index, name.ptr, @intCast(size));
    return name;
}

/// The reason why a store did not do something.
pub const StateError = error{
    /// There is no store of that name (--state).
    NoSuchStore,
    /// The store is a table, which is only read.
    ReadOnly,
    /// A key has more than 65,536 bytes, or a key and its value more than 1,000,000.
    TooLarge,
    /// The task has used its stores as much as it may. The log says which limit it was.
    Limit,
};

/// An entry of a store.
pub const Entry = struct { key: []const u8, value: []const u8 };

var results: []u8 = &.{};

/// Makes room for a result of that size. Returns whether there was too little.
fn grow(size: i32) bool {
    if (size <= 0 or @as(usize, @intCast(size)) <= results.len) return false;
    const length: usize = @intCast(size);
    allocator.free(results);
    results = allocator.alloc(u8, @max(4 * 1024, length + length / 2)) catch @panic("no memory for a result");
    return true;
}

/// Returns the buffer for results.
fn resultBuffer() []u8 {
    if (results.len == 0) _ = grow(4 * 1024);
    return results;
}

fn stateError(refusal: i32) StateError!void {
    return switch (refusal) {
        0 => {},
        1 => error.ReadOnly,
        2 => error.TooLarge,
        else => error.Limit,
    };
}

/// A store, in which a processor keeps bytes by key. The operator grants it (--state). What a task writes is kept when
/// the task is done, and dropped when it failed. Using a store where there is no task fails by a trap.
pub const Store = struct {
    number: i32,

    /// Opens the store of that name. It can be kept from task to task.
    pub fn open(name: []const u8) StateError!Store {
        const number = host.state_open(name.ptr, @intCast(name.len));
        return if (number < 0) error.NoSuchStore else .{ .number = number };
    }

    /// Returns the value of a key, which is valid until the next call; null if there is none.
    pub fn get(store: Store, key: []const u8) StateError!?[]const u8 {
        while (true) {
            const to = resultBuffer();
            const size = host.state_get(store.number, key.ptr, @intCast(key.len), to.ptr, @intCast(to.len));
            if (grow(size)) continue;
            if (size == -1) return null;
            if (size < 0) try stateError(-size);
            return results[0..@intCast(size)];
        }
    }

    /// Sets the value of a key.
    pub fn set(store: Store, key: []const u8, value: []const u8) StateError!void {
        return stateError(host.state_set(store.number, key.ptr, @intCast(key.len), value.ptr, @intCast(value.len)));
    }

    /// Removes a key; one that is not there is no error.
    pub fn delete(store: Store, key: []const u8) StateError!void {
        return stateError(host.state_delete(store.number, key.ptr, @intCast(key.len)));
    }

    /// Returns the first entries whose keys are at least `from` and below `to`, in the order of their bytes; null is the
    /// end of the store. The list is the caller's to free; what its entries refer to is valid until the next call.
    pub fn scan(
        store: Store,
        gpa: std.mem.Allocator,
        from: []const u8,
        to: ?[]const u8,
        limit: u32,
    ) (StateError || std.mem.Allocator.Error)![]Entry {
        while (true) {
            const into = resultBuffer();
            const size = host.state_scan(
                store.number,
                from.ptr,
                @intCast(from.len),
                if (to) |end| end.ptr else null,
                lengthOf(to),
                limit,
                into.ptr,
                @intCast(into.len),
            );
            if (grow(size)) continue;
            if (size < 0) try stateError(-size);
            return entriesOf(gpa, results[0..@intCast(size)]);
        }
    }

    /// Returns the first entries whose keys begin with a prefix, as `scan` does.
    pub fn scanPrefix(
        store: Store,
        gpa: std.mem.Allocator,
        prefix: []const u8,
        limit: u32,
    ) (StateError || std.mem.Allocator.Error)![]Entry {
        var length = prefix.len;
        while (length > 0 and prefix[length - 1] == 255) length -= 1;
        if (length == 0) return store.scan(gpa, prefix, null, limit);
        const end = try gpa.dupe(u8, prefix[0..length]);
        defer gpa.free(end);
        end[length - 1] += 1;
        return store.scan(gpa, prefix, end, limit);
    }
};

fn entriesOf(gpa: std.mem.Allocator, packed_entries: []const u8) std.mem.Allocator.Error![]Entry {
    var entry_count: usize = 0;
    var counted = Reader{ .bytes = packed_entries };
    while (counted.bytes.len > 0) : (entry_count += 1) {
        const key = counted.int(i32);
        const value = counted.int(i32);
        _ = counted.slice(key);
        _ = counted.slice(value);
    }
    const entries = try gpa.alloc(Entry, entry_count);
    var r = Reader{ .bytes = packed_entries };
    for (entries) |*entry| {
        const key = r.int(i32);
        const value = r.int(i32);
        entry.* = .{ .key = r.slice(key).?, .value = r.slice(value).? };
    }
    return entries;
}

/// The reason why there is no response. `httpReason` has it in words.
pub const HttpError = error{
    /// The server is not granted (--allow-net).
    HttpDenied,
    /// The method, the URL or a header is invalid.
    HttpInvalid,
    /// There is no such name.
    HttpNoName,
    /// The connection was refused, or broke off.
    HttpConnection,
    /// The TLS failed; if a certificate was rejected, the log says why.
    HttpTls,
    /// The connection or the whole exchange took too long.
    HttpTimeout,
    /// The response needs more memory than the host may hold for the guest (--max-host-memory).
    HttpTooLarge,
    /// The response is not HTTP.
    HttpMalformed,
    /// There are too many open sockets.
    HttpLimit,
};

/// A request to an HTTP server, plain or by TLS, which the operator grants (--allow-net).
pub const HttpRequest = struct {
    method: []const u8 = "GET",
    url: []const u8,
    headers: []const Header = &.{},
    body: ?[]const u8 = null,
    /// Milliseconds for the whole exchange; without it the request ends with the task's deadline.
    timeout: ?u31 = null,
};

/// A response, which is valid until the next request. Names of headers are in lower case.
pub const HttpResponse = struct { status: u16, headers: []const Header, body: []const u8 };

var response_headers: []Header = &.{};
var http_reason: []const u8 = "";

/// Returns why the last request failed, in words. It is valid until the next call that fills a buffer.
pub fn httpReason() []const u8 {
    return http_reason;
}

/// Sends a request and waits for the response.
pub fn send(request: HttpRequest) (HttpError || std.mem.Allocator.Error)!HttpResponse {
    var size = 20 + request.method.len + request.url.len + len(request.body);
    for (request.headers) |header| size += fixed_of_header + header.name.len + len(header.value);
    const bytes = try allocator.alloc(u8, size);
    defer allocator.free(bytes);
    var w = Writer{ .bytes = bytes };
    w.int(i32, if (request.timeout) |timeout| timeout else -1);
    w.int(i32, @intCast(request.method.len));
    w.int(i32, @intCast(request.url.len));
    w.int(i32, lengthOf(request.body));
    w.int(i32, @intCast(request.headers.len));
    w.slice(request.method);
    w.slice(request.url);
    w.slice(request.body orelse "");
    for (request.headers) |header| {
        w.int(i32, @intCast(header.name.len));
        w.int(i32, lengthOf(header.value));
        w.slice(header.name);
        w.slice(header.value orelse "");
    }
    const to = resultBuffer();
    const answer = host.http_send(bytes.ptr, @intCast(bytes.len), to.ptr, @intCast(to.len));
    if (answer < 0) {
        http_reason = readLeft();
        return httpError(answer);
    }
    const received = if (answer > to.len) readLeft() else to[0..@intCast(answer)];
    var r = Reader{ .bytes = received };
    const status = r.int(i32);
    const body = r.int(i32);
    const header_count: usize = r.int(u32);
    if (header_count > response_headers.len) {
        allocator.free(response_headers);
        response_headers = &.{};
        response_headers = try allocator.alloc(Header, header_count);
    }
    const response_body = r.slice(body).?;
    for (response_headers[0..header_count]) |*header| {
        const name = r.int(i32);
        const length = r.int(i32);
        header.name = r.slice(name).?;
        header.value = r.slice(length);
    }
    return .{ .status = @intCast(status), .headers = response_headers[0..header_count], .body = response_body };
}

/// Returns what the last request left.
fn readLeft() []const u8 {
    while (true) {
        const to = resultBuffer();
        const size = host.http_read(to.ptr, @intCast(to.len));
        if (grow(size)) continue;
        return if (size < 0) "" else to[0..@intCast(size)];
    }
}

fn httpError(failure: i32) HttpError {
    return switch (failure) {
        -1 => error.HttpDenied,
        -2 => error.HttpInvalid,
        -3 => error.HttpNoName,
        -4 => error.HttpConnection,
        -5 => error.HttpTls,
        -6 => error.HttpTimeout,
        -7 => error.HttpTooLarge,
        -8 => error.HttpMalformed,
        else => error.HttpLimit,
    };
}
