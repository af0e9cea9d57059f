/** One question: what is asked, the field, what changed, and the way to send it. */
import { useId } from "preact/hooks";
import { Changes } from "./changes";
import { isRevision, kindOf } from "./fields";
import { Area, Hint, type Verdict } from "./fields/base";
import { isMac, isSubmit } from "./keyboard";
import type { Former, Held, Question } from "./protocol";
import { SnippetsPanel } from "./snippets";
import { isUnderway, type Store } from "./store";
import { strings } from "./strings";

interface Props {
  store: Store;
  question: Question;
  /** Several questions are open: each says which node it is from. */
  named: boolean;
}

const text = strings.question;

export function QuestionCard({ store, question, named }: Props) {
  const { node, prompt, standing } = question;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along
    <div class="question" role="group" aria-label={text.from(node)} data-question={question.id}>
      {named && <p class="node">{node}</p>}
      {prompt && (
        <p class="prompt" dir="auto">
          {prompt}
        </p>
      )}
      <Payload question={question} />
      {standing.kind === "held" ? (
        <HeldAnswer held={standing} question={question} />
      ) : (
        <Editor store={store} question={question} problem={standing.problem} />
      )}
    </div>
  );
}

/** Closed where the field already shows the same. */
function Payload({ question: { payload, field } }: { question: Question }) {
  if (payload === "") return null;
  return (
    <details class="payload" open={kindOf(field).showPayload && payload !== field.original}>
      <summary>{text.payload}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre dir="auto" tabIndex={0}>
        {payload}
      </pre>
    </details>
  );
}

function HeldAnswer({ held, question: { field } }: { held: Held; question: Question }) {
  return (
    <div class="held">
      <pre class={kindOf(field).code ? "answer code" : "answer"} dir="auto">
        {held.answer}
      </pre>
      <p class="hint">{text.held}</p>
    </div>
  );
}

interface EditorProps {
  store: Store;
  question: Question;
  problem: string | null;
}

function Editor({ store, question, problem }: EditorProps) {
  const id = useId();
  const draft = store.draftOf(question);
  const { code, check, editable } = kindOf(question.field);
  const verdict = check(draft);
  const delivery = store.deliveries.value[question.id];
  const locked = store.link.value === "gone" || isUnderway(delivery);
  const send = () => {
    if (!locked && verdict.kind === "valid") store.answer(question);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isSubmit(event)) return;
    event.preventDefault();
    send();
  };
  const { former } = question;
  const described = [former && `${id}-former`, verdict.hint !== null && `${id}-hint`]
    .filter(Boolean)
    .join(" ");
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a short cut; the button does the same
    <div class="editor" onKeyDown={onKeyDown}>
      {former && <AskedBefore id={`${id}-former`} former={former} problem={problem} />}
      {editable && (
        <>
          <label for={id}>
            {text.answer}
            <span class="aside">{text.answerTo(question.node)}</span>
          </label>
          <Area
            id={id}
            value={draft}
            code={code}
            readOnly={locked}
            invalid={verdict.kind === "invalid"}
            describedBy={described || undefined}
            onInput={(value) => store.edit(question, value)}
          />
          <Hint id={`${id}-hint`} verdict={verdict} />
        </>
      )}
      {isRevision(question.field) && <Difference original={question.field.original} draft={draft} />}
      <Actions store={store} question={question} verdict={verdict} locked={locked} send={send} />
      <Delivered store={store} question={question} problem={former ? null : problem} />
      {store.view.value.snippets && <SnippetsPanel store={store} question={question} draft={draft} />}
    </div>
  );
}

/** Above the field: what became of the former answer, and what happens on asking again. */
function AskedBefore({ id, former, problem }: { id: string; former: Former; problem: string | null }) {
  return (
    <>
      {problem && (
        <p class="problem" role="alert" dir="auto">
          {problem}
        </p>
      )}
      <p id={id} class="former" dir="auto">
        {former.message}
      </p>
    </>
  );
}

function Difference({ original, draft }: { original: string; draft: string }) {
  if (draft === original) return <p class="hint unchanged">{text.unchanged}</p>;
  return (
    <section class="difference" aria-label={text.changes}>
      <Changes original={original} revised={draft} />
    </section>
  );
}

interface ActionsProps {
  store: Store;
  question: Question;
  verdict: Verdict;
  locked: boolean;
  send(): void;
}

/** `aria-disabled`, not `disabled`: a disabled button would drop the focus while it works. */
function Actions({ store, question, verdict, locked, send }: ActionsProps) {
  const draft = store.draftOf(question);
  const start = store.startOf(question);
  const { original } = question.field;
  const { editable } = kindOf(question.field);
  // Where the editor began with a former answer, one step goes back to that, the next to the original.
  const toOriginal = isRevision(question.field) && draft === start && start !== original;
  const busy = isUnderway(store.deliveries.value[question.id]);
  const nothingToUndo = locked || (draft === start && !toOriginal);
  return (
    <div class="actions">
      <button
        type="button"
        class="primary resume"
        aria-disabled={locked || verdict.kind === "invalid"}
        aria-busy={busy}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        onClick={send}
      >
        {!editable ? text.proceed : question.former?.again ? text.askAgain : text.resume}
      </button>
      <kbd class="aside">{isMac() ? "⌘ ⏎" : "Ctrl ⏎"}</kbd>
      {editable && (
        <button
          type="button"
          class="undo"
          aria-disabled={nothingToUndo}
          onClick={() => nothingToUndo || store.edit(question, toOriginal ? original : start)}
        >
          {toOriginal ? text.toOriginal : text.undo}
        </button>
      )}
    </div>
  );
}

/** What came of sending: on the way, not confirmed, or why it was not taken. */
function Delivered({ store, question, problem }: EditorProps) {
  const delivery = store.deliveries.value[question.id];
  const refusal = store.refusals.value[question.id]?.message ?? problem;
  return (
    <>
      <p class="hint delivery" role="status">
        {delivery === "unconfirmed" ? text.unconfirmed : isUnderway(delivery) ? text.sending : ""}
      </p>
      {refusal && !delivery && (
        <p class="problem" role="alert" dir="auto">
          {refusal}
        </p>
      )}
    </>
  );
}
