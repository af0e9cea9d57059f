/** JSON text in the format of Python's `json.dumps(value, indent=2, ensure_ascii=False)`. */
import { Broken, isList, type Json, Num } from "./tree";

/**
 * Around text that is not yet JSON: a character that JSON never contains, so that such a draft never passes
 * for JSON.
 */
export const MARK = "\u0001";

export function write(value: Json, indent = ""): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Num) return value.text;
  if (value instanceof Broken) return MARK + plain(value.text) + MARK;
  const inner = `${indent}  `;
  let [text, comma] = ["", ""];
  if (isList(value)) {
    for (const item of value) {
      text += `${comma}\n${inner}${write(item, inner)}`;
      comma = ",";
    }
    return text === "" ? "[]" : `[${text}\n${indent}]`;
  }
  for (const [key, item] of value) {
    text += `${comma}\n${inner}${JSON.stringify(key)}: ${write(item, inner)}`;
    comma = ",";
  }
  return text === "" ? "{}" : `{${text}\n${indent}}`;
}

/** Whether something in a draft is no JSON yet. */
export function hasMarks(draft: string): boolean {
  return draft.includes(MARK);
}

/** A draft as a person would write the text: without marks around unfinished parts. */
export function plain(draft: string): string {
  return draft.replaceAll(MARK, "");
}
