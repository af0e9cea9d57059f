/** Where the focus goes when the control that had it leaves the card. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { View } from "./protocol";

/**
 * After an answer: to the next open question, or, until there is one, to the card itself, so that the
 * keyboard stays here. Once the run has ended: back to the notebook's cell, so that its shortcuts work
 * again. Focus that is elsewhere is never taken.
 */
export function useFocus(root: RefObject<HTMLElement | null>, view: View): void {
  const wasInside = focusedIn(root.current) !== null; // read while the last drawing still stands

  useLayoutEffect(() => {
    const card = root.current;
    if (!card || !wasInside || isHeldByControl(card)) return;
    const next = card.querySelector<HTMLElement>(".editor textarea, .editor .resume");
    const rest = hasEnded(view) ? (cellAround(card) ?? card) : card;
    (next ?? rest).focus({ preventScroll: next === null });
  }, [view]);
}

function hasEnded({ phase }: View): boolean {
  return phase.kind === "finished" || phase.kind === "failed";
}

/** What holds the focus in the page around the card: in JupyterLab and Notebook 7 the cell. */
function cellAround(card: HTMLElement): HTMLElement | null {
  const root = card.getRootNode();
  return root instanceof ShadowRoot ? root.host.closest<HTMLElement>("[tabindex]") : null;
}

function focusedIn(card: HTMLElement | null): Element | null {
  return (card?.getRootNode() as ShadowRoot | undefined)?.activeElement ?? null;
}

function isHeldByControl(card: HTMLElement): boolean {
  const focused = focusedIn(card);
  return focused !== null && focused !== card;
}
