/** A form; the draft is the JSON text of the answer. */
import { ControlView } from "../controls";
import { resolve } from "../controls/resolve";
import { isSingle, RADIOS } from "../controls/shape";
import { hasMarks } from "../json";
import { fieldNameOf } from "../names";
import type { ChoiceControl, Field } from "../protocol";
import * as strings from "../strings";
import type { FieldKind, FieldProps, Verdict } from "./base";
import { check as checkJson } from "./json";
import { Options } from "./options";

export const form: FieldKind = {
  View,
  code: true,
  editable: true,
  drafted: true,
  labels,
  checked: true,
  typed: true,
  button,
  check,
};

/** Members have names of their own. */
function labels(field: Field): boolean {
  return field.kind === "form" && isSingle(resolve(field.control, field.shared));
}

/** The options of a choice that are all visible at once and sent with a single click. */
function optionsOf(field: Field): ChoiceControl | null {
  const control = field.kind === "form" ? resolve(field.control, field.shared) : null;
  return control?.kind === "choice" && control.options.length <= RADIOS ? control : null;
}

function button(field: Field): string | null {
  return optionsOf(field) ? null : strings.question.resume;
}

/** A part that is not yet JSON shows a flaw. */
function check(draft: string): Verdict {
  return hasMarks(draft) ? { kind: "invalid", hint: strings.forms.broken } : checkJson(draft);
}

function View({ question, draft, readOnly, flaws, refused, ...props }: FieldProps) {
  const { id, labelledBy, describedBy, onDraft, onSend } = props;
  const { field } = question;
  const ids = { id, labelledBy, describedBy };
  if (field.kind !== "form") return null;
  const options = optionsOf(field);
  if (options) return <Options {...ids} {...{ control: options, draft, flaws, readOnly }} onPick={onSend} />;
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
      label={fieldNameOf(question, false)}
    />
  );
}
