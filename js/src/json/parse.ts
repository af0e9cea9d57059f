/** Reads JSON text into a tree that loses nothing, and describes syntax errors in words. */
import * as strings from "../strings";
import { Broken, type Json, type JsonObject, Num } from "./tree";
import { MARK } from "./write";

const text = strings.json.errors;

/** A syntax error in JSON, with the place counted from 1. */
export class JsonError extends Error {
  override name = "JsonError";
}

/** The value that a text writes. Throws a `JsonError`. */
export function parse(source: string): Json {
  return new Reader(source, false).document();
}

/** The drafts that were read last: a form, the check of the form and the controls read the same draft. */
const known = new Map<string, Json>();
const KNOWN = 4;

/** The value that a draft writes: places marked as no JSON yet are read as `Broken`. Throws a `JsonError`. */
export function parseDraft(source: string): Json {
  const value = known.get(source) ?? new Reader(source, true).document();
  remember(source, value);
  return value;
}

/** For a value that was just written, and need not be read. */
export function remember(source: string, value: Json): void {
  known.delete(source);
  known.set(source, value);
  for (const oldest of known.keys()) {
    if (known.size <= KNOWN) return;
    known.delete(oldest);
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none of them in a text
const SPECIAL = /[\\\u0000-\u001f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none of them in a text
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;

class Reader {
  private position = 0;

  constructor(
    private readonly source: string,
    private readonly marks: boolean,
  ) {}

  document(): Json {
    try {
      const value = this.value();
      this.skip();
      if (this.position < this.source.length) this.fail(text.more);
      return value;
    } catch (error) {
      if (error instanceof RangeError) throw new JsonError(text.deep);
      throw error;
    }
  }

  private value(): Json {
    this.skip();
    switch (this.source[this.position]) {
      case "{":
        return this.object();
      case "[":
        return this.list();
      case '"':
        return this.string();
      case "t":
        return this.word("true", true);
      case "f":
        return this.word("false", false);
      case "n":
        return this.word("null", null);
      case MARK:
        if (this.marks) return this.broken();
    }
    const digits = this.match(NUMBER);
    return digits ? new Num(digits) : this.fail(text.value);
  }

  private word(name: string, value: Json): Json {
    if (!this.source.startsWith(name, this.position)) this.fail(text.value);
    this.position += name.length;
    return value;
  }

  private object(): JsonObject {
    const members = new Map<string, Json>();
    this.items("}", text.member, () => {
      this.skip();
      if (this.source[this.position] !== '"') this.fail(text.key);
      const start = this.position;
      const key = this.string();
      if (members.has(key)) this.fail(text.twice(key), start);
      this.skip();
      this.expect(":", text.colon);
      members.set(key, this.value());
    });
    return members;
  }

  private list(): Json[] {
    const items: Json[] = [];
    this.items("]", text.item, () => items.push(this.value()));
    return items;
  }

  private items(close: string, message: string, read: () => void): void {
    this.position += 1;
    this.skip();
    if (this.take(close)) return;
    for (;;) {
      read();
      this.skip();
      if (this.take(close)) return;
      this.expect(",", message);
    }
  }

  /** Nearly every text is the characters up to the next quote; others are left to `JSON.parse`. */
  private string(): string {
    const start = this.position;
    const end = this.source.indexOf('"', start + 1);
    const plain = this.source.slice(start + 1, end);
    if (end > 0 && !SPECIAL.test(plain)) {
      this.position = end + 1;
      return plain;
    }
    const quoted = this.match(STRING);
    return quoted === undefined ? this.fail(text.string, start) : JSON.parse(quoted);
  }

  private broken(): Broken {
    const end = this.source.indexOf(MARK, this.position + 1);
    if (end < 0) return this.fail(text.value);
    const written = this.source.slice(this.position + 1, end);
    this.position = end + 1;
    return new Broken(written);
  }

  /** By hand, as a large draft is mostly spaces. */
  private skip(): void {
    for (;;) {
      const code = this.source.charCodeAt(this.position);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.position += 1;
    }
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.source)?.[0];
    this.position += found?.length ?? 0;
    return found;
  }

  private take(character: string): boolean {
    const there = this.source[this.position] === character;
    if (there) this.position += 1;
    return there;
  }

  private expect(character: string, message: string): void {
    if (!this.take(character)) this.fail(message);
  }

  private fail(message: string, position = this.position): never {
    const before = this.source.slice(0, position).split("\n");
    throw new JsonError(text.at(message, before.length, (before.at(-1)?.length ?? 0) + 1));
  }
}
