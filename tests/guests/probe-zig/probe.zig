//! A processor of protocol 1 that obeys its tasks: a word and its arguments. The probes in other languages do the same.

const std = @import("std");
const wasmton = @import("wasmton");

comptime {
    wasmton.processor(process);
}

const allocator = std.heap.wasm_allocator;

var tasks: u32 = 0;
var line_buffer: [64 * 1024]u8 = undefined;

fn process(task: wasmton.Task) !void {
    tasks += 1;
    const text = task.value orelse "";
    var words = std.mem.splitScalar(u8, text, ' ');
    const word = words.first();
    if (is(word, "") or is(word, "record")) {
        wasmton.log(.info, "{s}", .{try describe(task)});
    } else if (is(word, "nothing")) {
        // Done.
    } else if (is(word, "retry")) {
        return wasmton.retry("later", .{});
    } else if (is(word, "dead-letter")) {
        return wasmton.deadLetter("broken: {s}", .{"ü"});
    } else if (is(word, "skip")) {
        return wasmton.skip("not ours", .{});
    } else if (is(word, "stop")) {
        return wasmton.stop("never", .{});
    } else if (is(word, "count")) {
        wasmton.log(.info, "{d}", .{tasks});
    } else if (is(word, "log")) {
        wasmton.log(.trace, "trace ü", .{});
        wasmton.log(.debug, "debug ü", .{});
        wasmton.log(.info, "info ü", .{});
        wasmton.log(.warn, "warn ü", .{});
        wasmton.log(.err, "error ü", .{});
    } else if (is(word, "setting")) {
        const value = try wasmton.setting(allocator, words.next().?);
        defer if (value) |v| allocator.free(v);
        wasmton.log(.info, "{s}", .{value orelse "none"});
    } else if (is(word, "settings")) {
        var line = Line{};
        var i: u32 = 0;
        while (try wasmton.settingName(allocator, i)) |name| : (i += 1) {
            defer allocator.free(name);
            try line.add("{s}{s}", .{ if (i > 0) " " else "", name });
        }
        wasmton.log(.info, "{s}", .{line.text()});
    } else if (is(word, "produce") or is(word, "produce-and-retry") or is(word, "produce-and-trap")) {
        const topic = words.next().?;
        while (words.next()) |value| try produce(.{ .topic = topic, .value = value });
        if (is(word, "produce-and-retry")) return wasmton.retry("later", .{});
        if (is(word, "produce-and-trap")) @panic("on purpose");
    } else if (is(word, "produce-size")) {
        const topic = words.next().?;
        var count = try std.fmt.parseInt(u32, words.next().?, 10);
        const value = try allocator.alloc(u8, try std.fmt.parseInt(u32, words.next().?, 10));
        defer allocator.free(value);
        @memset(value, 0);
        while (count > 0) : (count -= 1) try produce(.{ .topic = topic, .value = value });
    } else if (is(word, "produce-whole")) {
        try produce(.{
            .topic = words.next().?,
            .partition = try std.fmt.parseInt(i32, words.next().?, 10),
            .timestamp = 1_700_000_000_123,
            .key = "key",
            .headers = &.{
                .{ .name = "one", .value = "1" },
                .{ .name = "one", .value = null },
                .{ .name = "é", .value = "" },
            },
        });
    } else if (is(word, "forward")) {
        try produce(task.to(words.next().?));
    } else if (is(word, "count-up")) {
        const name = words.next().?;
        wasmton.count(name, try std.fmt.parseInt(u32, words.next().?, 10));
    } else if (is(word, "http")) {
        try send(&words);
    } else if (is(word, "print")) {
        write(1, "out\n");
        write(2, "err\n");
    } else if (is(word, "trap")) {
        @panic("on purpose");
    } else if (is(word, "exit")) {
        std.os.wasi.proc_exit(try std.fmt.parseInt(u32, words.next().?, 10));
    } else if (is(word, "loop")) {
        var i: u32 = 0;
        const forever: *volatile u32 = &i;
        while (true) forever.* +%= 1;
    } else {
        return wasmton.skip("no such word: {s}", .{word});
    }
}

fn produce(record: wasmton.Record) !void {
    wasmton.produce(record) catch |e| return switch (e) {
        error.TopicDenied => wasmton.skip("topic-denied", .{}),
        error.TooLarge => wasmton.skip("too-large", .{}),
        error.QueueFull => wasmton.skip("queue-full", .{}),
        else => e,
    };
}

/// Sends a request: METHOD URL TIMEOUT BODY and headers, a hyphen for none.
fn send(words: anytype) !void {
    var request = wasmton.HttpRequest{ .method = words.next().?, .url = words.next().? };
    const timeout = try std.fmt.parseInt(i32, words.next().?, 10);
    if (timeout >= 0) request.timeout = @intCast(timeout);
    const body = words.next().?;
    if (!is(body, "-")) request.body = body;
    var sent: [8]wasmton.Header = undefined;
    var count: usize = 0;
    while (words.next()) |name| : (count += 1) sent[count] = .{ .name = name, .value = words.next().? };
    request.headers = sent[0..count];
    const response = wasmton.send(request) catch |e| {
        const number: i32 = switch (e) {
            error.HttpDenied => -1,
            error.HttpInvalid => -2,
            error.HttpNoName => -3,
            error.HttpConnection => -4,
            error.HttpTls => -5,
            error.HttpTimeout => -6,
            error.HttpTooLarge => -7,
            error.HttpMalformed => -8,
            error.HttpLimit => -9,
            else => return e,
        };
        return wasmton.skip("http {d}: {s}", .{ number, wasmton.httpReason() });
    };
    var line = Line{};
    try line.add("{d} ", .{response.status});
    if (response.body.len > 100) {
        try line.add("{d} bytes", .{response.body.len});
    } else {
        try line.add("{s}", .{response.body});
    }
    for (response.headers) |header| {
        if (std.mem.startsWith(u8, header.name, "x-")) try line.add(" {s}={s}", .{ header.name, header.value.? });
    }
    wasmton.log(.info, "{s}", .{line.text()});
}

fn is(word: []const u8, other: []const u8) bool {
    return std.mem.eql(u8, word, other);
}

const Line = struct {
    used: usize = 0,

    fn add(line: *Line, comptime format: []const u8, arguments: anytype) !void {
        line.used += (try std.fmt.bufPrint(line_buffer[line.used..], format, arguments)).len;
    }

    /// Adds hexadecimal digits; a hyphen for none at all.
    fn digits(line: *Line, bytes: ?[]const u8) !void {
        if (bytes == null) try line.add("-", .{});
        for (bytes orelse "") |byte| try line.add("{x:0>2}", .{byte});
    }

    fn text(line: Line) []const u8 {
        return line_buffer[0..line.used];
    }
};

fn describe(task: wasmton.Task) ![]const u8 {
    var line = Line{};
    try line.add("{s} {d} {d} {d} {d} key=", .{
        task.topic, task.partition, task.offset, task.timestamp orelse -1, task.attempt,
    });
    try line.digits(task.key);
    try line.add(" value=", .{});
    try line.digits(task.value);
    for (task.headers) |header| {
        try line.add(" {s}=", .{header.name});
        try line.digits(header.value);
    }
    return line.text();
}

fn write(fd: i32, text: []const u8) void {
    const vector = std.os.wasi.ciovec_t{ .base = text.ptr, .len = text.len };
    var written: usize = 0;
    _ = std.os.wasi.fd_write(fd, @ptrCast(&vector), 1, &written);
}
