//! A task processor: it passes large orders on to the topic large-orders.

const std = @import("std");
const wasmton = @import("wasmton");

const Order = struct { id: []const u8, amount: u64 };

comptime {
    wasmton.processor(process);
}

/// Processes one record. Wasmton calls it once for each attempt.
fn process(task: wasmton.Task) !void {
    var arena = std.heap.ArenaAllocator.init(std.heap.wasm_allocator);
    defer arena.deinit();
    const memory = arena.allocator();
    // A retry does not help a malformed order: somebody has to look at it.
    const order = std.json.parseFromSliceLeaky(Order, memory, task.value orelse "", .{
        .ignore_unknown_fields = true,
    }) catch |e| return wasmton.deadLetter("not an order: {s}", .{@errorName(e)});
    wasmton.log(.info, "order {s}: {d}", .{ order.id, order.amount });
    if (order.amount < try minimum(memory)) return;
    // Wasmton sends it when `process` has returned without an error; then the task is done.
    var record = task.to("large-orders");
    record.key = order.id;
    wasmton.produce(record) catch |e| return wasmton.stop("large-orders: {s}", .{@errorName(e)});
}

/// Returns the setting `minimum`. Without a valid one no task can be processed.
fn minimum(memory: std.mem.Allocator) !u64 {
    const text = try wasmton.setting(memory, "minimum") orelse return 100;
    return std.fmt.parseInt(u64, text, 10) catch
        wasmton.stop("the setting minimum is not a number: {s}", .{text});
}
