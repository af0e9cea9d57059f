/** Technical details behind a quiet button: a person who only answers needs none of the details. */
import { useState } from "preact/hooks";
import { mayNotify, sound } from "./attention";
import { CodePanel } from "./code";
import { GRACE_MS } from "./grace";
import { ProgressDetails } from "./progress";
import type { Question } from "./protocol";
import { Shown } from "./shown";
import { SnippetsPanel } from "./snippets";
import { isLocked, type Store } from "./store";
import * as strings from "./strings";

const text = strings.machine;
const attention = strings.attention;

export function MoreButton({ store: { remembered } }: { store: Store }) {
  const isOpen = remembered.machine.value;
  return (
    <button
      type="button"
      class="more"
      aria-label={text.title}
      title={text.title}
      aria-expanded={isOpen}
      onClick={() => remembered.put("machine", !isOpen)}
    >
      <span aria-hidden="true">⋯</span>
    </button>
  );
}

/** Details of the review as a whole. */
export function Machine({ store }: { store: Store }) {
  if (!store.remembered.machine.value) return null;
  const { graph, runs_on, asides } = store.view.value;
  return (
    <section class="machine" aria-label={text.title}>
      <p class="graph">
        <Shown text={graph} />
        <span class="runs-on">
          <Shown text={runs_on} />
        </span>
      </p>
      {asides.map((aside) => (
        <p key={aside} class="machine-note" dir="auto">
          <Shown text={aside} />
        </p>
      ))}
      <AlertChoices store={store} />
      <ProgressDetails store={store} />
      <CodePanel store={store} />
    </section>
  );
}

/** The choice of a notification and a sound; the card has no such choice elsewhere. */
function AlertChoices({ store: { remembered } }: { store: Store }) {
  const [denied, setDenied] = useState(false);
  const notifies = async (input: HTMLInputElement) => {
    const allowed = !input.checked || (await mayNotify());
    setDenied(!allowed);
    remembered.put("notifies", input.checked && allowed);
    input.checked = remembered.notifies.peek();
  };
  return (
    <div class="machine-choices">
      <label class="preference">
        <input
          type="checkbox"
          checked={remembered.notifies.value}
          onChange={({ currentTarget }) => void notifies(currentTarget)}
        />
        {attention.notifies}
      </label>
      <label class="preference">
        <input
          type="checkbox"
          checked={remembered.sounds.value}
          onChange={({ currentTarget: { checked } }) => {
            remembered.put("sounds", checked);
            if (checked) sound();
          }}
        />
        {attention.sounds}
      </label>
      <span class="hint" role="status">
        {denied && attention.denied}
      </span>
    </div>
  );
}

interface Props {
  store: Store;
  question: Question;
}

/** Details of a single question. */
export function QuestionMachine({ store, question }: Props) {
  if (!store.remembered.machine.value) return null;
  const isOpen = question.standing.kind === "open";
  return (
    <section class="machine" aria-label={text.question}>
      <p class="from">
        {text.from} <code>{<Shown text={question.node} />}</code>
      </p>
      {isOpen && <Choices store={store} question={question} />}
      {hasPayloadAside(question) && <Payload text={question.payload} />}
      {isOpen && store.view.value.snippets && (
        <SnippetsPanel store={store} question={question} draft={store.draftOf(question)} />
      )}
    </section>
  );
}

/** How this answer is written, kept and sent. */
function Choices({ store, question }: Props) {
  const locked = isLocked(store, question);
  const to = question.switch;
  return (
    <div class="machine-choices">
      {to && (
        <button
          type="button"
          class="quiet switch-form"
          aria-disabled={locked}
          onClick={() => locked || store.switchForm(question, to)}
        >
          {to === "json" ? text.toJson : text.toForm}
        </button>
      )}
      {store.view.value.records && <KeepOut store={store} question={question} locked={locked} />}
      {question.field.kind === "decisions" && question.field.requests.length > 1 && (
        <Preference store={store} name="sendsLast" told={text.sendsLast} />
      )}
      <Preference store={store} name="grace" told={text.grace(GRACE_MS / 1_000)} />
    </div>
  );
}

/** Keeps a private answer out of the notebook, which other people read. */
function KeepOut({ store, question, locked }: Props & { locked: boolean }) {
  return (
    <label class="keep-out">
      <input
        type="checkbox"
        checked={store.stateOf(question).isKeptOut}
        aria-disabled={locked}
        onClick={(event) => locked && event.preventDefault()}
        onChange={({ currentTarget }) => store.keepOut(question, currentTarget.checked)}
      />
      {text.keepOut}
    </label>
  );
}

interface PreferenceProps {
  store: Store;
  name: "sendsLast" | "grace";
  told: string;
}

function Preference({ store: { remembered }, name, told }: PreferenceProps) {
  return (
    <label class="preference">
      <input
        type="checkbox"
        checked={remembered[name].value}
        onChange={({ currentTarget }) => remembered.put(name, currentTarget.checked)}
      />
      {told}
    </label>
  );
}

/** Whether only the payload tells the question. */
export function asksWithPayload({ payload, field, shows }: Question): boolean {
  return field.kind === "json" && shows.length === 0 && payload !== "" && payload !== field.original;
}

function hasPayloadAside(question: Question): boolean {
  return question.payload !== "" && !asksWithPayload(question);
}

export function Payload({ text: payload, open = false }: { text: string; open?: boolean }) {
  return (
    <details class="payload" open={open}>
      <summary>{strings.question.payload}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre dir="auto" tabIndex={0}>
        <Shown text={payload} />
      </pre>
    </details>
  );
}
