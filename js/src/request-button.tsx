/** The button of a request without any data, and the outcome of the request. */
import type { ComponentChildren } from "preact";
import type { Action } from "./requests";
import { Shown } from "./shown";
import type { Store } from "./store";
import * as strings from "./strings";

interface Props {
  store: Store;
  action: Action;
  look: "stop" | "quiet";
  off?: boolean;
  describedBy?: string;
  children: ComponentChildren;
}

/** `aria-disabled`, not `disabled`: a disabled button would drop the focus. */
export function RequestButton({ store, action, look, off = false, describedBy, children }: Props) {
  const sending = store.requests.value[action] === "sending";
  const disabled = off || sending || store.link.value === "gone";
  return (
    <button
      type="button"
      class={`${look} request-${action}`}
      aria-disabled={disabled}
      aria-busy={sending}
      aria-describedby={describedBy}
      onClick={() => disabled || store.request(action)}
    >
      {children}
    </button>
  );
}

export function RequestOutcome({ store, action }: { store: Store; action: Action }) {
  const state = store.requests.value[action];
  return (
    <>
      <p class="request-note" role="status">
        {state === "unconfirmed" ? strings.requests.unconfirmed : ""}
      </p>
      {typeof state === "object" && (
        <p class="problem" role="alert" dir="auto">
          <Shown text={state.message} />
        </p>
      )}
    </>
  );
}
