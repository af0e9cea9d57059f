import type { Phase, View } from "./protocol";
import type { Store } from "./store";
import { strings } from "./strings";

type Status = Phase["kind"] | "gone";

/** Shapes on a 12 × 12 grid; each status has its own, so that colour is not all that tells. */
const shapes: Record<Status, string> = {
  starting: "M6 1.5a4.5 4.5 0 1 1-4.5 4.5",
  running: "M6 1.5a4.5 4.5 0 1 1-4.5 4.5",
  asking: "M6 3.2v3.4M6 8.8v.2M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1z",
  finished: "M2 6.5 4.8 9.2 10 3.2",
  failed: "M2.5 2.5l7 7M9.5 2.5l-7 7",
  gone: "M2 6h8M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1z",
};

export function Header({ store }: { store: Store }) {
  const view = store.view.value;
  return (
    <header class="header">
      <div class="heading">
        <strong class="title">{titleOf(view)}</strong>
        <span class="graph">
          {view.graph}
          <span class="runs-on">{view.runs_on}</span>
        </span>
      </div>
      <StatusChip status={statusOf(store)} />
    </header>
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

function StatusChip({ status }: { status: Status }) {
  return (
    <span class={`chip chip-${status}`} role="status">
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        <path d={shapes[status]} />
      </svg>
      {strings.status[status]}
    </span>
  );
}
