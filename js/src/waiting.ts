/**
 * The cards of this page that wait for a person: a shortcut leads to the next card, and a line tells where a
 * card waits out of sight.
 */
import { effect, type ReadonlySignal } from "@preact/signals";
import { letterOf } from "./keyboard";
import * as strings from "./strings";
import notice from "./style/notice.css?inline";
import { placeAway } from "./windowed";

interface Card {
  /** Bring the card into view, and focus the question. */
  go(): void;
  /** Look again where the card is. */
  look(): void;
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
  /** Have the notebook put the card back into the page. */
  bring: () => Promise<void> = async () => {},
): void {
  const end = effect(() => {
    if (!waits.value) return;
    const card: Card = {
      go: () => void (placeAway(host) === null ? go() : bring().then(go)),
      look: () => observer?.look(),
      place: "seen",
    };
    const observer = observe(host, (place) => {
      card.place = place;
      draw();
    });
    if (cards.size === 0) listenToPage(true);
    cards.set(host, card);
    return () => {
      observer?.disconnect();
      cards.delete(host);
      if (cards.size === 0) listenToPage(false);
      draw();
    };
  });
  signal.addEventListener("abort", end);
}

function listenToPage(listens: boolean): void {
  const change = listens ? "addEventListener" : "removeEventListener";
  window[change]("keydown", onKeyDown as EventListener, { capture: true });
  window[change]("scroll", onScroll, { capture: true });
}

const SCROLLED_MS = 150;
let scrolled: ReturnType<typeof setTimeout> | undefined;

/** No observer hears that a cell leaves the page, or comes back, without having been in sight in between. */
function onScroll(): void {
  clearTimeout(scrolled);
  scrolled = setTimeout(() => {
    for (const card of cards.values()) card.look();
  }, SCROLLED_MS);
}

function observe(host: HTMLElement, tell: (place: Place) => void) {
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
  let away = placeAway(host);
  return {
    disconnect: () => observer.disconnect(),
    look() {
      const before = away;
      away = placeAway(host);
      if (away === before) return;
      observer.unobserve(host);
      observer.observe(host); // which tells at once
    },
  };
}

/** Pixels of a card that must be seen: fewer show only a border, or a title without the buttons. */
const ENOUGH = 72;
/** The shares of a card at which the browser looks again; a small share of a long card is enough. */
const STEPS = [0.002, 0.005, 0.01, 0.02, ...Array.from({ length: 21 }, (_, step) => step / 20)];

/** A card in a notebook behind another tab is neither above nor below. */
function placeOf(entry: IntersectionObserverEntry): Place {
  const { target, boundingClientRect, intersectionRect, isIntersecting, rootBounds } = entry;
  const away = placeAway(target);
  if (away !== null) return away;
  if (target.getClientRects().length === 0) return "hidden";
  const enough = Math.min(ENOUGH, boundingClientRect.height - 1);
  if (isIntersecting && intersectionRect.height >= enough) return "seen";
  // The area that scrolls begins below toolbars of the page, of which only the seen part tells.
  const edge = isIntersecting ? intersectionRect.top : (rootBounds?.top ?? 0);
  return boundingClientRect.top < edge ? "above" : "below";
}

function onKeyDown(event: KeyboardEvent): void {
  if (!isShortcut(event)) return;
  const hosts = [...cards.keys()].sort(inOrder).filter(isInNotebook);
  const focused = document.activeElement;
  const next = hosts.find((host) => focused === null || isAfter(host, focused)) ?? hosts[0];
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  cards.get(next)?.go();
}

/** Whether a card is in the notebook in front, in sight or not. */
function isInNotebook(host: HTMLElement): boolean {
  return host.getClientRects().length > 0 || placeAway(host) !== null;
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
