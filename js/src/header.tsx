/** The question as the card's title, the state of the run, and the button for the technical details. */
import { Icon, type Shape } from "./icons";
import { MoreButton } from "./machine";
import { headingOf, SHORT } from "./names";
import type { PhaseEntry, Question, View } from "./protocol";
import { RequestButton, RequestOutcome } from "./request-button";
import { Shown } from "./shown";
import type { Store } from "./store";
import * as strings from "./strings";
import { SHORTCUT } from "./waiting";

type Status = PhaseEntry["kind"] | "gone";

const shapes: Record<Status, Shape> = {
  starting: "working",
  running: "working",
  asking: "asking",
  finished: "done",
  failed: "failed",
  gone: "gone",
};

export function Header({ store }: { store: Store }) {
  const view = store.view.value;
  const title = titleOf(view);
  return (
    <>
      <header class="header">
        <StatusChip status={statusOf(store)} isAlone={title === "" && !hasOnlyTurns(view)} />
        {title !== "" && <Title text={title} code={codeIn(view)} />}
        <div class="header-end">
          <Stop store={store} />
          {isWaiting(store) && (
            <span class="cap-away" aria-hidden="true" title={strings.waiting.shortcut(SHORTCUT)}>
              {SHORTCUT}
            </span>
          )}
          <MoreButton store={store} />
        </div>
      </header>
      <RequestOutcome store={store} action="stop" />
    </>
  );
}

function Title({ text, code }: { text: string; code: string }) {
  const isLong = text.length > SHORT || text.includes("\n");
  return (
    <p class={isLong ? "title long" : "title"} dir="auto">
      <Asked text={text} code={code} />
    </p>
  );
}

/** A question, with the name of the subject set as code. */
export function Asked({ text, code }: { text: string; code: string }) {
  const at = code === "" ? -1 : text.indexOf(code);
  if (at < 0) return <Shown text={text} />;
  return (
    <>
      <Shown text={text.slice(0, at)} />
      <code>
        <Shown text={code} />
      </code>
      <Shown text={text.slice(at + code.length)} />
    </>
  );
}

/** The name of the only request that a question asks about; several words are not a name. */
export function subjectOf({ field }: Question): string {
  const [only, ...others] = field.kind === "decisions" ? field.requests : [];
  return only && others.length === 0 && /^\S+$/.test(only.title) ? only.title : "";
}

function codeIn({ questions: [first, ...others] }: View): string {
  return first && others.length === 0 ? subjectOf(first) : "";
}

/** The title of the only open question, or the number of open questions. */
export function titleOf({ questions: [first, ...others] }: View): string {
  if (!first) return "";
  return others.length > 0 ? strings.questions(others.length + 1) : headingOf(first);
}

/** Whether the run has ended with answers, which are all that the card has to show. */
export function hasOnlyTurns({ phase, turns, questions }: View): boolean {
  return phase.kind === "finished" && turns.length > 0 && questions.length === 0;
}

/** Without a kernel nothing waits and nothing runs; a run that has ended stays ended. */
function statusOf({ view, link }: Store): Status {
  const { kind } = view.value.phase;
  const ended = kind === "finished" || kind === "failed";
  return link.value === "gone" && !ended ? "gone" : kind;
}

/** Whether a person is asked who can answer here. */
export function isWaiting(store: Store): boolean {
  return (
    statusOf(store) === "asking" &&
    store.view.value.questions.some(({ standing }) => standing.kind === "open")
  );
}

/** Whether a run works, as far as this page can know. */
export function isWorking(store: Store): boolean {
  return shapes[statusOf(store)] === "working";
}

/** In words where nothing else shows the status; always in words for a screen reader. */
function StatusChip({ status, isAlone }: { status: Status; isAlone: boolean }) {
  const isSeen = isAlone || status === "gone";
  return (
    <span class={`chip chip-${status}`} role="status">
      <Icon shape={shapes[status]} />
      <span class={isSeen ? "chip-text" : "unseen"}>{strings.status[status]}</span>
    </span>
  );
}

/** A single button before and after the click, so that the button keeps the focus after a click. */
function Stop({ store }: { store: Store }) {
  const { stop, stopping } = store.view.value;
  if (!(stop || stopping) || !isWorking(store)) return null;
  return (
    <RequestButton store={store} action="stop" look="stop" off={stopping}>
      {stopping ? strings.requests.stopping : strings.requests.stop}
    </RequestButton>
  );
}
