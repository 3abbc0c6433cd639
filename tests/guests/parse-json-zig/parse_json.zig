//! A processor that parses its task and does nothing else, as the guest parse-json in Rust does: for the benchmark
//! against Jackson.

const std = @import("std");
const wasmton = @import("wasmton");

const Item = struct { name: []const u8, count: u32 };
const Order = struct { id: u64, customer: []const u8, email: []const u8, items: []const Item, total: f64, paid: bool };

comptime {
    wasmton.processor(process);
}

fn process(task: wasmton.Task) !void {
    var arena = std.heap.ArenaAllocator.init(std.heap.wasm_allocator);
    defer arena.deinit();
    const order = try std.json.parseFromSliceLeaky(Order, arena.allocator(), task.value orelse "", .{});
    if (!makesSense(order)) return error.NoValidOrder;
}

fn makesSense(order: Order) bool {
    for (order.items) |item| if (item.count == 0 or item.name.len == 0) return false;
    return order.id > 0 and order.customer.len > 0 and order.email.len > 0 and order.total > 0 and order.paid;
}
