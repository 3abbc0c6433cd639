// A processor that parses its task and does nothing else, as the guest parse-json in Rust does: for the benchmark
// against Jackson.

const decoder = new TextDecoder();

export const taskHandler = {
  async process(task) {
    if (!makesSense(JSON.parse(decoder.decode(task.value)))) {
      throw { tag: 'retry', val: 'no valid order' };
    }
  },
};

function makesSense(order) {
  return order.id > 0 && order.customer !== '' && order.email !== ''
    && order.items.every((item) => item.count > 0 && item.name !== '')
    && order.total > 0 && order.paid;
}
