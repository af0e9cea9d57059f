/** A question: the payload, the field, the changes, and the buttons that send. */
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Actions, Delivered } from "./actions";
import { Contents } from "./contents";
import { Countdown } from "./countdown";
import { type Rules, RulesOf } from "./decisions/ruled";
import { kindOf } from "./fields";
import { Hint, type Sent, type Verdict } from "./fields/base";
import { focusFlaw } from "./focus";
import { Asked, subjectOf } from "./header";
import { isSubmit, isUndo } from "./keyboard";
import { asksWithPayload, Payload, QuestionMachine } from "./machine";
import { fieldNameOf, headingOf, nameOf } from "./names";
import type { Former, Held, Offered, Question } from "./protocol";
import type { Finding } from "./question-states";
import { Shown } from "./shown";
import { isLocked, type Store } from "./store";
import * as strings from "./strings";
import { WrittenAs } from "./written-as";

interface Props {
  store: Store;
  question: Question;
  /** Several questions are open: each has a heading, and names the node. */
  named: boolean;
}

const text = strings.question;

export function QuestionCard({ store, question, named }: Props) {
  const { standing } = question;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along
    <div class="question" role="group" aria-label={nameOf(question, named)} data-question={question.id}>
      {named && <Heading question={question} />}
      <Contents shows={question.shows} />
      {asksWithPayload(question) && <Payload text={question.payload} open />}
      {standing.kind === "held" ? (
        <HeldAnswer held={standing} question={question} />
      ) : (
        <Editor store={store} question={question} problem={standing.problem} named={named} />
      )}
      <QuestionMachine store={store} question={question} />
    </div>
  );
}

function Heading({ question }: { question: Question }) {
  return (
    <p class="prompt" dir="auto">
      <span class="prompt-text">
        <Asked text={headingOf(question)} code={subjectOf(question)} />
      </span>{" "}
      <bdi class="node">
        <Shown text={question.node} />
      </bdi>
    </p>
  );
}

function HeldAnswer({ held, question: { field } }: { held: Held; question: Question }) {
  return (
    <div class="held">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre class={kindOf(field).code ? "answer code" : "answer"} dir="auto" tabIndex={0}>
        <Shown text={held.answer} />
      </pre>
      <p class="hint">{text.held}</p>
    </div>
  );
}

/** A draft of another kernel: in the editor, or as text where the editor cannot hold it. */
function KeptDraft({ offered: { at, by, fits, text: draft } }: { offered: Offered }) {
  return (
    <div class="kept-draft">
      <p class="hint" dir="auto">
        <Shown text={text.keptDraft(new Date(at).toLocaleString(), by, fits)} />
      </p>
      {!fits && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <pre class="answer" dir="auto" tabIndex={0}>
          <Shown text={draft} />
        </pre>
      )}
    </div>
  );
}

interface EditorProps {
  store: Store;
  question: Question;
  problem: string | null;
  named: boolean;
}

/** Nobody has seen the value of a field that is not drawn. */
const UNDRAWN: Verdict = { kind: "open", hint: null };

/** The draft, whether the draft can be sent, and the function that sends. */
function useAnswer(store: Store, question: Question) {
  const draft = store.draftOf(question);
  const { check, checked } = kindOf(question.field);
  const [isDrawn, onDrawn] = useState(true);
  const verdict: Verdict = isDrawn ? check(draft) : UNDRAWN;
  const locked = isLocked(store, question);
  useLayoutEffect(() => {
    if (checked && verdict.kind === "valid") store.check(question);
  }, [draft, question.id, question.field.original, checked]);
  const send = (decided = draft) => {
    if (locked || !isDrawn) return;
    if (decided !== draft) store.edit(question, decided);
    if (check(decided).kind === "valid") store.answer(question);
  };
  return { draft, verdict, locked, send, onDrawn };
}

function Editor({ store, question, problem, named }: EditorProps) {
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const { draft, verdict, locked, send, onDrawn } = useAnswer(store, question);
  const { View, editable } = kindOf(question.field);
  const { finding, answer } = store.stateOf(question);
  const refusal = answer.kind === "refused" ? answer : null;
  useLayoutEffect(() => {
    if (refusal) focusFlaw(root.current);
  }, [refusal]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isUndo(event) && answer.kind === "kept") {
      event.preventDefault();
      store.release(question);
    }
    if (!isSubmit(event)) return;
    event.preventDefault();
    send();
  };
  /** A person who clicks or types stops the countdown. */
  const inHand = ({ target }: Event) => {
    if (!(target instanceof Element && target.closest(".countdown"))) store.pause(question, false);
  };
  const { former } = question;
  const described = [former && `${id}-former`, verdict.hint !== null && `${id}-hint`]
    .filter(Boolean)
    .join(" ");
  const rules: Rules = {
    ...store.rules.value,
    isOffered: store.remembered.machine.value,
    ruled: question.ruled ?? [],
    revoke: store.revoke,
    allow: (call, scope, bounds) => store.allow(question, { call, scope, bounds }),
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a short cut; the button does the same
    <div ref={root} class="editor" onKeyDown={onKeyDown} onInput={inHand} onPointerDown={inHand}>
      <Countdown store={store} question={question} />
      {question.offered && <KeptDraft offered={question.offered} />}
      {former && <AskedBefore id={`${id}-former`} former={former} problem={problem} />}
      {editable && <Label id={id} question={question} named={named} />}
      {question.written && (
        <WrittenAs
          id={id}
          question={question}
          locked={locked}
          onPick={(to) => store.switchForm(question, to)}
        />
      )}
      <div class="fill" data-first={id}>
        <RulesOf.Provider value={rules}>
          <View
            question={question}
            draft={draft}
            readOnly={locked}
            flaws={finding?.flaws ?? []}
            refused={finding?.refused ?? false}
            verdict={verdict}
            sendsLast={store.remembered.sendsLast.value}
            onDraft={(value) => store.edit(question, value)}
            onDrawn={onDrawn}
            onJson={() => store.switchForm(question, "json")}
            onSend={send}
            id={id}
            labelledBy={`${id}-label`}
            describedBy={described || undefined}
          />
        </RulesOf.Provider>
      </div>
      <Hint id={`${id}-hint`} verdict={verdict} />
      <Below store={store} question={question} isValid={verdict.kind === "valid"} />
      <Actions store={store} question={question} verdict={verdict} locked={locked} send={() => send()} />
      <Delivered store={store} question={question} problem={former ? null : problem} />
    </div>
  );
}

/** The finding on the draft, and the type of the answer where the person should see the type. */
function Below({ store, question, isValid }: { store: Store; question: Question; isValid: boolean }) {
  const draft = store.draftOf(question);
  const { field, written } = question;
  const { Note, typed, sent } = kindOf(field);
  const isTold = written !== null || field.kind === "json" || store.remembered.machine.value;
  const { finding } = store.stateOf(question);
  const note = Note && <Note field={field} draft={draft} />;
  const sends = typed && isTold && isValid && (
    <Sends {...(sent?.(field, draft) ?? sentBy(question, finding, draft))} />
  );
  return note || sends ? (
    <div class="below">
      {note}
      {sends}
    </div>
  ) : null;
}

/** The title asks; screen readers also read the name of the field, which tells several questions apart. */
function Label({ id, question, named }: { id: string; question: Question; named: boolean }) {
  const { field } = question;
  const name = fieldNameOf(question, named);
  return kindOf(field).labels(field) ? (
    <label id={`${id}-label`} class="unseen" for={id}>
      {name}
    </label>
  ) : (
    <span id={`${id}-label`} class="unseen">
      {name}
    </span>
  );
}

/** The kernel's finding on this draft; for a draft not seen yet, only the type of the draft before. */
function sentBy(question: Question, finding: Finding | null, draft: string): Sent {
  if (finding === null) {
    const isUntouched = draft === question.field.original;
    return { type: question.sends, json: isUntouched ? question.sent : "" };
  }
  return { type: finding.sends, json: finding.draft === draft ? finding.sent : "" };
}

/** The type and the JSON text that will be sent: a person sees a type that the node cannot read before sending. */
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

/** Above the field: the effect of the former answer, and the consequence of asking again. */
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
