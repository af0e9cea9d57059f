/** The thread that is opened in an inbox, with the whole card; or several alike threads in a single card. */
import type { ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useContext, useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Cap } from "../cap";
import { Embedding } from "../embed";
import { focusWaiting } from "../focus";
import { CARD } from "../outputs";
import type { InboxHead, InboxRow, OpenedThread } from "../protocol";
import { Shown } from "../shown";
import * as strings from "../strings";
import { isTyping } from "../text-fields";
import { alikeTo } from "./rows";

export interface InboxState {
  head: ReadonlySignal<InboxHead>;
  rows: ReadonlySignal<readonly InboxRow[]>;
  cards: ReadonlySignal<Readonly<Record<string, OpenedThread>>>;
  /** Open a thread, alone or together with further threads in a single card. */
  open(thread: string, together: readonly string[]): void;
  /** Tell the kernel which threads are opened here. */
  shows(threads: readonly string[]): void;
}

/** The opened row, and the former place of the row; `together`: the threads that are opened in the same card. */
interface OpenedRow {
  row: InboxRow;
  at: number;
  together: readonly string[];
}

export interface Threads {
  opened: OpenedRow | null;
  /** The card of the opened row; `undefined` until the kernel has made the card. */
  card: OpenedThread | undefined;
  isAnswered: boolean;
  isOpened(row: InboxRow): boolean;
  isWaiting(row: InboxRow): boolean;
  open(row: InboxRow | undefined): void;
  next(): void;
  hasNext: boolean;
  /** The number of threads that a single card would ask together. */
  alike: number;
  canGather: boolean;
  /** Open the alike threads in a single card; or the thread alone again, with the draft. */
  gather(): void;
}

/** `found`: the rows that are shown, in their order. */
export function useOpened(state: InboxState, found: readonly InboxRow[]): Threads {
  const [opened, setOpened] = useState<OpenedRow | null>(null);
  const waiting = state.rows.value;
  const waitingIds = useMemo(() => new Set(waiting.map(({ thread }) => thread)), [waiting]);
  const inCard = opened ? [opened.row.thread, ...opened.together] : [];
  const isOpened = (row: InboxRow) => row.thread === opened?.row.thread;
  const isWaiting = (row: InboxRow) =>
    isOpened(row) ? inCard.some((thread) => waitingIds.has(thread)) : waitingIds.has(row.thread);

  const isAnswered = opened !== null && !isWaiting(opened.row);
  useEffect(() => state.shows(inCard), [state, inCard.join("\n")]);

  const open = (row: InboxRow | undefined, together: readonly string[] = []) => {
    if (!row) return setOpened(null);
    state.open(row.thread, together);
    setOpened({ row, at: found.indexOf(row), together });
  };
  const isElsewhere = ({ thread }: InboxRow) => !inCard.includes(thread);
  const rest = found.filter(isElsewhere);
  const next = () => {
    const at = found.findIndex(isOpened);
    const before = found.slice(0, at < 0 ? (opened?.at ?? 0) : at).filter(isElsewhere);
    open(rest[before.length] ?? rest[0]);
  };
  const alike = opened ? alikeTo(found, opened.row) : [];
  const gather = () => {
    if (!opened) return;
    const together = opened.together.length > 0 ? [] : alike.map(({ thread }) => thread);
    state.open(opened.row.thread, together);
    setOpened({ ...opened, together });
  };
  return {
    opened,
    card: opened ? state.cards.value[keyOf(opened)] : undefined,
    isAnswered,
    isOpened,
    isWaiting,
    open,
    next,
    hasNext: rest.length > 0,
    alike: alike.length + 1,
    canGather: !isAnswered && opened !== null && (alike.length > 0 || opened.together.length > 0),
    gather,
  };
}

/** The content below the opened row. */
export function OpenedCard({ threads, row }: { threads: Threads; row: InboxRow }) {
  const { card, opened, isAnswered, canGather, gather, next, hasNext, alike } = threads;
  const isTogether = (opened?.together.length ?? 0) > 0;
  return (
    <div class="inbox-card">
      <Answering said={isAnswered ? "" : row.answering} />
      <Opened card={card} />
      <div class="inbox-actions">
        {canGather && (
          <button type="button" class="quiet" aria-keyshortcuts="=" onClick={gather}>
            {isTogether ? strings.inbox.alone : strings.inbox.together(alike)}
            {!isTogether && <Cap>=</Cap>}
          </button>
        )}
        <button type="button" class={isAnswered ? "inbox-next primary" : "inbox-next quiet"} onClick={next}>
          {hasNext ? strings.inbox.next : strings.inbox.close}
        </button>
      </div>
    </div>
  );
}

/** Somebody else has the question open: told before anything is written, and quiet. */
function Answering({ said }: { said: string }) {
  return (
    <p class="hint inbox-answering" role="status" dir="auto">
      {said && <Shown text={strings.inbox.over(said)} />}
    </p>
  );
}

/** The kernel's name of the opened card. */
function keyOf({ row, together }: OpenedRow): string {
  return together.length > 0 ? `=${[row.thread, ...together].join("\n")}` : row.thread;
}

/** The card of the thread that is open. */
function Opened({ card }: { card: OpenedThread | undefined }) {
  const embed = useContext(Embedding);
  const here = useRef<HTMLDivElement>(null);
  const slot = useId();
  const [why, setWhy] = useState("");
  const modelId = card?.card ?? "";
  useEffect(() => {
    const ends = new AbortController();
    setWhy("");
    if (modelId) {
      const drawn = embed
        ? embed(modelId, slot, ends.signal)
        : Promise.reject(new Error(strings.widget.noPage));
      drawn
        .then(() => focusIn(hostOf(here.current), `[slot="${slot}"]`, ends.signal))
        .catch((error: unknown) => {
          if (!ends.signal.aborted) setWhy(error instanceof Error ? error.message : String(error));
        });
    }
    return () => ends.abort();
  }, [embed, modelId, slot]);
  const problem = card?.problem || why;
  if (problem) {
    return (
      <p class="problem" role="alert" dir="auto">
        <Shown text={problem} />
      </p>
    );
  }
  return <div ref={here}>{modelId ? <slot name={slot} /> : <p class="hint">{strings.inbox.opening}</p>}</div>;
}

/** Once a card is answered, Enter goes on with the next; focus that is elsewhere is never taken. */
export function useFocusOnNext(root: RefObject<HTMLElement | null>, isAnswered: boolean): void {
  const isHere = useIsHere(root);
  useEffect(() => {
    const host = hostOf(root.current);
    if (!isAnswered || !host) return;
    if (isTyping()) return;
    if (host.contains(document.activeElement) || (isFocusLost() && isHere.current))
      root.current?.querySelector<HTMLElement>(".inbox-next")?.focus();
  }, [root, isAnswered, isHere]);
}

/**
 * Whether the person was here last: a control that had the focus and is gone leaves the focus to the page, which is no
 * sign that the person went elsewhere.
 */
function useIsHere(root: RefObject<HTMLElement | null>): RefObject<boolean> {
  const isHere = useRef(false);
  useEffect(() => {
    const ends = new AbortController();
    const look = (event: Event) => {
      const host = hostOf(root.current);
      isHere.current = host !== null && event.composedPath().includes(host);
    };
    for (const name of ["focusin", "pointerdown"])
      document.addEventListener(name, look, { capture: true, signal: ends.signal });
    return () => ends.abort();
  }, [root]);
  return isHere;
}

function hostOf(element: HTMLElement | null): HTMLElement | null {
  const shadow = element?.getRootNode();
  return shadow instanceof ShadowRoot && shadow.host instanceof HTMLElement ? shadow.host : null;
}

/** Bring the focus into a card as soon as the card is drawn, unless the person has gone elsewhere or types by then. */
export function focusIn(host: HTMLElement | null, place: string, ends: AbortSignal, frames = 120): void {
  const within = host?.querySelector(`${place} .${CARD}`)?.shadowRoot;
  const card = within?.querySelector<HTMLElement>(".card");
  if (ends.aborted || frames === 0) return;
  if (!card?.querySelector(".fill")) requestAnimationFrame(() => focusIn(host, place, ends, frames - 1));
  else if (!isTyping() && (isFocusLost() || host?.contains(document.activeElement))) focusWaiting(card);
}

function isFocusLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
