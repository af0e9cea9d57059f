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
    const next = firstControl(card);
    const rest = hasEnded(view) ? (cellAround(card) ?? card) : card;
    (next ?? rest).focus({ preventScroll: next === null });
  }, [view]);
}

const CONTROLS = "input, select, textarea, button, [tabindex='0']";

/** What is filled in first, else the way to send it. */
function firstControl(card: HTMLElement): HTMLElement | null {
  const fill = card.querySelector<HTMLElement>(".fill");
  const first = fill?.querySelector<HTMLElement>(`[id="${fill.dataset.first}"]:is(${CONTROLS})`);
  return (
    first ?? fill?.querySelector<HTMLElement>(CONTROLS) ?? card.querySelector<HTMLElement>(".editor .resume")
  );
}

/** To the first flaw of an answer that was refused; focus that went elsewhere meanwhile is not taken. */
export function focusFlaw(editor: HTMLElement | null): void {
  const focused = focusedIn(editor);
  if (!editor || (focused && !editor.contains(focused))) return;
  const flawed = editor.querySelector<HTMLElement>('[aria-invalid="true"], [data-flawed]');
  flawed?.focus();
}

function hasEnded({ phase }: View): boolean {
  return phase.kind === "finished" || phase.kind === "failed";
}

/** What holds the focus in the page around the card: in JupyterLab and Notebook 7 the cell. */
function cellAround(card: HTMLElement): HTMLElement | null {
  const root = card.getRootNode();
  return root instanceof ShadowRoot ? root.host.closest<HTMLElement>("[tabindex]") : null;
}

/** What has the focus, in the same tree as an element. */
export function focusedIn(element: HTMLElement | null): Element | null {
  return (element?.getRootNode() as ShadowRoot | undefined)?.activeElement ?? null;
}

function isHeldByControl(card: HTMLElement): boolean {
  const focused = focusedIn(card);
  return focused !== null && focused !== card;
}
