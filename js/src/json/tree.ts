/**
 * A JSON value that loses nothing: numbers keep their text, objects keep the order of their keys.
 *
 * A value is never changed in place: an edit makes new values along the path and shares the rest, so that the
 * same object is the same value.
 */

export type Json = null | boolean | string | Num | Broken | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

/** A number, with the digits as written: also beyond 2**53, and `1.0` apart from `1`. */
export class Num {
  constructor(readonly text: string) {}
}

/** Unfinished text at a place, not yet JSON; no answer can be sent as long as there is such a text. */
export class Broken {
  constructor(readonly text: string) {}
}

export type Type = "null" | "boolean" | "text" | "number" | "list" | "object" | "broken";

export function typeOf(value: Json): Type {
  if (value === null) return "null";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string") return "text";
  if (value instanceof Num) return "number";
  if (value instanceof Broken) return "broken";
  return isList(value) ? "list" : "object";
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}

/** Whether two values are written alike, but for the order of keys. */
export function isSame(one: Json, other: Json): boolean {
  if (one === other) return true;
  if (one instanceof Num) return other instanceof Num && one.text === other.text;
  if (isList(one))
    return (
      isList(other) && one.length === other.length && one.every((item, i) => isSame(item, other[i] as Json))
    );
  if (!isObject(one) || !isObject(other) || one.size !== other.size) return false;
  return [...one].every(([key, value]) => other.has(key) && isSame(value, other.get(key) as Json));
}

/** The value at a path of keys and indices; `undefined` where there is none. */
export function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  let found = value;
  for (const key of path) found = member(found, key);
  return found;
}

function member(value: Json | undefined, key: string): Json | undefined {
  if (isObject(value)) return value.get(key);
  return isList(value) && /^\d+$/.test(key) ? value[Number(key)] : undefined;
}

/**
 * The value with `next` at a path, whose last key may be new: then the key goes before later keys of `order`.
 */
export function put(value: Json, path: readonly string[], next: Json, order: readonly string[] = []): Json {
  const [key, ...rest] = path;
  if (key === undefined) return next;
  const inner = rest.length === 0 ? next : put(member(value, key) ?? new Map(), rest, next, order);
  if (isList(value)) return value.with(Number(key), inner);
  const object = isObject(value) ? value : new Map<string, Json>();
  return object.has(key) || rest.length > 0
    ? new Map(object).set(key, inner)
    : inserted(object, key, inner, order);
}

function inserted(object: JsonObject, key: string, next: Json, order: readonly string[]): JsonObject {
  const entries = [...object];
  const later = new Set(order.slice(order.indexOf(key) + 1));
  const place = entries.findIndex(([one]) => later.has(one));
  return new Map(entries.toSpliced(place < 0 ? entries.length : place, 0, [key, next]));
}

export function without(object: JsonObject, key: string): JsonObject {
  return new Map([...object].filter(([one]) => one !== key));
}

/** Whether nothing is written or chosen in the value. */
export function isEmpty(value: Json): boolean {
  if (isList(value)) return value.length === 0;
  return isObject(value) ? value.size === 0 : value === null || value === "";
}

/** Whether any part is not yet JSON. */
export function isBroken(value: Json): boolean {
  if (value instanceof Broken) return true;
  if (isList(value)) return value.some(isBroken);
  return isObject(value) && [...value.values()].some(isBroken);
}
