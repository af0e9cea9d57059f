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

/** State that outlives the drawings of a form. Only events and effects write here. */
export class FormMemory {
  /** The value that the page shows. */
  value: Json = null;
  readOnly = false;
  onText: (text: string) => void = () => {};
  /** Paths at which something was changed here. */
  readonly touched = new Set<string>();
  /** The id of the element that gets the focus once drawn. */
  focusNext: string | null = null;
}

/** Shared by all places of a form, and the same object while the form exists: a change draws only the control there. */
export class Form {
  readonly root: Place;
  private readonly first: Json;

  constructor(
    prefix: string,
    readonly shared: Record<string, Control>,
    original: string,
    readonly memory: FormMemory,
  ) {
    this.root = new Place(this, [], prefix);
    this.first = valueIn(original);
  }

  /** The value at a path at the beginning. */
  original(path: readonly string[]): Json | undefined {
    return at(this.first, path);
  }

  change({ path, slot }: Place, next: Json, touched: boolean): void {
    const { memory } = this;
    if (memory.readOnly) return;
    const isLeftOut = slot?.empty === "left out" && isEmpty(next);
    memory.value = isLeftOut ? leftOut(memory.value, path) : put(memory.value, path, next, slot?.order);
    const text = write(memory.value);
    remember(text, memory.value);
    if (touched) memory.touched.add(keyOf(path));
    memory.onText(text);
  }

  resolve(control: Control): Resolved {
    return resolve(control, this.shared);
  }

  isSecret(control: Control): boolean {
    return isSecret(control, this.shared);
  }
}

function leftOut(value: Json, path: readonly string[]): Json {
  const object = at(value, path.slice(0, -1));
  return isObject(object) ? put(value, path.slice(0, -1), without(object, path.at(-1) ?? "")) : value;
}

/** The position of a member of an object, and whether the member is left out while empty. */
export interface Slot {
  order: readonly string[];
  empty: "left out" | "kept";
}

export class Place {
  /** `null` for anything but a listed member. */
  slot: Slot | null = null;
  private readonly children = new Map<string, Place>();

  constructor(
    readonly form: Form,
    readonly path: readonly string[],
    /** Of the control drawn here. */
    readonly id: string,
  ) {}

  child(key: string | number): Place {
    const name = String(key);
    const child =
      this.children.get(name) ?? new Place(this.form, [...this.path, name], `${this.id}.${inId(name)}`);
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
    this.form.memory.focusNext = id;
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

/** A name as a part of an id: unique for each name, and without a sign that has a meaning in an id. */
function inId(name: string): string {
  return name.replace(/[^a-zA-Z0-9]/g, (sign) => `_${sign.charCodeAt(0).toString(16)}_`);
}

/** The value of a text; a value that was written here is known already. */
export function valueIn(text: string): Json {
  try {
    return parseDraft(text);
  } catch (error) {
    if (error instanceof JsonError) return new Broken(plain(text));
    throw error;
  }
}
