/** The kinds of field. A new kind is one file here and one line below; leaving it out does not compile. */
import type { Field } from "../protocol";
import type { FieldKind } from "./base";
import { json } from "./json";
import { text } from "./text";

const kinds: Record<Field["kind"], FieldKind> = { json, text };

export function kindOf(field: Field): FieldKind {
  return kinds[field.kind];
}
