/**
 * The cards of this page that wait for a person: a shortcut leads to the next card, and a line tells where a
 * card waits out of sight.
 */
import { effect, type ReadonlySignal } from "@preact/signals";
import { letterOf } from "./keyboard";
import * as strings from "./strings";
import notice from "./style/notice.css?inline";

interface Card {
  /** Bring the card into view, and focus the question. */
  go(): void;
  place: Place;
}

type Place = "seen" | "above" | "below" | "hidden";

const cards = new Map<HTMLElement, Card>();

export const SHORTCUT = "Alt+Q";

function isShortcut(event: KeyboardEvent): boolean {
  const { altKey, ctrlKey, metaKey, shiftKey } = event;
  return letterOf(event) === "q" && altKey && !(ctrlKey || metaKey || shiftKey);
}

/** Count a card among the waiting cards, as long as the card waits. */
export function tellWaiting(
  host: HTMLElement,
  waits: ReadonlySignal<boolean>,
  go: () => void,
  signal: AbortSignal,
): void {
  const end = effect(() => {
    if (!waits.value) return;
    const card: Card = { go, place: "seen" };
    const look = observe(host, (place) => {
      card.place = place;
      draw();
    });
    if (cards.size === 0) window.addEventListener("keydown", onKeyDown, { capture: true });
    cards.set(host, card);
    return () => {
      look?.disconnect();
      cards.delete(host);
      if (cards.size === 0) window.removeEventListener("keydown", onKeyDown, { capture: true });
      draw();
    };
  });
  signal.addEventListener("abort", end);
}

function observe(host: HTMLElement, tell: (place: Place) => void): IntersectionObserver | null {
  if (!("IntersectionObserver" in globalThis)) return null;
  let told: Place | null = null;
  const look = (entries: IntersectionObserverEntry[]) => {
    const last = entries.at(-1);
    const place = last ? placeOf(last) : told;
    if (place !== null && place !== told) tell(place);
    told = place;
  };
  const observer = new IntersectionObserver(look, { threshold: STEPS });
  observer.observe(host);
  return observer;
}

/** Pixels of a card that must be seen: fewer show only a border, or a title without the buttons. */
const ENOUGH = 72;
/** The shares of a card at which the browser looks again; a small share of a long card is enough. */
const STEPS = [0.002, 0.005, 0.01, 0.02, ...Array.from({ length: 21 }, (_, step) => step / 20)];

/** A card in a notebook behind another tab is neither above nor below. */
function placeOf(entry: IntersectionObserverEntry): Place {
  const { target, boundingClientRect, intersectionRect, isIntersecting, rootBounds } = entry;
  if (target.getClientRects().length === 0) return "hidden";
  const enough = Math.min(ENOUGH, boundingClientRect.height - 1);
  if (isIntersecting && intersectionRect.height >= enough) return "seen";
  // The area that scrolls begins below toolbars of the page, of which only the seen part tells.
  const edge = isIntersecting ? intersectionRect.top : (rootBounds?.top ?? 0);
  return boundingClientRect.top < edge ? "above" : "below";
}

function onKeyDown(event: KeyboardEvent): void {
  if (!isShortcut(event)) return;
  const hosts = [...cards.keys()].sort(inOrder).filter((host) => host.getClientRects().length > 0);
  const focused = document.activeElement;
  const next = hosts.find((host) => focused === null || isAfter(host, focused)) ?? hosts[0];
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  cards.get(next)?.go();
}

function inOrder(one: Node, other: Node): number {
  return isAfter(other, one) ? -1 : 1;
}

function isAfter(one: Node, other: Node): boolean {
  return (
    (other.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0 && !other.contains(one)
  );
}

let shown: HTMLElement | null = null;

/** Where a waiting card is in sight, no line is needed. */
function draw(): void {
  const all = [...cards.values()];
  const unseen = all.find(({ place }) => place === "below") ?? all.find(({ place }) => place === "above");
  const isSaid = unseen !== undefined && all.every(({ place }) => place !== "seen");
  shown?.remove();
  shown = isSaid ? lineFor(unseen) : null;
  if (shown) document.body.append(shown);
}

function lineFor({ place, go }: Card): HTMLElement {
  const host = document.createElement("div");
  host.className = "nbhitl-waiting";
  const root = host.attachShadow({ mode: "open" });
  const style = document.createElement("style");
  style.textContent = notice;
  const button = document.createElement("button");
  button.textContent = place === "above" ? strings.waiting.above : strings.waiting.below;
  button.title = SHORTCUT;
  button.addEventListener("click", go);
  root.append(style, button);
  return host;
}
