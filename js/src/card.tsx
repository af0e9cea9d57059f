/** The card, as a function of the store. */
import { useId, useRef } from "preact/hooks";
import { useFocus } from "./focus";
import { Header, titleOf } from "./header";
import type { Lost } from "./lost";
import { ProgressPanel } from "./progress";
import type { Phase } from "./protocol";
import { QuestionCard } from "./question";
import { RequestButton, RequestOutcome } from "./request-button";
import { Shown, shownText } from "./shown";
import type { Link, Store } from "./store";
import { strings } from "./strings";
import { Turns } from "./turns";

export function Card({ store }: { store: Store }) {
  const root = useRef<HTMLElement | null>(null);
  const view = store.view.value;
  useFocus(root, view);
  // It can be focused, to hold the focus when the control that had it is gone.
  return (
    <section ref={root} class="card" aria-label={shownText(titleOf(view))} tabIndex={-1}>
      <Header store={store} />
      <LinkNote link={store.link.value} phase={view.phase} />
      {view.notes.map((note, index) => (
        <p key={`${index} ${note}`} class="note" dir="auto">
          <Shown text={note} />
        </p>
      ))}
      <Turns store={store} />
      {Object.entries(store.lost.value).map(([id, lost]) => (
        <LostDraft key={id} lost={lost} />
      ))}
      <ProgressPanel store={store} />
      {view.questions.map((question) => (
        <QuestionCard key={question.id} store={store} question={question} named={view.questions.length > 1} />
      ))}
      <SendNow store={store} cost={view.send_now} />
      <Outcome phase={view.phase} />
    </section>
  );
}

/** Nothing is missing where the run has ended. */
function LinkNote({ link, phase }: { link: Link; phase: Phase }) {
  const ended = phase.kind === "finished" || phase.kind === "failed";
  const text = ended ? "" : link === "gone" ? strings.link.gone : link === "busy" ? strings.link.busy : "";
  return (
    <p class="note link-note" role="status">
      {text}
    </p>
  );
}

function LostDraft({ lost: { title, draft } }: { lost: Lost }) {
  return (
    <div class="problem" role="alert">
      <p dir="auto">
        <Shown text={title} />
      </p>
      {draft && (
        <>
          <p>{strings.lost.draft}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre class="answer" dir="auto" tabIndex={0}>
            <Shown text={draft} />
          </pre>
        </>
      )}
    </div>
  );
}

function SendNow({ store, cost }: { store: Store; cost: string | null }) {
  const id = useId();
  return (
    <>
      {cost !== null && (
        <div class="send-now">
          <RequestButton store={store} action="send_now" look="quiet" describedBy={id}>
            {strings.requests.sendNow}
          </RequestButton>
          <p id={id} class="hint" dir="auto">
            <Shown text={cost} />
          </p>
        </div>
      )}
      <RequestOutcome store={store} action="send_now" />
    </>
  );
}

function Outcome({ phase }: { phase: Phase }) {
  switch (phase.kind) {
    case "finished":
      return (
        <section class="result" aria-label={strings.result}>
          <p class="label">{strings.result}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre dir="auto" tabIndex={0}>
            <Shown text={phase.result} />
          </pre>
        </section>
      );
    case "failed":
      return (
        <div class="problem failure" role="alert">
          <strong>
            <Shown text={phase.problem.name} />
          </strong>
          <pre dir="auto">
            <Shown text={phase.problem.message} />
          </pre>
        </div>
      );
    case "starting":
    case "asking":
    case "running":
      return null;
    default:
      return phase satisfies never;
  }
}
