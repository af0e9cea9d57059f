/**
 * Any JSON value, edited as text.
 *
 * The page only checks that the text is JSON and sends the text itself, so that Python reads the value and no
 * number is rounded.
 */
import { JsonError, parseDraft } from "../json";
import * as strings from "../strings";
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

/** The syntax error in a text that is not JSON, in words. */
function syntaxError(source: string): string | null {
  try {
    parseDraft(source); // also remembers the value
    return null;
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
}
