// A task processor: it passes large orders on to the topic large-orders.

import { isWholeNumber, parseOrder } from "./order";
import {
  HttpRequest,
  Produced,
  Record,
  Sent,
  Task,
  Verdict,
  handle,
  info,
  produce,
  setting,
  text,
  utf8,
} from "./wasmton/assembly";

/** Wasmton calls it when there are tasks. */
export function run(): void {
  handle(process);
}

/** Processes one record. Wasmton calls it once for each attempt. */
function process(task: Task): Verdict {
  const json = text(task.value);
  const order = parseOrder(json);
  if (order.error != "") {
    // A retry does not help a malformed order: somebody has to look at it.
    return Verdict.deadLetter("not an order: " + order.error);
  }
  info("order " + order.id + ": " + order.amount.toString());
  const least = minimum();
  if (least < 0) {
    return Verdict.stop("the setting minimum is not a number");
  }
  if (order.amount < least) {
    return Verdict.done;
  }
  const url = setting("check-url");
  if (url !== null) {
    const verdict = check(url, json);
    if (!verdict.isDone) return verdict;
  }
  // Wasmton sends it when the task is done.
  const record = new Record("large-orders");
  record.key = utf8(order.id);
  record.value = task.value;
  record.headers = task.headers;
  const answer = produce(record);
  return answer == Produced.OK ? Verdict.done : Verdict.stop("large-orders: the host says " + answer.toString());
}

/** Returns the setting `minimum`, or -1 if it is not a number. */
function minimum(): i64 {
  const given = setting("minimum");
  if (given === null) return 100;
  return isWholeNumber(given) ? I64.parseInt(given) : -1;
}

/** Asks a service whether the order is fine. The setting `check-token` is the secret that it knows us by. */
function check(url: string, order: string): Verdict {
  const token = setting("check-token");
  const request = new HttpRequest("POST", url)
    .header("authorization", "Bearer " + (token === null ? "" : token))
    .header("content-type", "application/json");
  request.body = utf8(order);
  // It needs no time-out: Wasmton ends a task at its deadline.
  const answer = request.send();
  if (answer.answer != Sent.OK) {
    // An unreachable service may come back.
    return Verdict.retry("check: " + answer.reason);
  }
  const status = answer.status.toString();
  if (answer.status >= 400 && answer.status < 500) {
    return Verdict.deadLetter("check: refused with " + status);
  }
  return answer.status < 300 ? Verdict.done : Verdict.retry("check: answered " + status);
}
