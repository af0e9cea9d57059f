/** How far a batch is, and the keys of a person who decides on one item after the other. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Cap } from "./cap";
import { focusWaiting } from "./focus";
import type { Batch, Question } from "./protocol";
import { RequestOutcome } from "./request-button";
import { Shown } from "./shown";
import type { Store } from "./store";
import * as strings from "./strings";

const text = strings.batch;

type Panel = "flag" | "keys" | null;

export interface BatchKeys {
  panel: Panel;
  open(panel: Panel): void;
  onKeyDown(event: KeyboardEvent): void;
}

/** Letters and Backspace decide where no text is written, and where the field itself has no use for them. */
export function useBatchKeys(store: Store): BatchKeys {
  const [panel, open] = useState<Panel>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const view = store.view.value;
    if (!view.batch || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && panel !== null) {
      open(null);
      return;
    }
    if (isWriting(event.target)) return;
    const action = actionOf(event.key, store, view.questions[0], panel, open);
    if (!action) return;
    event.preventDefault();
    if (!event.repeat) action();
  };
  return { panel, open, onKeyDown };
}

function actionOf(
  key: string,
  store: Store,
  question: Question | undefined,
  panel: Panel,
  open: BatchKeys["open"],
): (() => void) | null {
  switch (key) {
    case "Backspace":
      return store.takeBack;
    case "?":
      return () => open(panel === "keys" ? null : "keys");
    case "s":
      return question ? () => store.skip(question) : null;
    case "f":
      return question ? () => open("flag") : null;
    default:
      return null;
  }
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target.isContentEditable || target.matches("textarea, select");
}

interface Props {
  store: Store;
  keys: BatchKeys;
}

/** Above the question: how far it is. */
export function BatchHead({ store }: Pick<Props, "store">) {
  const { batch } = store.view.value;
  if (!batch) return null;
  const before = store.before.value;
  const pace = store.pace.value;
  const isAsking = store.view.value.questions.length > 0;
  return (
    <div class="batch">
      <div class="batch-line">
        <span class="batch-count">
          {isAsking ? text.count(before + 1, batch.total) : text.done(before, batch.total)}
        </span>
        <span class="hint batch-told">
          {told(batch).map((part) => (
            <span key={part}>{part}</span>
          ))}
          {pace && isAsking && <span>{text.pace(pace.each, pace.left)}</span>}
        </span>
      </div>
      <progress class="batch-bar" max={batch.total} value={before} aria-label={text.progress} />
    </div>
  );
}

function told({ skipped, failed, flagged }: Batch): string[] {
  return [
    skipped > 0 && text.skipped(skipped),
    flagged > 0 && text.flagged(flagged),
    failed > 0 && text.failed(failed),
  ].filter((part) => part !== false);
}

/** Below the question: the same by click, with the key of each. */
export function BatchFoot({ store, keys: { panel, open } }: Props) {
  const view = store.view.value;
  const root = useRef<HTMLDivElement>(null);
  if (!view.batch) return null;
  const [question] = view.questions;
  const back = () => focusWaiting(root.current?.closest<HTMLElement>(".card") ?? null);
  const close = () => {
    open(null);
    back();
  };
  return (
    <div class="batch-foot" ref={root}>
      {question && panel === "flag" && <FlagNote store={store} question={question} onDone={close} />}
      {question && panel !== "flag" && store.flags.value[question.id] && (
        <p class="hint batch-flag" dir="auto">
          ⚑ <Shown text={store.flags.value[question.id] ?? ""} />
        </p>
      )}
      <div class="batch-actions">
        <FootButton label={text.back} cap="⌫" off={!store.canTakeBack.value} onClick={store.takeBack} />
        {question && (
          <>
            <FootButton label={text.skip} cap="S" onClick={() => store.skip(question)} />
            <FootButton label={text.flag} cap="F" onClick={() => open("flag")} />
          </>
        )}
        <FootButton label={text.keys} cap="?" onClick={() => open(panel === "keys" ? null : "keys")} />
      </div>
      {panel === "keys" && <KeySheet />}
      <RequestOutcome store={store} action="ask_again" />
    </div>
  );
}

interface FootButtonProps {
  label: string;
  cap: string;
  off?: boolean;
  onClick(): void;
}

function FootButton({ label, cap, off = false, onClick }: FootButtonProps) {
  return (
    <button type="button" class="quiet" aria-disabled={off} onClick={() => off || onClick()}>
      {label}
      <Cap>{cap}</Cap>
    </button>
  );
}

function FlagNote({ store, question, onDone }: { store: Store; question: Question; onDone(): void }) {
  const input = useRef<HTMLInputElement>(null);
  // Before the next key: a note typed at once must not skip the question by a letter of it.
  useLayoutEffect(() => input.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") store.flag(question, input.current?.value.trim() || text.noNote);
    onDone();
  };
  return (
    <label class="batch-note">
      {text.note}
      <input
        ref={input}
        type="text"
        dir="auto"
        defaultValue={store.flags.value[question.id] ?? ""} // a redraw must not erase the text
        placeholder={text.noteHint}
        onKeyDown={onKeyDown}
      />
    </label>
  );
}

function KeySheet() {
  return (
    <dl class="batch-keys">
      {text.sheet.map(([key, does]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}
