/** Places in the answer: each control draws a place, and writes there. */
import {
  at,
  Broken,
  isEmpty,
  isObject,
  type Json,
  JsonError,
  parseDraft,
  plain,
  put,
  remember,
  without,
  write,
} from "../json";
import type { Control } from "../protocol";
import { isSecret, type Resolved, resolve } from "./resolve";

/**
 * The state that all places of a form share. A form outlives every drawing, so that a control is drawn anew
 * only for a change at its own place.
 */
export class Form {
  shared: Record<string, Control> = {};
  readOnly = false;
  onText: (text: string) => void = () => {};
  /** Paths at which something was changed here. */
  readonly touched = new Set<string>();
  /** The id of the element that gets the focus once drawn. */
  focusNext: string | null = null;
  readonly root: Place;
  private text = "null";
  private value: Json = null;
  private begun = "null";
  private first: Json = null;
  private count = 0;

  constructor(readonly prefix: string) {
    this.root = new Place(this, [], prefix);
  }

  /** The value of a text, read once: a value that was written here is known already. */
  read(text: string): Json {
    if (text !== this.text) {
      this.value = valueIn(text);
      this.text = text;
    }
    return this.value;
  }

  /** The value at a path at the beginning. */
  original(path: readonly string[]): Json | undefined {
    return at(this.first, path);
  }

  begin(text: string): void {
    if (text !== this.begun) this.first = valueIn(text);
    this.begun = text;
  }

  change({ path, slot }: Place, next: Json, touched: boolean): void {
    if (this.readOnly) return;
    const isLeftOut = slot?.empty === "left out" && isEmpty(next);
    this.value = isLeftOut ? this.leftOut(path) : put(this.value, path, next, slot?.order);
    this.text = write(this.value);
    remember(this.text, this.value);
    if (touched) this.touched.add(keyOf(path));
    this.onText(this.text);
  }

  private leftOut(path: readonly string[]): Json {
    const object = at(this.value, path.slice(0, -1));
    return isObject(object)
      ? put(this.value, path.slice(0, -1), without(object, path.at(-1) ?? ""))
      : this.value;
  }

  resolve(control: Control): Resolved {
    return resolve(control, this.shared);
  }

  isSecret(control: Control): boolean {
    return isSecret(control, this.shared);
  }

  newId(): string {
    this.count += 1;
    return `${this.prefix}-${this.count}`;
  }
}

/** The position of a member of an object, and whether the member is left out while empty. */
export interface Slot {
  order: readonly string[];
  empty: "left out" | "kept";
}

export class Place {
  /** `null` for anything but a listed member. */
  slot: Slot | null = null;
  /** Whether a secret, or a part of a secret, is here: typed text is hidden. */
  masked = false;
  private readonly children = new Map<string, Place>();

  constructor(
    readonly form: Form,
    readonly path: readonly string[],
    /** Of the control drawn here. */
    readonly id: string,
  ) {}

  child(key: string | number): Place {
    const name = String(key);
    const child = this.children.get(name) ?? new Place(this.form, [...this.path, name], this.form.newId());
    child.masked ||= this.masked;
    this.children.set(name, child);
    return child;
  }

  /**
   * `touched`: whether flaws here are worth showing now; an item that was only added is not filled in yet.
   */
  change(next: Json, touched = true): void {
    this.form.change(this, next, touched);
  }

  /** Focus the element that is drawn here next. */
  focus(id = this.id): void {
    this.form.focusNext = id;
  }

  /** The place at a path from here, as far as drawn. */
  find(path: readonly string[]): Place {
    const [key, ...rest] = path;
    const next = key === undefined ? undefined : this.children.get(key);
    return next ? next.find(rest) : this;
  }
}

export function keyOf(path: readonly string[]): string {
  return JSON.stringify(path).slice(0, -1);
}

function valueIn(text: string): Json {
  try {
    return parseDraft(text);
  } catch (error) {
    if (error instanceof JsonError) return new Broken(plain(text));
    throw error;
  }
}
