import { Icon, type Shape } from "./icons";
import type { Phase, View } from "./protocol";
import { RequestButton, RequestOutcome } from "./request-button";
import { Shown } from "./shown";
import type { Store } from "./store";
import { strings } from "./strings";

type Status = Phase["kind"] | "gone";

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
  return (
    <>
      <header class="header">
        <div class="heading">
          <strong class="title">
            <Shown text={titleOf(view)} />
          </strong>
          <span class="graph">
            <Shown text={view.graph} />
            <span class="runs-on">
              <Shown text={view.runs_on} />
            </span>
          </span>
        </div>
        <div class="state">
          <StatusChip status={statusOf(store)} />
          <Stop store={store} />
        </div>
      </header>
      <RequestOutcome store={store} action="stop" />
    </>
  );
}

export function titleOf({ questions }: View): string {
  const nodes = [...new Set(questions.map(({ node }) => node))];
  return nodes.length > 0 ? strings.titleOf(nodes.join(", ")) : strings.title;
}

/** Without a kernel nothing waits and nothing runs; an end remains an end. */
function statusOf({ view, link }: Store): Status {
  const { kind } = view.value.phase;
  const ended = kind === "finished" || kind === "failed";
  return link.value === "gone" && !ended ? "gone" : kind;
}

/** Whether a run works, as far as this page can know. */
export function isWorking(store: Store): boolean {
  return shapes[statusOf(store)] === "working";
}

function StatusChip({ status }: { status: Status }) {
  return (
    <span class={`chip chip-${status}`} role="status">
      <Icon shape={shapes[status]} />
      {strings.status[status]}
    </span>
  );
}

/** One button for both, so that it keeps the focus after the click. */
function Stop({ store }: { store: Store }) {
  const { stop, stopping } = store.view.value;
  if (!(stop || stopping) || !isWorking(store)) return null;
  return (
    <RequestButton store={store} action="stop" look="stop" off={stopping}>
      {stopping ? strings.requests.stopping : strings.requests.stop}
    </RequestButton>
  );
}
