// Reads one JSON object with members that are strings, numbers, true, false or null. For anything more, use a library;
// but note that AssemblyScript cannot catch what a library throws at malformed JSON: the attempt traps, and is retried.

export class Order {
  id: string = "";
  amount: i64 = -1;
  /** What is wrong with it; empty for a valid order. */
  error: string = "";
}

// Characters are compared as numbers: a text of one character would be an allocation.
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const END = -1;

function isBlank(code: i32): bool {
  return code == 0x20 || code == 0x09 || code == 0x0a || code == 0x0d;
}

class Input {
  private at: i32 = 0;

  constructor(private json: string) {}

  private code(): i32 {
    return this.at < this.json.length ? this.json.charCodeAt(this.at) : END;
  }

  /** Skips blanks, and returns the next character; END at the end. */
  peek(): i32 {
    while (isBlank(this.code())) this.at++;
    return this.code();
  }

  take(wanted: i32): bool {
    if (this.peek() != wanted) return false;
    this.at++;
    return true;
  }

  /** Reads a string without escapes; null if there is none. */
  string(): string | null {
    if (!this.take(QUOTE)) return null;
    const begin = this.at;
    while (this.code() != QUOTE && this.code() != BACKSLASH && this.code() != END) this.at++;
    const end = this.at;
    return this.take(QUOTE) ? this.json.substring(begin, end) : null;
  }

  /** Reads a number, true, false or null. */
  word(): string {
    const begin = this.at;
    while (this.code() != COMMA && this.code() != CLOSE && this.code() != END && !isBlank(this.code())) this.at++;
    return this.json.substring(begin, this.at);
  }
}

/** Returns whether a text is a whole number of at most 18 digits. */
export function isWholeNumber(word: string): bool {
  for (let i = 0; i < word.length; i++) {
    if (word.charCodeAt(i) < 0x30 || word.charCodeAt(i) > 0x39) return false;
  }
  return word.length > 0 && word.length <= 18;
}

function fill(order: Order, json: string): string {
  const input = new Input(json);
  let hasId = false;
  if (!input.take(OPEN)) return "it is not a JSON object";
  do {
    const name = input.string();
    if (name === null || !input.take(COLON)) return "it is not a JSON object";
    if (input.peek() == QUOTE) {
      const value = input.string();
      if (value === null) return "a string does not end, or has an escape";
      if (name == "id") {
        order.id = value;
        hasId = true;
      }
    } else {
      const word = input.word();
      if (word == "") return "it is not a JSON object";
      if (name == "amount") {
        if (!isWholeNumber(word)) return "its amount is not a whole number";
        order.amount = I64.parseInt(word);
      }
    }
  } while (input.take(COMMA));
  if (!input.take(CLOSE) || input.peek() != END) return "it is not a JSON object";
  return !hasId ? "it has no id" : order.amount < 0 ? "it has no amount" : "";
}

export function parseOrder(json: string): Order {
  const order = new Order();
  order.error = fill(order, json);
  return order;
}
