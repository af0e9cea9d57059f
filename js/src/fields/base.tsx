/** What a kind of field is: one file a kind gives one of these. */
import type { ComponentChildren, FunctionComponent } from "preact";
import type { Field, Flaw, Question } from "../protocol";

/**
 * Whether a draft can be sent as it stands, and a line to show under the field. `open`: nothing is wrong, and
 * something has to be filled in or decided yet.
 */
export type Verdict = { kind: "valid" | "open"; hint: string | null } | { kind: "invalid"; hint: string };

export interface FieldProps {
  question: Question;
  draft: string;
  /** While it is sent, and where no kernel is left. */
  readOnly: boolean;
  /** What the kernel says is wrong with the draft; paths are those of the answer. */
  flaws: readonly Flaw[];
  /** An answer was refused: every flaw is to be seen, not only those of what was touched. */
  refused: boolean;
  /** Whether the draft can be sent, as `check` says. */
  verdict: Verdict;
  /** Whether the last of several decisions sends them. */
  sendsLast: boolean;
  onDraft(draft: string): void;
  /** Send a draft, or the one that is written, where nothing is missing in it. */
  onSend(draft?: string): void;
  /** For the control that takes the focus first; the label's `for` points to it. */
  id: string;
  /** The element that names the field; for a group, `aria-labelledby`. */
  labelledBy: string;
  describedBy: string | undefined;
}

export interface FieldKind {
  /** Draws what is written. */
  View: FunctionComponent<FieldProps>;
  /** Program text rather than prose. */
  code: boolean;
  /** Whether there is something to write. */
  editable: boolean;
  /** Whether what is written stands in the draft, so that it can be undone. */
  drafted: boolean;
  /** Whether it is one element, which a `<label for>` names. */
  labels(field: Field): boolean;
  /** Whether the kernel is asked, while a person writes, what the draft would be. */
  checked: boolean;
  /** Whether the type of the answer is worth telling. */
  typed: boolean;
  /** What is sent for a draft, where the page knows that by itself. */
  sent?(field: Field, draft: string): Sent | null;
  /** On the line below, what there is to say of the draft. */
  Note?: FunctionComponent<NoteProps>;
  /** What the main button reads; `null` where each answer has a button of its own, which sends it. */
  button?(field: Field, draft: string): string | null;
  /** Only syntax: whether the draft fits is for the kernel to say. */
  check(draft: string): Verdict;
}

/** What is sent: its type in words, and its JSON text where that is short. */
export interface Sent {
  type: string;
  json: string;
}

export interface NoteProps {
  field: Field;
  draft: string;
}

export const VALID: Verdict = { kind: "valid", hint: null };

type AreaProps = Pick<FieldProps, "id" | "readOnly" | "describedBy"> & {
  value: string;
  code: boolean;
  invalid: boolean;
  onInput(text: string): void;
};

/** An editor for a text of several lines. */
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
