/** The main button of a question, the way back to the original, and the outcome of sending. */
import { Cap } from "./cap";
import { isRevision, kindOf } from "./fields";
import type { Verdict } from "./fields/base";
import { GRACE_MS } from "./grace";
import { isMac } from "./keyboard";
import type { Question } from "./protocol";
import { type AnswerState, isUnderway } from "./question-states";
import { Shown } from "./shown";
import type { Store } from "./store";
import * as strings from "./strings";

const text = strings.question;

interface Props {
  store: Store;
  question: Question;
  verdict: Verdict;
  locked: boolean;
  send(): void;
}

export function Actions({ store, question, verdict, locked, send }: Props) {
  const label = labelOf(question, store.draftOf(question));
  if (label === null) return null;
  const { editable, drafted } = kindOf(question.field);
  return (
    <div class="actions">
      <button
        type="button"
        class="primary resume"
        aria-disabled={locked || verdict.kind !== "valid"}
        aria-busy={isUnderway(store.stateOf(question).answer)}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        onClick={send}
      >
        <Shown text={label} />
      </button>
      <Cap>{isMac() ? "⌘ ⏎" : "Ctrl ⏎"}</Cap>
      {editable && drafted && <Undo store={store} question={question} locked={locked} />}
    </div>
  );
}

/** The label of the main button; `null` where each answer has a separate button. */
function labelOf(question: Question, draft: string): string | null {
  const { editable, button } = kindOf(question.field);
  const own = button?.(question.field, draft);
  if (own === null) return null;
  if (!editable) return text.proceed;
  if (question.former?.again) return text.askAgain;
  return own ?? text.resume;
}

/** Seen only where there is something to undo. */
function Undo({ store, question, locked }: Pick<Props, "store" | "question" | "locked">) {
  const draft = store.draftOf(question);
  const start = store.startOf(question);
  const { original } = question.field;
  // Where the editor began with a former answer, the first step leads back to this answer, the next to the
  // original.
  const toOriginal = isRevision(question.field) && draft === start && start !== original;
  const nothingToUndo = locked || (draft === start && !toOriginal);
  return (
    <button
      type="button"
      class="quiet undo"
      aria-disabled={nothingToUndo}
      onClick={() => nothingToUndo || store.edit(question, toOriginal ? original : start)}
    >
      {toOriginal ? text.toOriginal : text.undo}
    </button>
  );
}

/** The outcome of sending: on the way, not confirmed, or the reason of a refusal. */
export function Delivered({
  store,
  question,
  problem,
}: {
  store: Store;
  question: Question;
  problem: string | null;
}) {
  const { answer } = store.stateOf(question);
  const isSending = answer.kind !== "none" && answer.kind !== "refused";
  const refusal = toldRefusal(store, question) ?? problem;
  return (
    <>
      <p class="hint delivery" role="status">
        {isSending ? toldOf(answer.kind) : ""}
      </p>
      {answer.kind === "kept" && <TakeBack store={store} question={question} />}
      {refusal && !isSending && (
        <p class="problem" role="alert" dir="auto">
          <Shown text={refusal} />
        </p>
      )}
    </>
  );
}

function toldOf(kind: AnswerState["kind"]): string {
  if (kind === "kept") return text.kept(GRACE_MS / 1_000);
  return kind === "unconfirmed" ? text.unconfirmed : text.sending;
}

function TakeBack({ store, question }: Pick<Props, "store" | "question">) {
  return (
    <div class="actions take-back">
      <button type="button" aria-keyshortcuts="Control+z Meta+z" onClick={() => store.release(question)}>
        {text.takeBack}
      </button>
      <Cap>{isMac() ? "⌘ Z" : "Ctrl Z"}</Cap>
    </div>
  );
}

/** The reason of a refusal; `null` once the draft has changed and the flaws in the fields tell the reason. */
function toldRefusal(store: Store, question: Question): string | null {
  const { answer, finding } = store.stateOf(question);
  if (answer.kind !== "refused") return null;
  const isOther = answer.draft !== store.draftOf(question);
  return finding?.refused && isOther ? null : answer.problem.message;
}
