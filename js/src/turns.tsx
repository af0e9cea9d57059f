/** The questions that have been answered. */
import { Changes } from "./changes";
import { CodePanel } from "./code";
import { memo } from "./controls/memo";
import { kindOf } from "./fields";
import type { RecordStatus, Turn } from "./protocol";
import { RequestButton, RequestOutcome } from "./request-button";
import { Shown, shownText } from "./shown";
import type { Store } from "./store";
import { strings } from "./strings";

const text = strings.turns;

export function Turns({ store }: { store: Store }) {
  const { turns, ask_again } = store.view.value;
  if (turns.length === 0) return <RequestOutcome store={store} action="ask_again" />;
  return (
    <>
      <ol class="turns" aria-label={text.title}>
        {turns.map((turn, index) => (
          <li key={`${index}-${turn.node}`} class={`turn turn-${turn.origin}`}>
            <Told turn={turn} />
            {index === turns.length - 1 && (
              <>
                {ask_again && (
                  <RequestButton store={store} action="ask_again" look="quiet">
                    {strings.requests.askAgain}
                  </RequestButton>
                )}
                <RequestOutcome store={store} action="ask_again" />
              </>
            )}
          </li>
        ))}
      </ol>
      <CodePanel store={store} />
    </>
  );
}

/** Drawn once: a long review has hundreds. */
const Told = memo(({ turn }: { turn: Turn }) => (
  <>
    <p class="turn-head">
      <span class="node">
        <Shown text={turn.node} />
      </span>
      <span class="origin">{strings.origin[turn.origin]}</span>
      <RecordLine record={turn.record} />
    </p>
    {turn.prompt && (
      <p class="asked" dir="auto" title={shownText(turn.prompt)}>
        <Shown text={turn.prompt} />
      </p>
    )}
    <Answer turn={turn} />
  </>
));

function Answer({ turn: { field, original, answer, origin } }: { turn: Turn }) {
  if (origin === "elsewhere" && answer === "") return null; // the kernel was not told either
  const { code } = kindOf({ kind: field });
  if (original !== "" && answer !== original) return <Changes original={original} revised={answer} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre class={code ? "answer code" : "answer"} dir="auto" tabIndex={0}>
      <Shown text={answer} />
    </pre>
  );
}

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
