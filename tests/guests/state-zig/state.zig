//! A processor of protocol 1 that uses its stores as its tasks say: a word and its arguments. The guests state-* in other
//! languages do the same.

const std = @import("std");
const wasmton = @import("wasmton");

comptime {
    wasmton.processor(process);
}

const allocator = std.heap.wasm_allocator;

fn process(task: wasmton.Task) !void {
    obey(task) catch |e| return switch (e) {
        error.NoSuchStore => wasmton.skip("no-such-store", .{}),
        error.ReadOnly => wasmton.skip("read-only", .{}),
        error.TooLarge => wasmton.skip("too-large", .{}),
        error.Limit => wasmton.skip("limit", .{}),
        else => e,
    };
}

fn obey(task: wasmton.Task) !void {
    var words = std.mem.splitScalar(u8, task.value orelse "", ' ');
    const word = words.first();
    const store = try wasmton.Store.open(words.next().?);
    const key = words.next().?;
    if (is(word, "get")) {
        wasmton.log(.info, "{s}", .{try store.get(key) orelse "none"});
    } else if (is(word, "set")) {
        try store.set(key, words.next().?);
    } else if (is(word, "set-size")) {
        const value = try allocator.alloc(u8, try std.fmt.parseInt(u32, words.next().?, 10));
        defer allocator.free(value);
        @memset(value, 0);
        try store.set(key, value);
    } else if (is(word, "delete")) {
        try store.delete(key);
    } else if (is(word, "scan")) {
        const to = words.next().?;
        const limit = try std.fmt.parseInt(u32, words.next().?, 10);
        try tell(try store.scan(allocator, key, if (is(to, "-")) null else to, limit));
    } else if (is(word, "prefix")) {
        try tell(try store.scanPrefix(allocator, key, try std.fmt.parseInt(u32, words.next().?, 10)));
    } else {
        return wasmton.stop("no such word: {s}", .{word});
    }
}

fn tell(entries: []wasmton.Entry) !void {
    defer allocator.free(entries);
    var line: [8 * 1024]u8 = undefined;
    var used: usize = 0;
    for (entries, 0..) |entry, i| {
        const separator = if (i > 0) " " else "";
        used += (try std.fmt.bufPrint(line[used..], "{s}{s}={s}", .{ separator, entry.key, entry.value })).len;
    }
    wasmton.log(.info, "{s}", .{line[0..used]});
}

fn is(word: []const u8, other: []const u8) bool {
    return std.mem.eql(u8, word, other);
}
