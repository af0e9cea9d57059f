/** Nothing to fill in: a run that stopped without a question can only go on. */
import { type FieldKind, VALID } from "./base";

export const proceed: FieldKind = {
  View: () => null,
  code: false,
  editable: false,
  drafted: true,
  labels: () => false,
  checked: false,
  typed: false,
  check: () => VALID,
};
