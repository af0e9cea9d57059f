/** The keys of decisions: j and k, or arrows, move between requests; an action's letter decides. */
import type { RefObject } from "preact";
import type { Action, Request } from "../protocol";
import type { Decisions } from "./draft";

const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

export function keyed(
  root: RefObject<HTMLElement | null>,
  requests: Request[],
  decided: Decisions,
  choose: (index: number, action: Action) => void,
) {
  return (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || isTaken(event)) return;
    const current = requestOf(event.target);
    const step = STEPS[event.key];
    if (step !== undefined) move(root.current, event, current < 0 ? 0 : current + step);
    else decide(event, current < 0 ? firstOpen(decided) : current);
  };

  function decide(event: KeyboardEvent, index: number): void {
    const action = requests[index]?.actions.find(({ key }) => key !== "" && key === event.key.toLowerCase());
    if (!action) return;
    event.preventDefault(); // or the letter would be typed where the focus goes
    choose(index, action);
  }
}

function move(root: HTMLElement | null, event: KeyboardEvent, index: number): void {
  const request = root?.querySelector<HTMLElement>(`[data-request="${index}"]`);
  if (!request) return;
  event.preventDefault();
  request.focus();
}

function firstOpen(decided: Decisions): number {
  return Math.max(0, decided.indexOf(null));
}

function requestOf(target: EventTarget | null): number {
  const request = target instanceof Element ? target.closest<HTMLElement>("[data-request]") : null;
  return request ? Number(request.dataset.request) : -1;
}

/** Keys with a modifier, and those of the control that has the focus. */
function isTaken({ ctrlKey, metaKey, altKey, key, target }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || !(target instanceof Element)) return true;
  if (target.matches("textarea, select, input:not([type=radio], [type=checkbox]), [contenteditable]"))
    return true;
  return (
    key.startsWith("Arrow") &&
    target.closest("input, [role=grid], [role=tree], [role=tablist], .scroll, pre") !== null
  );
}
