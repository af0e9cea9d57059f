/** The card, as a function of the store. */
import { useId, useRef } from "preact/hooks";
import type { Link } from "./connection";
import { CopyButton } from "./copy";
import { focusWaiting, isAside, useFocus } from "./focus";
import { Header, hasOnlyTurns, titleOf } from "./header";
import type { Lost } from "./lost";
import { Machine } from "./machine";
import { Outcome } from "./outcome";
import { parts } from "./parts";
import { ProgressPanel } from "./progress";
import type { Opens, PhaseEntry } from "./protocol";
import { QuestionCard } from "./question";
import { RequestButton, RequestOutcome } from "./request-button";
import { RulesPanel } from "./rules";
import { Shown, shownText } from "./shown";
import type { Store } from "./store";
import * as strings from "./strings";
import { Turns } from "./turns";

export function Card({ store }: { store: Store }) {
  const root = useRef<HTMLElement | null>(null);
  const view = store.view.value;
  useFocus(root, view);
  const batch = parts.batch.peek();
  const useKeys = batch?.useBatchKeys ?? withoutKeys;
  const keys = useKeys(store);
  const name = shownText(titleOf(view)) || strings.title;
  // Focusable, to hold the focus when the focused control is gone.
  return (
    <section
      ref={root}
      class={hasOnlyTurns(view) ? "card ended" : "card"}
      aria-label={name}
      tabIndex={-1}
      onKeyDown={keys?.onKeyDown}
      onClick={(event) => isAside(event) && focusWaiting(root.current)}
    >
      <Turns store={store} />
      {batch && <batch.BatchHead store={store} />}
      <Header store={store} />
      <LinkNote link={store.link.value} phase={view.phase} opens={view.opens} />
      {view.notes.map((note, index) => (
        <p key={`${index} ${note}`} class="note" dir="auto">
          <Shown text={note} />
        </p>
      ))}
      <p class="hint answering" role="status" dir="auto">
        {view.answering?.names.some((name) => name !== store.person.name) && (
          <Shown text={view.answering.text} />
        )}
      </p>
      {Object.entries(store.lost.value).map(([id, lost]) => (
        <LostDraft key={id} lost={lost} />
      ))}
      <ProgressPanel store={store} />
      {view.questions.map((question) => (
        <QuestionCard key={question.id} store={store} question={question} named={view.questions.length > 1} />
      ))}
      <RulesPanel store={store} />
      <SendNow store={store} cost={view.send_now} />
      {batch && keys && <batch.BatchFoot store={store} keys={keys} />}
      {view.phase.kind === "finished" && (view.batch || view.result_shown) ? null : (
        <Outcome phase={view.phase} />
      )}
      <Machine store={store} />
    </section>
  );
}

const withoutKeys = () => null;

/** The state of the connection; no note where the run has ended, which needs no kernel. */
function LinkNote({ link, phase, opens }: { link: Link; phase: PhaseEntry; opens?: Opens | undefined }) {
  const ended = phase.kind === "finished" || phase.kind === "failed";
  const gone = strings.link.gone(opens !== undefined);
  const text = ended ? "" : link === "gone" ? gone : link === "busy" ? strings.link.busy : "";
  return (
    <>
      <p class="note link-note" role="status">
        {text}
      </p>
      {opens && !ended && link === "gone" && <Opening opens={opens} />}
    </>
  );
}

function Opening({ opens: { code, remark } }: { opens: Opens }) {
  return (
    <div class="opening">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre class="answer code" dir="ltr" tabIndex={0}>
        {code}
      </pre>
      <CopyButton text={code} />
      {remark && (
        <p class="hint" dir="auto">
          {remark}
        </p>
      )}
    </div>
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
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
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
