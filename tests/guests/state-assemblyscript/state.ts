// A processor of protocol 1 that uses its stores as its tasks say: a word and its arguments. The guests state-* in other
// languages do the same.

import { Entries, Store, Stored, Task, Verdict, handle, info, text, utf8 } from "../../../sdk/assemblyscript/assembly";

export function run(): void {
  handle(process);
}

function process(task: Task): Verdict {
  const words = text(task.value).split(" ");
  const word = words[0];
  const store = Store.open(words[1]);
  if (store === null) return Verdict.skip("no-such-store");
  const key = utf8(words[2]);
  if (word == "get") {
    const value = store.get(key);
    if (value.answer == Stored.OK) info(value.bytes === null ? "none" : text(value.bytes));
    return answered(value.answer);
  } else if (word == "set") {
    return answered(store.set(key, utf8(words[3])));
  } else if (word == "set-size") {
    return answered(store.set(key, new Uint8Array(i32(parseInt(words[3])))));
  } else if (word == "delete") {
    return answered(store.delete(key));
  } else if (word == "scan") {
    return tell(store.scan(key, words[3] == "-" ? null : utf8(words[3]), i32(parseInt(words[4]))));
  } else if (word == "prefix") {
    return tell(store.scanPrefix(key, i32(parseInt(words[3]))));
  }
  return Verdict.stop("no such word: " + word);
}

function tell(entries: Entries): Verdict {
  if (entries.answer == Stored.OK) {
    info(entries.list.map<string>((entry) => text(entry.key) + "=" + text(entry.value)).join(" "));
  }
  return answered(entries.answer);
}

function answered(answer: Stored): Verdict {
  switch (answer) {
    case Stored.OK: return Verdict.done;
    case Stored.READ_ONLY: return Verdict.skip("read-only");
    case Stored.TOO_LARGE: return Verdict.skip("too-large");
    default: return Verdict.skip("limit");
  }
}
