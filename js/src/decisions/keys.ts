/** The keys of decisions, without a page: the effect of a key, given the current request. */
import { letterOf } from "../keyboard";
import type { Action, Request } from "../protocol";
import { isTyped } from "../text-fields";
import type { Decisions } from "./draft";

export type Step = { kind: "move"; to: number } | { kind: "decide"; at: number; action: Action };

const STEPS = new Map([
  ["j", 1],
  ["ArrowDown", 1],
  ["k", -1],
  ["ArrowUp", -1],
]);

/** A letter decides only on the current request; without a current request, on the only request. */
export function stepOf(
  key: string,
  current: number | null,
  requests: readonly Request[],
  decided: Decisions,
): Step | null {
  const by = STEPS.get(key);
  const last = requests.length - 1;
  if (by !== undefined && last > 0) {
    const to = current === null ? (nextOpen(decided, -1) ?? 0) : Math.min(last, Math.max(0, current + by));
    return { kind: "move", to };
  }
  const at = last === 0 ? 0 : current;
  if (at === null) return null;
  const action = requests[at]?.actions.find((one) => one.key !== "" && one.key === key.toLowerCase());
  return action ? { kind: "decide", at, action } : null;
}

/** The next undecided request after `after`, starting again at the first; `null` where none is left. */
export function nextOpen(decided: Decisions, after: number): number | null {
  const order = decided.map((_, index) => (after + 1 + index) % decided.length);
  return order.find((index) => decided[index] === null) ?? null;
}

/** Actions for "the rest": actions that every request offers, with nothing to fill in. */
export function commonAction(requests: readonly Request[]): Action | undefined {
  const [first = [], ...others] = requests.map(({ actions }) => actions);
  const simple = (action: Action) => action.look === "good" && action.control === null;
  return first.find(
    (one) =>
      simple(one) &&
      others.every((actions) => actions.some((other) => other.name === one.name && simple(other))),
  );
}

/** Shift with the letter of a common action decides the rest, as the button does. */
export function isForRest(event: KeyboardEvent, action: Action | undefined): action is Action {
  return event.shiftKey && action !== undefined && action.key !== "" && letterOf(event) === action.key;
}

/** Whether a key belongs to the control that has the focus, or to the browser. */
export function isTaken(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, altKey, key, target } = event;
  if (ctrlKey || metaKey || altKey || !(target instanceof Element) || isTyped(event)) return true;
  return (
    key.startsWith("Arrow") &&
    target.closest("input, [role=grid], [role=tree], [role=tablist], .scroll, pre") !== null
  );
}

/** The request that holds an element; `null` where none does. */
export function requestOf(target: EventTarget | null): number | null {
  const request = target instanceof Element ? target.closest<HTMLElement>("[data-request]") : null;
  return request ? Number(request.dataset.request) : null;
}
