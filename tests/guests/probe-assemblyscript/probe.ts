// A processor of protocol 1 that obeys its tasks: a word and its arguments. The probes in other languages do the same.

import {
  Header,
  HttpRequest,
  Level,
  Produced,
  Record,
  Sent,
  Task,
  Verdict,
  count,
  handle,
  log,
  produce,
  setting,
  settingNames,
  text,
  utf8,
} from "../../../sdk/assemblyscript/assembly";
import { write } from "../../../sdk/assemblyscript/assembly/runtime";

// @ts-ignore: a decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;

let tasks = 0;

export function run(): void {
  handle(process);
}

function process(task: Task): Verdict {
  tasks++;
  const words = text(task.value).split(" ");
  const word = words[0];
  if (word == "" || word == "record") {
    log(Level.INFO, describe(task));
  } else if (word == "nothing") {
    // Done.
  } else if (word == "retry") {
    return Verdict.retry("later");
  } else if (word == "dead-letter") {
    return Verdict.deadLetter("broken: ü");
  } else if (word == "skip") {
    return Verdict.skip("not ours");
  } else if (word == "stop") {
    return Verdict.stop("never");
  } else if (word == "count") {
    log(Level.INFO, tasks.toString());
  } else if (word == "log") {
    log(Level.TRACE, "trace ü");
    log(Level.DEBUG, "debug ü");
    log(Level.INFO, "info ü");
    log(Level.WARN, "warn ü");
    log(Level.ERROR, "error ü");
  } else if (word == "setting") {
    const value = setting(words[1]);
    log(Level.INFO, value === null ? "none" : value);
  } else if (word == "settings") {
    log(Level.INFO, settingNames().join(" "));
  } else if (word == "produce" || word == "produce-and-retry" || word == "produce-and-trap") {
    const answer = produceWords(words);
    if (word == "produce-and-retry") return Verdict.retry("later");
    assert(word == "produce", "on purpose");
    return produced(answer);
  } else if (word == "produce-size") {
    const record = new Record(words[1]);
    record.value = new Uint8Array(i32(parseInt(words[3])));
    let answer = Produced.OK;
    for (let count = i32(parseInt(words[2])); count > 0 && answer == Produced.OK; count--) {
      answer = produce(record);
    }
    return produced(answer);
  } else if (word == "produce-whole") {
    const record = new Record(words[1]);
    record.partition = i32(parseInt(words[2]));
    record.timestamp = 1700000000123;
    record.key = utf8("key");
    record.headers = [new Header("one", utf8("1")), new Header("one", null), new Header("é", utf8(""))];
    return produced(produce(record));
  } else if (word == "forward") {
    return produced(produce(task.to(words[1])));
  } else if (word == "count-up") {
    count(words[1], u32(parseInt(words[2])));
  } else if (word == "http") {
    return send(words);
  } else if (word == "print") {
    write(1, "out");
    write(2, "err");
  } else if (word == "trap") {
    assert(false, "on purpose");
  } else if (word == "exit") {
    proc_exit(i32(parseInt(words[1])));
  } else if (word == "loop") {
    while (true) tasks++;
  } else {
    return Verdict.skip("no such word: " + word);
  }
  return Verdict.done;
}

// Sends a request: METHOD URL TIMEOUT BODY and headers, a hyphen for none.
function send(words: string[]): Verdict {
  const request = new HttpRequest(words[1], words[2]);
  request.timeout = i32(parseInt(words[3]));
  if (words[4] != "-") request.body = utf8(words[4]);
  for (let i = 5; i < words.length; i += 2) request.header(words[i], words[i + 1]);
  const response = request.send();
  if (response.answer != Sent.OK) {
    return Verdict.skip("http " + i32(response.answer).toString() + ": " + response.reason);
  }
  const size = response.body.length;
  let line = response.status.toString() + " " + (size > 100 ? size.toString() + " bytes" : text(response.body));
  for (let i = 0; i < response.headers.length; i++) {
    const header = response.headers[i];
    if (header.name.startsWith("x-")) line += " " + header.name + "=" + text(header.value);
  }
  log(Level.INFO, line);
  return Verdict.done;
}

function produceWords(words: string[]): Produced {
  let answer = Produced.OK;
  for (let i = 2; i < words.length && answer == Produced.OK; i++) {
    const record = new Record(words[1]);
    record.value = utf8(words[i]);
    answer = produce(record);
  }
  return answer;
}

function produced(answer: Produced): Verdict {
  if (answer == Produced.OK) return Verdict.done;
  return Verdict.skip(
    answer == Produced.TOPIC_DENIED ? "topic-denied" : answer == Produced.TOO_LARGE ? "too-large" : "queue-full",
  );
}

function describe(task: Task): string {
  let line = [
    task.topic,
    task.partition.toString(),
    task.offset.toString(),
    task.timestamp.toString(),
    task.attempt.toString(),
    "key=" + digits(task.key),
    "value=" + digits(task.value),
  ].join(" ");
  for (let i = 0; i < task.headers.length; i++) {
    line += " " + task.headers[i].name + "=" + digits(task.headers[i].value);
  }
  return line;
}

// Hexadecimal digits; a hyphen for none at all.
function digits(bytes: Uint8Array | null): string {
  if (bytes === null) return "-";
  let digits = "";
  for (let i = 0; i < bytes.length; i++) {
    digits += (bytes[i] >> 4).toString(16) + (bytes[i] & 15).toString(16);
  }
  return digits;
}
