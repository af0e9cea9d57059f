/** Places in the answer: each control draws one, and writes there. */
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

/** What all places of a form share. It outlives every drawing, so that a control is drawn anew only for its own change. */
export class Form {
  shared: Record<string, Control> = {};
  readOnly = false;
  onText: (text: string) => void = () => {};
  /** Paths at which something was changed here. */
  readonly touched = new Set<string>();
  /** The id of what gets the focus once it is drawn. */
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

  /** The value of a text, which is read once: what was written here is known already. */
  read(text: string): Json {
    if (text !== this.text) {
      this.value = valueIn(text);
      this.text = text;
    }
    return this.value;
  }

  /** What the answer began with, at a path. */
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

/** Where a member of an object stands among the others, and whether it is left out while it is empty. */
export interface Slot {
  order: readonly string[];
  empty: "left out" | "kept";
}

export class Place {
  /** `null` for what is no listed member. */
  slot: Slot | null = null;
  /** A secret stands here, or part of one: what is typed is not shown. */
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

  /** `touched`: whether its flaws are worth showing now; what was only added is not filled in yet. */
  change(next: Json, touched = true): void {
    this.form.change(this, next, touched);
  }

  /** Give the focus to what is drawn here next. */
  focus(id = this.id): void {
    this.form.focusNext = id;
  }

  /** The place at a path from here, as far as it has been drawn. */
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
