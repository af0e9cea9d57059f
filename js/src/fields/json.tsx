/**
 * Any JSON value, edited as text.
 *
 * Here it is only seen whether the text is JSON: the text itself is sent, so that Python reads the value and
 * no number is rounded.
 */
import { JsonError, parseDraft } from "../json";
import { strings } from "../strings";
import { Area, type FieldKind, type FieldProps, VALID, type Verdict } from "./base";
import { FlawList } from "./flaws";

export const json: FieldKind = {
  View,
  code: true,
  editable: true,
  drafted: true,
  labels: () => true,
  checked: true,
  typed: true,
  check,
};

function View({ draft, readOnly, flaws, verdict, id, describedBy, onDraft }: FieldProps) {
  const shown = verdict.kind === "valid" ? flaws : [];
  const ids = [describedBy, shown.length > 0 && `${id}-flaws`].filter(Boolean).join(" ");
  return (
    <>
      <Area
        id={id}
        value={draft}
        code
        readOnly={readOnly}
        invalid={verdict.kind === "invalid" || shown.length > 0}
        describedBy={ids || undefined}
        onInput={onDraft}
      />
      <FlawList id={`${id}-flaws`} flaws={shown} />
    </>
  );
}

export function check(draft: string): Verdict {
  if (draft.trim() === "") return { kind: "open", hint: strings.json.write };
  const problem = syntaxError(draft);
  return problem === null ? VALID : { kind: "invalid", hint: strings.json.invalid(problem) };
}

/** What is no JSON in a text, in words. */
function syntaxError(source: string): string | null {
  try {
    parseDraft(source); // which remembers it
    return null;
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
}
