/** Nothing to fill in: a run that stopped without a question can only go on. */
import type { FieldKind } from "./base";

export const proceed: FieldKind = {
  code: false,
  editable: false,
  showPayload: false,
  check: () => ({ kind: "valid", hint: null }),
};
