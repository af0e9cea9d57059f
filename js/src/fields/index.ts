/** The kinds of field. A new kind is one file here and one line below; leaving it out does not compile. */
import type { Field } from "../protocol";
import type { FieldKind } from "./base";
import { proceed } from "./continue";
import { json } from "./json";
import { text } from "./text";

const kinds: Record<Field["kind"], FieldKind> = { continue: proceed, json, text };

/** Whether the answer is an edit of something, so that what changed is worth showing. */
export function isRevision(field: Field): boolean {
  return field.kind === "text" && field.original !== "";
}

export function kindOf(field: Field): FieldKind {
  return kinds[field.kind];
}
