/** Requests without data: stop, ask again, send now, retry, fetch. */
import { type ReadonlySignal, signal as reactive } from "@preact/signals";
import type { Channel } from "./channel";
import type { Done, Problem, RefusedMessage, View } from "./protocol";

export type Action = "stop" | "ask_again" | "send_now" | "retry" | "fetch";

/** The state of a request; a request that succeeded leaves nothing, because the view shows the effect. */
export type Progressing = "sending" | "unconfirmed" | Problem;

type States = Partial<Record<Action, Progressing>>;

export interface Requests {
  states: ReadonlySignal<States>;
  send(action: Action): void;
  /** Forget refusals of an earlier phase. */
  update(before: View, next: View): void;
}

export function createRequests(channel: Channel, view: ReadonlySignal<View>): Requests {
  const states = reactive<States>({});

  function put(action: Action, state: Progressing | undefined): void {
    const { [action]: _, ...rest } = states.value;
    states.value = state === undefined ? rest : { ...rest, [action]: state };
  }

  function settle(action: Action, message: Done | RefusedMessage): void {
    const refused = message.kind === "refused" && !(action === "stop" && !view.value.stop); // ended anyway
    put(action, refused ? message.problem : undefined);
  }

  function send(action: Action): void {
    if (states.value[action] === "sending") return;
    put(action, "sending");
    const { reply, inTime } = channel.ask({ kind: action });
    void inTime.then((ok) => ok || (states.value[action] === "sending" && put(action, "unconfirmed")));
    void reply.then((message) => settle(action, message));
  }

  function update(before: View, next: View): void {
    if (before.phase.kind === next.phase.kind) return;
    const kept = Object.entries(states.value).filter(([_, state]) => state === "sending");
    states.value = Object.fromEntries(kept);
  }

  return { states, send, update };
}
