/** What a kind of field is: one file a kind gives one of these. */
import type { ComponentChildren } from "preact";

/** Whether a draft can be sent as it stands, and a line to show under the field. */
export type Verdict = { kind: "valid"; hint: string | null } | { kind: "invalid"; hint: string };

export interface FieldKind {
  /** Program text rather than prose. */
  code: boolean;
  /** Whether there is something to write. */
  editable: boolean;
  /** Whether the payload tells more than the field itself does. */
  showPayload: boolean;
  check(draft: string): Verdict;
}

interface AreaProps {
  id: string;
  value: string;
  code: boolean;
  readOnly: boolean;
  invalid: boolean;
  describedBy: string | undefined;
  onInput(text: string): void;
}

/** The editor that every kind uses so far. */
export function Area({ id, value, code, readOnly, invalid, describedBy, onInput }: AreaProps) {
  return (
    <textarea
      id={id}
      class={code ? "field code" : "field"}
      dir="auto"
      rows={code ? 3 : 2}
      spellcheck={!code}
      autocomplete="off"
      readOnly={readOnly}
      aria-invalid={invalid}
      aria-describedby={describedBy}
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}

export function Hint({ id, verdict }: { id: string; verdict: Verdict }): ComponentChildren {
  if (verdict.hint === null) return null;
  return (
    <p id={id} class={verdict.kind === "invalid" ? "hint invalid" : "hint"} aria-live="polite">
      {verdict.hint}
    </p>
  );
}
