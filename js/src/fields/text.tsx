/** A text to revise: what stands in the field is what is sent. */
import type { FieldKind } from "./base";

export const text: FieldKind = {
  code: false,
  editable: true,
  showPayload: false,
  check: () => ({ kind: "valid", hint: null }),
};
