/** The changes to a JSON value, leaf by leaf. */
import { isList, isObject, isSame, type Json, write } from "../json";

export interface Edit {
  path: string[];
  /** In readable form: a text without the quotes; `null` where the value was or is absent. */
  before: string | null;
  after: string | null;
}

export function editsBetween(before: Json | undefined, after: Json | undefined, path: string[] = []): Edit[] {
  if (before !== undefined && after !== undefined && isSame(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...before.keys(), ...after.keys()]);
    return [...keys].flatMap((key) => editsBetween(before.get(key), after.get(key), [...path, key]));
  }
  if (isList(before) && isList(after) && before.length === after.length)
    return after.flatMap((item, index) => editsBetween(before[index], item, [...path, String(index)]));
  return [{ path, before: readable(before), after: readable(after) }];
}

function readable(value: Json | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === "string" ? value : write(value);
}
