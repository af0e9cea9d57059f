/** The new place of the focus when the focused control leaves the card. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { View } from "./protocol";

/**
 * After an answer: the next open question or, until there is a question, the card itself, so that the
 * keyboard stays here. Once the run has ended: the cell of the notebook, so that the shortcuts of the
 * notebook work again. Focus outside the card is never taken.
 */
export function useFocus(root: RefObject<HTMLElement | null>, view: View): void {
  const wasInside = focusedIn(root.current) !== null; // read while the last drawing still stands

  useLayoutEffect(() => {
    const card = root.current;
    if (!card || !wasInside || isHeldByControl(card)) return;
    const next = firstControl(card);
    const rest = hasEnded(view) ? (cellAround(card) ?? card) : card;
    (next ?? rest).focus({ preventScroll: true });
    if (next) bringIntoView(next.closest(".question") ?? next);
  }, [view]);
}

/** Scroll just enough to show the whole element; the start, where the element is too tall. */
function bringIntoView(element: Element): void {
  const isTall = element.getBoundingClientRect().height > window.innerHeight;
  element.scrollIntoView?.({ block: isTall ? "start" : "nearest" });
}

const CONTROLS = "input, select, textarea, button, [tabindex='0']";

/** Bring the focus to the question that waits; the card itself where no question waits. */
export function focusWaiting(card: HTMLElement | null): void {
  if (!card) return;
  const next = firstControl(card) ?? card;
  next.focus({ preventScroll: true });
  bringIntoView(card.getBoundingClientRect().height > window.innerHeight ? next : card);
}

/** Whether a click is meant for nothing in particular: neither a control nor a text that is being selected. */
export function isAside(event: MouseEvent): boolean {
  const target = event.target;
  if (!(target instanceof Element) || event.detail > 1 || isSelected(target)) return false;
  return target.closest(`${CONTROLS}, summary, label, a, [data-keys], [contenteditable], slot`) === null;
}

/** Whether a text of the card is selected: Chromium calls a selection within a shadow root collapsed. */
function isSelected(target: Element): boolean {
  const root: { getSelection?(): Selection | null } = target.getRootNode() as never;
  return [root.getSelection?.(), document.getSelection()].some((selection) => selection?.toString());
}

/**
 * The group that handles the keys, where letters or digits decide, and not a button, which Enter would press;
 * otherwise the first input, or the button that sends.
 */
function firstControl(card: HTMLElement): HTMLElement | null {
  const fill = card.querySelector<HTMLElement>(".fill");
  const open = fill?.querySelector<HTMLElement>("[data-keys]:not(.decided)");
  const keys = open ?? fill?.querySelector<HTMLElement>("[data-keys]");
  if (keys) return keys;
  const first = fill?.querySelector<HTMLElement>(`[id="${fill.dataset.first}"]:is(${CONTROLS})`);
  return (
    first ?? fill?.querySelector<HTMLElement>(CONTROLS) ?? card.querySelector<HTMLElement>(".editor .resume")
  );
}

/** Focus the first flaw of an answer that was refused, unless the focus went elsewhere meanwhile. */
export function focusFlaw(editor: HTMLElement | null): void {
  const focused = focusedIn(editor);
  if (!editor || isOutside(editor) || (focused && !editor.contains(focused))) return;
  const flawed = editor.querySelector<HTMLElement>('[aria-invalid="true"], [data-flawed]');
  flawed?.focus();
}

function hasEnded({ phase }: View): boolean {
  return phase.kind === "finished" || phase.kind === "failed";
}

/** The element that holds the focus around the card: the cell in JupyterLab and Notebook 7, the inbox in an inbox. */
function cellAround(card: HTMLElement): HTMLElement | null {
  const root = card.getRootNode();
  return root instanceof ShadowRoot ? root.host.closest<HTMLElement>("[tabindex]") : null;
}

/** The focused element in the same tree as `element`. */
export function focusedIn(element: HTMLElement | null): Element | null {
  return (element?.getRootNode() as ShadowRoot | undefined)?.activeElement ?? null;
}

/** Whether the focus is elsewhere in the page: in a cell, for example. */
function isOutside(element: HTMLElement): boolean {
  const root = element.getRootNode();
  const focused = document.activeElement;
  if (!(root instanceof ShadowRoot) || focused === null || focused === document.body) return false;
  return focused !== root.host && !focused.contains(root.host);
}

function isHeldByControl(card: HTMLElement): boolean {
  const focused = focusedIn(card);
  return focused !== null && focused !== card;
}
