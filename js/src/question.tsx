/** One question: what is asked, the field, what changed, and the way to send it. */
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import type { Finding } from "./checks";
import { Contents } from "./contents";
import { isRevision, kindOf } from "./fields";
import { Hint, type Sent, type Verdict } from "./fields/base";
import { focusFlaw } from "./focus";
import { isMac, isSubmit } from "./keyboard";
import type { Former, Held, Question } from "./protocol";
import { Shown, shownText } from "./shown";
import { SnippetsPanel } from "./snippets";
import { isUnderway, type Store } from "./store";
import { strings } from "./strings";
import { WrittenAs } from "./written-as";

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
    <div class="question" role="group" aria-label={shownText(text.from(node))} data-question={question.id}>
      {named && (
        <p class="node">
          <Shown text={node} />
        </p>
      )}
      {prompt && (
        <p class="prompt" dir="auto">
          <Shown text={prompt} />
        </p>
      )}
      <Contents shows={question.shows} />
      {asksWithPayload(question) && <Payload text={question.payload} open />}
      {standing.kind === "held" ? (
        <HeldAnswer held={standing} question={question} />
      ) : (
        <Editor store={store} question={question} problem={standing.problem} />
      )}
      {question.payload !== "" && !asksWithPayload(question) && <Payload text={question.payload} />}
    </div>
  );
}

/** Nothing else tells what is asked. */
function asksWithPayload({ payload, field, shows }: Question): boolean {
  return field.kind === "json" && shows.length === 0 && payload !== "" && payload !== field.original;
}

/** Closed, and below, where what is drawn already tells the same. */
function Payload({ text: payload, open = false }: { text: string; open?: boolean }) {
  return (
    <details class="payload" open={open}>
      <summary>{text.payload}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre dir="auto" tabIndex={0}>
        <Shown text={payload} />
      </pre>
    </details>
  );
}

function HeldAnswer({ held, question: { field } }: { held: Held; question: Question }) {
  return (
    <div class="held">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre class={kindOf(field).code ? "answer code" : "answer"} dir="auto" tabIndex={0}>
        <Shown text={held.answer} />
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
  const root = useRef<HTMLDivElement>(null);
  const draft = store.draftOf(question);
  const { View, Note, check, checked, editable, typed, sent } = kindOf(question.field);
  const verdict = check(draft);
  const locked = isLocked(store, question);
  const finding = store.findings.value[question.id];
  const refusal = store.refusals.value[question.id];
  useLayoutEffect(() => {
    if (checked && verdict.kind === "valid") store.check(question);
  }, [draft, question.id, question.field.original, checked]);
  useLayoutEffect(() => focusFlaw(root.current), [refusal]);
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
    <div ref={root} class="editor" onKeyDown={onKeyDown}>
      {former && <AskedBefore id={`${id}-former`} former={former} problem={problem} />}
      <div class="answer-head">
        {editable && <Label id={id} question={question} />}
        {question.written && (
          <WrittenAs
            id={id}
            question={question}
            locked={locked}
            onPick={(to) => store.switchForm(question, to)}
          />
        )}
      </div>
      <div class="fill" data-first={id}>
        <View
          question={question}
          draft={draft}
          readOnly={locked}
          flaws={finding?.flaws ?? []}
          refused={finding?.refused ?? false}
          verdict={verdict}
          onDraft={(value) => store.edit(question, value)}
          id={id}
          labelledBy={`${id}-label`}
          describedBy={described || undefined}
        />
      </div>
      <Hint id={`${id}-hint`} verdict={verdict} />
      <div class="below">
        {Note && <Note field={question.field} draft={draft} />}
        {typed && verdict.kind === "valid" && (
          <Sends {...(sent?.(question.field, draft) ?? sentBy(question, finding, draft))} />
        )}
      </div>
      <Actions store={store} question={question} verdict={verdict} locked={locked} send={send} />
      <Delivered store={store} question={question} problem={former ? null : problem} />
      {store.view.value.snippets && <SnippetsPanel store={store} question={question} draft={draft} />}
    </div>
  );
}

function isLocked({ link, deliveries, switching }: Store, { id }: Question): boolean {
  return link.value === "gone" || isUnderway(deliveries.value[id]) || (switching.value[id] ?? false);
}

/** The node is not shown here, but tells several questions apart for those who do not see the card. */
function Label({ id, question: { node, field } }: { id: string; question: Question }) {
  const aside = <span class="aside">{shownText(text.answerTo(node))}</span>;
  const named = kindOf(field).named(field);
  return named === "label" ? (
    <label id={`${id}-label`} for={id}>
      {text.answer}
      {aside}
    </label>
  ) : (
    <span id={`${id}-label`} class={named === "title" ? "title-of" : "unseen"}>
      {text.answer}
      {aside}
    </span>
  );
}

/** What the kernel says of this draft; of one that it has not seen yet only the type of the one before. */
function sentBy(question: Question, finding: Finding | undefined, draft: string): Sent {
  if (finding === undefined) {
    const isUntouched = draft === question.field.original;
    return { type: question.sends, json: isUntouched ? question.sent : "" };
  }
  return { type: finding.sends, json: finding.draft === draft ? finding.sent : "" };
}

/** So that a loop which wants a whole number gets one, and nobody sends what a node does not read. */
function Sends({ type, json }: Sent) {
  return (
    <p class="hint sends" aria-live="polite">
      {type && text.sentAs(type)}
      {type && json && (
        <code dir="ltr">
          <Shown text={json} />
        </code>
      )}
    </p>
  );
}

/** Above the field: what became of the former answer, and what happens on asking again. */
function AskedBefore({ id, former, problem }: { id: string; former: Former; problem: string | null }) {
  return (
    <>
      {problem && (
        <p class="problem" role="alert" dir="auto">
          <Shown text={problem} />
        </p>
      )}
      <p id={id} class="former" dir="auto">
        <Shown text={former.message} />
      </p>
    </>
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
  const kind = kindOf(question.field);
  const { editable, drafted } = kind;
  const deed = kind.deed?.(question.field, draft);
  const again = question.former?.again ?? false;
  // Where the editor began with a former answer, one step goes back to that, the next to the original.
  const toOriginal = isRevision(question.field) && draft === start && start !== original;
  const busy = isUnderway(store.deliveries.value[question.id]);
  const nothingToUndo = locked || (draft === start && !toOriginal);
  return (
    <div class="actions">
      <button
        type="button"
        class="primary resume"
        aria-disabled={locked || verdict.kind !== "valid"}
        aria-busy={busy}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        onClick={send}
      >
        {!editable ? text.proceed : again ? text.askAgain : deed ? <Shown text={deed} /> : text.resume}
      </button>
      <kbd class="aside">{isMac() ? "⌘ ⏎" : "Ctrl ⏎"}</kbd>
      {store.view.value.records && <KeepOut store={store} question={question} locked={locked} />}
      {editable && drafted && (
        <button
          type="button"
          class="quiet undo"
          aria-disabled={nothingToUndo}
          onClick={() => nothingToUndo || store.edit(question, toOriginal ? original : start)}
        >
          {toOriginal ? text.toOriginal : text.undo}
        </button>
      )}
      {question.switch && (
        <button
          type="button"
          class="quiet switch-form"
          aria-disabled={locked}
          onClick={() => locked || store.switchForm(question, question.switch ?? "form")}
        >
          {question.switch === "json" ? text.toJson : text.toForm}
        </button>
      )}
    </div>
  );
}

/** For an answer that is nobody else's business: the notebook is read by others. */
function KeepOut({ store, question, locked }: Pick<ActionsProps, "store" | "question" | "locked">) {
  return (
    <label class="keep-out">
      <input
        type="checkbox"
        checked={store.keptOut.value[question.id] ?? false}
        aria-disabled={locked}
        onClick={(event) => locked && event.preventDefault()}
        onChange={({ currentTarget }) => store.keepOut(question, currentTarget.checked)}
      />
      {text.keepOut}
    </label>
  );
}

/** What came of sending: on the way, not confirmed, or why it was not taken. */
function Delivered({ store, question, problem }: EditorProps) {
  const delivery = store.deliveries.value[question.id];
  const refusal = toldRefusal(store, question) ?? problem;
  return (
    <>
      <p class="hint delivery" role="status">
        {delivery === "unconfirmed" ? text.unconfirmed : isUnderway(delivery) ? text.sending : ""}
      </p>
      {refusal && !delivery && (
        <p class="problem" role="alert" dir="auto">
          <Shown text={refusal} />
        </p>
      )}
    </>
  );
}

/** Once something else is written, the flaws tell the rest. */
function toldRefusal(store: Store, question: Question): string | null {
  const refusal = store.refusals.value[question.id];
  const flawed = store.findings.value[question.id]?.refused ?? false;
  return refusal && !(flawed && refusal.draft !== store.draftOf(question)) ? refusal.problem.message : null;
}
