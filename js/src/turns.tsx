/** The questions that have been answered: a line each, which unfolds. */
import { Changes } from "./changes";
import { memo } from "./controls/memo";
import { kindOf } from "./fields";
import { Gist } from "./gist";
import type { RecordStatus, Turn } from "./protocol";
import { RequestButton, RequestOutcome } from "./request-button";
import { Shown } from "./shown";
import type { Store } from "./store";
import * as strings from "./strings";

const text = strings.turns;

export function Turns({ store }: { store: Store }) {
  const { turns, ask_again } = store.view.value;
  if (turns.length === 0) return <RequestOutcome store={store} action="ask_again" />;
  const last = turns.length - 1;
  return (
    <div class="told">
      <ol class="turns" aria-label={text.title}>
        {turns.map((turn, index) => (
          <li key={`${index}-${turn.node}`} class={`turn turn-${turn.origin}`}>
            <Told turn={turn} me={store.person.name} />
            {index === last && ask_again && (
              <RequestButton store={store} action="ask_again" look="quiet">
                {strings.requests.askAgain[isOfAnother(turn, store.person.name) ? "elsewhere" : turn.origin]}
              </RequestButton>
            )}
          </li>
        ))}
      </ol>
      <RequestOutcome store={store} action="ask_again" />
    </div>
  );
}

/** Drawn once: a long review has hundreds of turns. */
const Told = memo(({ turn, me }: { turn: Turn; me: string }) => (
  <details class="turn-told">
    <summary class="turn-line">
      <span class="asked" dir="auto">
        <Shown text={turn.prompt || turn.node} />
      </span>
      <Gist turn={turn} />
      <span class="origin">
        <Shown text={isOfAnother(turn, me) ? turn.by : strings.origin[turn.origin]} />
      </span>
      <RecordLine record={turn.record} />
    </summary>
    <div class="turn-details">
      <p class="asked-whole" dir="auto">
        <Shown text={turn.prompt} />
        <bdi class="node">
          <Shown text={turn.node} />
        </bdi>
      </p>
      <Answer turn={turn} />
      <p class="hint">
        <Shown text={deciderOf(turn, me)} />
        {isKept(turn.record) && ` ${text.save}`}
        {turn.record.kind === "not_recorded" && (
          <>
            {" "}
            <Shown text={text.notRecorded(turn.record.reason)} />
          </>
        )}
        {turn.record.kind === "kept_out" && ` ${text.keptOut}`}
      </p>
    </div>
  </details>
));

function Answer({ turn: { field, original, answer, origin } }: { turn: Turn }) {
  if (origin === "elsewhere" && answer === "") return null; // the kernel was not told either
  const { code } = kindOf({ kind: field });
  if (original !== "" && answer !== original) return <Changes original={original} revised={answer} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <pre class={code ? "answer code" : "answer"} dir="auto" tabIndex={0}>
      <Shown text={answer} />
    </pre>
  );
}

/** Whether another person answered: in a shared notebook, or before this person opened the kernel's card. */
function isOfAnother(turn: Turn, me: string): turn is Turn & { by: string } {
  return turn.origin === "person" && turn.by !== undefined && turn.by !== me;
}

function deciderOf(turn: Turn, me: string): string {
  if (turn.ruled) return text.ruled(turn.ruled);
  return isOfAnother(turn, me) ? text.byName(turn.by) : text.by[turn.origin];
}

function isKept({ kind }: RecordStatus): boolean {
  return kind === "recorded" || kind === "in_output";
}

/** Whether the answer is recorded, in a word; else the reason why not. */
function RecordLine({ record }: { record: RecordStatus }) {
  switch (record.kind) {
    case "nothing":
      return null;
    case "recording":
      return <span class="record">{text.recording}</span>;
    case "recorded":
      return <span class="record recorded">{text.recorded}</span>;
    case "in_output":
      return <span class="record recorded">{text.inOutput}</span>;
    case "kept_out":
      return <span class="record">{text.keptOutInLine}</span>;
    case "not_recorded":
      return (
        <span class="record not-recorded">
          <Shown text={text.notRecorded(record.reason)} />
        </span>
      );
    default:
      return record satisfies never;
  }
}
