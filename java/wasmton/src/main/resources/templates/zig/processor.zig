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
    const json = try std.json.Stringify.valueAlloc(memory, order, .{});
    if (try wasmton.setting(memory, "check-url")) |url| try check(memory, url, json);
    // Wasmton sends it when `process` has returned without an error; then the task is done.
    var record = task.to("large-orders");
    record.key = order.id;
    record.value = json;
    wasmton.produce(record) catch |e| return wasmton.stop("large-orders: {s}", .{@errorName(e)});
}

/// Returns the setting `minimum`. Without a valid one no task can be processed.
fn minimum(memory: std.mem.Allocator) !u64 {
    const text = try wasmton.setting(memory, "minimum") orelse return 100;
    return std.fmt.parseInt(u64, text, 10) catch
        wasmton.stop("the setting minimum is not a number: {s}", .{text});
}

/// Asks a service whether the order is fine. The setting `check-token` is the secret that it knows us by.
fn check(memory: std.mem.Allocator, url: []const u8, order: []const u8) !void {
    const token = try wasmton.setting(memory, "check-token") orelse "";
    const answer = wasmton.send(.{
        .method = "POST",
        .url = url,
        .headers = &.{
            .{ .name = "authorization", .value = try std.fmt.allocPrint(memory, "Bearer {s}", .{token}) },
            .{ .name = "content-type", .value = "application/json" },
        },
        .body = order,
        // An unreachable service may come back. It needs no time-out: Wasmton ends a task at its deadline.
    }) catch return wasmton.retry("check: {s}", .{wasmton.httpReason()});
    return switch (answer.status) {
        200...299 => {},
        400...499 => wasmton.deadLetter("check: refused with {d}", .{answer.status}),
        else => wasmton.retry("check: answered {d}", .{answer.status}),
    };
}
