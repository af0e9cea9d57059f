/**
 * Any JSON value, edited as text.
 *
 * JavaScript's parser only says whether the text is JSON, and of which type: the text itself is sent,
 * so that Python reads the value and no number is rounded here.
 */
import { strings } from "../strings";
import type { FieldKind, Verdict } from "./base";

type Type = keyof typeof strings.json.types;

export const json: FieldKind = { code: true, editable: true, showPayload: true, check };

function check(draft: string): Verdict {
  if (draft.trim() === "") return { kind: "invalid", hint: strings.json.invalid(strings.json.empty) };
  try {
    const type = typeOf(JSON.parse(draft), draft);
    return { kind: "valid", hint: strings.json.sentAs(strings.json.types[type]) };
  } catch (error) {
    return { kind: "invalid", hint: strings.json.invalid((error as SyntaxError).message) };
  }
}

function typeOf(value: unknown, draft: string): Type {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  switch (typeof value) {
    case "string":
      return "text";
    case "boolean":
      return "boolean";
    case "number":
      return /^-?\d+$/.test(draft.trim()) ? "integer" : "number"; // as Python reads it: 1.0 and 1e2 are no int
    default:
      return "object";
  }
}
