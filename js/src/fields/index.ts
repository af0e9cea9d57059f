/**
 * The kinds of field. A new kind needs a file here and a line below; without the line the code does not
 * compile.
 */
import type { Field, FieldKind as Kind } from "../protocol";
import type { FieldKind } from "./base";
import { proceed } from "./continue";
import { decisions } from "./decisions";
import { form } from "./form";
import { json } from "./json";
import { text } from "./text";
import { widget } from "./widget";

const kinds: Record<Kind, FieldKind> = { continue: proceed, decisions, form, json, text, widget };

/** Whether the answer edits an original, so that the changes are worth showing. */
export function isRevision(field: Field): boolean {
  return field.kind === "text" && field.original !== "";
}

export function kindOf(field: Field | { kind: Kind }): FieldKind {
  return kinds[field.kind];
}
