/** The progress of a batch, and the keys of a person who decides item by item. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { draftFor, draftOfKey, keysOf } from "./batch-alike";
import { Cap } from "./cap";
import { cut } from "./cut";
import { focusWaiting } from "./focus";
import { isComposing, latinKey } from "./keyboard";
import type { BatchEntry, Question } from "./protocol";
import { RequestButton, RequestOutcome } from "./request-button";
import { Shown } from "./shown";
import type { Store } from "./store";
import * as strings from "./strings";
import { isTyped } from "./text-fields";

const text = strings.batch;

/** Most characters of a question in the list of questions that are alike. */
const LINE = 140;

type Panel = "flag" | "keys" | "alike" | null;

export interface BatchKeys {
  panel: Panel;
  open(panel: Panel): void;
  onKeyDown(event: KeyboardEvent): void;
}

/** Letters and Backspace decide where no text is written, and where the field itself has no use for the key. */
export function useBatchKeys(store: Store): BatchKeys {
  const [panel, open] = useState<Panel>(null);
  const asked = store.view.value.questions[0]?.id;
  // The list of alike questions and the note were made for the question before: the next question begins without.
  useLayoutEffect(() => open((now) => (now === "keys" ? now : null)), [asked]);
  const onKeyDown = (event: KeyboardEvent) => {
    const view = store.view.value;
    if (!view.batch || event.defaultPrevented || isComposing(event)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && panel !== null) {
      open(null);
      return;
    }
    if (isTyped(event)) return;
    const action = actionOf(latinKey(event), store, view.questions[0], panel, open);
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
    case "=":
      return question ? () => open(showAlike(store, panel)) : null;
    case "t":
      return (store.view.value.batch?.failed ?? 0) > 0 ? () => store.request("retry") : null;
    default:
      return question ? byKey(store, question, key) : null;
  }
}

/** A form with a single yes or no, or a single choice, is answered by a single key. */
function byKey(store: Store, question: Question, key: string): (() => void) | null {
  const draft = draftOfKey(question, key);
  if (draft === null) return null;
  return () => {
    store.edit(question, draft);
    store.answer(question);
  };
}

/** Show or hide the questions that are alike: while shown, these questions also get the next answer. */
function showAlike(store: Store, panel: Panel): Panel {
  if (panel === "alike") {
    store.together.value = [];
    return null;
  }
  store.request("fetch");
  return "alike";
}

interface Props {
  store: Store;
  keys: BatchKeys;
}

/** Above the question: the progress of the batch. */
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
          {isAsking ? countOf(store, before, batch.total) : text.done(before, batch.total)}
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

/** Counts the questions of a single run, or the runs where there are several. */
function countOf(store: Store, before: number, total: number): string {
  const place = store.place.value;
  if (!place) return text.count(before + 1, total);
  const within = text.count(place.number, place.total);
  return total === 1 ? within : `${text.count(before + 1, total)} · ${text.question(within)}`;
}

function told({ skipped, failed, flagged }: BatchEntry): string[] {
  return [
    skipped > 0 && text.skipped(skipped),
    flagged > 0 && text.flagged(flagged),
    failed > 0 && text.failed(failed),
  ].filter((part) => part !== false);
}

/** Below the question: a button for each action of a key, with the key. */
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
      {question && panel === "alike" && <Alike store={store} question={question} />}
      {question && <OneKey question={question} />}
      <Failures store={store} />
      <div class="batch-actions">
        <FootButton label={text.back} cap="⌫" off={!store.canTakeBack.value} onClick={store.takeBack} />
        {question && (
          <>
            <FootButton label={text.skip} cap="S" onClick={() => store.skip(question)} />
            <FootButton label={text.flag} cap="F" onClick={() => open("flag")} />
            {(store.alike.value.length > 0 || view.batch.waiting > 0) && (
              <FootButton label={text.alike} cap="=" onClick={() => open(showAlike(store, panel))} />
            )}
          </>
        )}
        <FootButton label={text.keys} cap="?" onClick={() => open(panel === "keys" ? null : "keys")} />
      </div>
      {panel === "keys" && <KeySheet />}
      <RequestOutcome store={store} action="ask_again" />
      <RequestOutcome store={store} action="retry" />
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
  // Focused before the next key: a letter of a note that is typed at once must not skip the question.
  useLayoutEffect(() => input.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event) || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") store.flag(question, input.current?.value.trim() || text.noNote);
    if (event.key === "Escape" && input.current) input.current.value = "";
    onDone();
  };
  /** A click on an answer leaves the note: the note goes with this answer, and not with the next. */
  const onBlur = () => {
    const note = input.current?.value.trim();
    if (note) store.flag(question, note);
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
        onBlur={onBlur}
      />
    </label>
  );
}

/** The questions that also get the next answer, each with a tick; new questions come with a tick. */
function Alike({ store, question }: { store: Store; question: Question }) {
  const alike = store.alike.value;
  const [left, leave] = useState<readonly string[]>([]);
  const draft = store.draftOf(question);
  const given = alike.filter(
    (other) => !left.includes(other.id) && draftFor(other, question, draft) !== null,
  );
  const ids = given.map(({ id }) => id).join("\n");
  useLayoutEffect(() => {
    store.together.value = ids === "" ? [] : ids.split("\n");
    return () => {
      store.together.value = [];
    };
  }, [ids]);
  if (alike.length === 0) return <p class="hint">{text.noneAlike}</p>;
  return (
    <fieldset class="batch-alike">
      <legend>{text.answerAlike(given.length + 1)}</legend>
      <p class="hint">{text.alikeHint}</p>
      <div class="batch-alike-rows">
        {alike.map((other) => (
          <label key={other.id} class="batch-alike-row">
            <input
              type="checkbox"
              class="tick"
              checked={!left.includes(other.id)}
              onChange={() =>
                leave(left.includes(other.id) ? left.filter((id) => id !== other.id) : [...left, other.id])
              }
            />
            <span dir="auto">
              <Shown text={lineOf(other)} />
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A line that tells a question from similar questions. */
function lineOf({ prompt, payload }: Question): string {
  const line = (payload === "" ? prompt : payload).split(/\s+/).join(" ");
  return cut(line, LINE);
}

function OneKey({ question }: { question: Question }) {
  const keys = keysOf(question);
  if (keys.length === 0) return null;
  return (
    <p class="hint batch-one-key">
      {keys.map(([key, does]) => (
        <span key={key}>
          <kbd>{key}</kbd> <Shown text={does} />
        </span>
      ))}
    </p>
  );
}

/** The runs that failed, and the way to run them again. */
function Failures({ store }: { store: Store }) {
  const batch = store.view.value.batch;
  if (!batch || batch.failed === 0) return null;
  const more = batch.failed - batch.failures.length;
  return (
    <details class="batch-failures" open>
      <summary>{text.failures(batch.failed)}</summary>
      <ul>
        {batch.failures.map(({ number, input, error }) => (
          <li key={number} dir="auto">
            <span class="hint">
              {number} · <Shown text={input} />
            </span>{" "}
            <Shown text={error} />
          </li>
        ))}
      </ul>
      {more > 0 && <p class="hint">{text.moreFailures(more)}</p>}
      <RequestButton store={store} action="retry" look="quiet">
        {text.retry(batch.failed)}
        <Cap>T</Cap>
      </RequestButton>
    </details>
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
