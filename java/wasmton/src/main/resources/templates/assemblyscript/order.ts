// Reads one JSON object with members that are strings, numbers, true, false or null. For anything more, use a library;
// but note that AssemblyScript cannot catch what a library throws at malformed JSON: the attempt traps, and is retried.

export class Order {
  id: string = "";
  amount: i64 = -1;
  /** What is wrong with it; empty for a valid order. */
  error: string = "";
}

class Input {
  private at: i32 = 0;

  constructor(private json: string) {}

  private isBlank(): bool {
    return this.at < this.json.length && " \t\r\n".includes(this.json.charAt(this.at));
  }

  /** Skips blanks, and returns the next character; an empty text at the end. */
  peek(): string {
    while (this.isBlank()) this.at++;
    return this.json.charAt(this.at);
  }

  take(wanted: string): bool {
    if (this.peek() != wanted) return false;
    this.at++;
    return true;
  }

  /** Reads a string without escapes; null if there is none. */
  string(): string | null {
    if (!this.take('"')) return null;
    const begin = this.at;
    while (this.at < this.json.length && !'"\\'.includes(this.json.charAt(this.at))) this.at++;
    const text = this.json.substring(begin, this.at);
    return this.take('"') ? text : null;
  }

  /** Reads a number, true, false or null. */
  word(): string {
    const begin = this.at;
    while (this.at < this.json.length && !",} \t\r\n".includes(this.json.charAt(this.at))) this.at++;
    return this.json.substring(begin, this.at);
  }
}

function isWholeNumber(word: string): bool {
  for (let i = 0; i < word.length; i++) {
    if (word.charCodeAt(i) < 48 || word.charCodeAt(i) > 57) return false;
  }
  return word.length > 0 && word.length <= 18;
}

function fill(order: Order, json: string): string {
  const input = new Input(json);
  let hasId = false;
  if (!input.take("{")) return "it is not a JSON object";
  do {
    const name = input.string();
    if (name === null || !input.take(":")) return "it is not a JSON object";
    if (input.peek() == '"') {
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
  } while (input.take(","));
  if (!input.take("}") || input.peek() != "") return "it is not a JSON object";
  return !hasId ? "it has no id" : order.amount < 0 ? "it has no amount" : "";
}

export function parseOrder(json: string): Order {
  const order = new Order();
  order.error = fill(order, json);
  return order;
}
