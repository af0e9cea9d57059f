/** A form; its draft is the JSON text of the answer. */
import { ControlView } from "../controls";
import { resolve } from "../controls/resolve";
import { isSingle } from "../controls/shape";
import { hasMarks } from "../json";
import type { Field } from "../protocol";
import { strings } from "../strings";
import type { FieldKind, FieldProps, Verdict } from "./base";
import { check as checkJson } from "./json";

export const form: FieldKind = {
  View,
  code: true,
  editable: true,
  drafted: true,
  named,
  checked: true,
  typed: true,
  check,
};

/** Members have names of their own. */
function named(field: Field): "label" | "title" | "unseen" {
  if (field.kind !== "form") return "unseen";
  const control = resolve(field.control, field.shared);
  if (isSingle(control)) return "label";
  return control.kind === "choice" || control.kind === "choices" ? "title" : "unseen";
}

/** Where a part is no JSON yet, it says so itself. */
function check(draft: string): Verdict {
  return hasMarks(draft) ? { kind: "invalid", hint: strings.forms.broken } : checkJson(draft);
}

function View({ question: { field, node }, draft, readOnly, flaws, refused, onDraft, ...ids }: FieldProps) {
  if (field.kind !== "form") return null;
  return (
    <ControlView
      {...ids}
      control={field.control}
      shared={field.shared}
      text={draft}
      original={field.original}
      onText={onDraft}
      flaws={flaws}
      path={[]}
      all={refused}
      readOnly={readOnly}
      label={strings.question.answer + strings.question.answerTo(node)}
    />
  );
}
