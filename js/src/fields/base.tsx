/** The parts of a kind of field; the file of each kind exports a `FieldKind`. */
import type { ComponentChildren, FunctionComponent } from "preact";
import type { Field, Flaw, Question } from "../protocol";

/**
 * Whether a draft can be sent unchanged, and a line to show under the field. `open`: nothing is wrong, but
 * something must still be filled in or decided.
 */
export type Verdict = { kind: "valid" | "open"; hint: string | null } | { kind: "invalid"; hint: string };

export interface FieldProps {
  question: Question;
  draft: string;
  /** While the answer is sent, and where no kernel is left. */
  readOnly: boolean;
  /** The flaws that the kernel found in the draft; paths are paths in the answer. */
  flaws: readonly Flaw[];
  /** An answer was refused: every flaw is shown, not only the flaws in parts that were touched. */
  refused: boolean;
  /** Whether the draft can be sent, as `check` says. */
  verdict: Verdict;
  /** Whether the last of several decisions sends them. */
  sendsLast: boolean;
  onDraft(draft: string): void;
  /** Tell whether the person sees the field: no answer is sent of a field that is not drawn. */
  onDrawn(isDrawn: boolean): void;
  /** Ask for the JSON editor in place of the field. */
  onJson(): void;
  /** Send a draft, by default the present draft, where nothing is missing in the draft. */
  onSend(draft?: string): void;
  /** For the control that takes the focus first; the label's `for` points to this id. */
  id: string;
  /** The element that names the field; for a group, `aria-labelledby`. */
  labelledBy: string;
  describedBy: string | undefined;
}

export interface FieldKind {
  /** Draws the draft. */
  View: FunctionComponent<FieldProps>;
  /** Program text rather than prose. */
  code: boolean;
  /** Whether there is something to write. */
  editable: boolean;
  /** Whether the draft holds the text that a person writes, so that changes can be undone. */
  drafted: boolean;
  /** Whether the field is a single element, which a `<label for>` names. */
  labels(field: Field): boolean;
  /** Whether the kernel checks the draft while a person writes. */
  checked: boolean;
  /** Whether the type of the answer is worth telling. */
  typed: boolean;
  /** The value that is sent for a draft, where the page can tell without the kernel. */
  sent?(field: Field, draft: string): Sent | null;
  /** A note about the draft, on the line below. */
  Note?: FunctionComponent<NoteProps>;
  /** The label of the main button; `null` where each answer has a separate button that sends. */
  button?(field: Field, draft: string): string | null;
  /** Only syntax: whether the draft fits is for the kernel to say. */
  check(draft: string): Verdict;
}

/** The value that is sent: the type in words, and the JSON text where short. */
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
