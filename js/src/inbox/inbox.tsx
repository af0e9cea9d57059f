/** The inbox: every thread that waits for a person; the opened thread shows the whole card in place. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { latinKey } from "../keyboard";
import type { InboxHead, InboxRow } from "../protocol";
import { Shown, shownText } from "../shown";
import * as strings from "../strings";
import { isTextField } from "../text-fields";
import { type InboxState, OpenedCard, useFocusOnNext, useOpened } from "./opened";
import { age, KEPT, type Kept, kept, ORDERS, type Order, search, sorted, valuesOf, withOpened } from "./rows";

/** Rows that are drawn; a search finds the others. */
export const DRAWN = 300;

const TICK_MS = 30_000;

export function Inbox({ state }: { state: InboxState }) {
  const [words, setWords] = useState("");
  const [order, setOrder] = useState<Order>("newest");
  const [chosen, choose] = useState<Chosen>({});
  const root = useRef<HTMLElement>(null);
  const now = useNow();
  const head = state.head.value;
  const waiting = state.rows.value;
  const found = useMemo(
    () => sorted(kept(search(waiting, words), chosen), order),
    [waiting, words, chosen, order],
  );
  const threads = useOpened(state, found);
  const { opened, isOpened, isWaiting, open, next, gather } = threads;
  const shown = withOpened(found, opened?.row ?? null, opened?.at ?? 0).slice(0, DRAWN);
  useFocusOnNext(root, threads.isAnswered);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !isFree(event, threads.isAnswered)) return;
    const key = latinKey(event);
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
    if (step) move(root.current, step);
    else if (key === "n") next();
    else if (key === "=" && threads.canGather) gather();
    else if (key === "/") root.current?.querySelector<HTMLElement>("input")?.focus();
    else if (key === "Escape" && opened) open(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section ref={root} class="inbox" aria-label={strings.inbox.title} onKeyDown={onKeyDown}>
      <Head {...{ head, words, order }} count={waiting.length} onWords={setWords} onOrder={setOrder}>
        <Filters rows={waiting} chosen={chosen} onChoose={choose} />
      </Head>
      {head.problem && (
        <p class="problem" role="alert" dir="auto">
          <Shown text={head.problem} />
        </p>
      )}
      <ul class="inbox-rows">
        {shown.map((row) => (
          <li key={row.thread} class={isWaiting(row) ? "inbox-row" : "inbox-row gone"}>
            <RowButton
              row={row}
              now={now}
              isOpen={isOpened(row)}
              isWaiting={isWaiting(row)}
              onClick={() => open(isOpened(row) ? undefined : row)}
            />
            {isOpened(row) && <OpenedCard threads={threads} row={row} />}
          </li>
        ))}
      </ul>
      {head.is_read && shown.length === 0 && (
        <p class="hint">{waiting.length > 0 ? strings.inbox.nothingFound : strings.inbox.nothingWaits}</p>
      )}
      {found.length > DRAWN && <p class="hint">{strings.inbox.more(found.length - DRAWN)}</p>}
      <p class="hint inbox-keys">{strings.inbox.keys}</p>
    </section>
  );
}

interface HeadProps {
  head: InboxHead;
  count: number;
  words: string;
  order: Order;
  /** The filters. */
  children: ComponentChildren;
  onWords(words: string): void;
  onOrder(order: Order): void;
}

function Head({ head, count, words, order, children, onWords, onOrder }: HeadProps) {
  return (
    <header class="inbox-head">
      <h2>{strings.inbox.title}</h2>
      <span class="graph" dir="auto">
        <Shown text={head.title} />
      </span>
      <span class="inbox-count" role="status">
        {head.is_read ? strings.inbox.count(count) : strings.inbox.reading}
      </span>
      <input
        type="search"
        aria-label={strings.inbox.search}
        placeholder={strings.inbox.search}
        value={words}
        onInput={(event) => onWords(event.currentTarget.value)}
      />
      {children}
      <select
        aria-label={strings.inbox.sort}
        value={order}
        onChange={(event) => onOrder(event.currentTarget.value as Order)}
      >
        {ORDERS.map((each) => (
          <option key={each} value={each}>
            {strings.inbox.orders[each]}
          </option>
        ))}
      </select>
    </header>
  );
}

type Chosen = Partial<Record<Kept, string>>;

interface FiltersProps {
  rows: readonly InboxRow[];
  chosen: Chosen;
  onChoose(chosen: Chosen): void;
}

function Filters({ rows, chosen, onChoose }: FiltersProps) {
  return (
    <>
      {KEPT.map((by) => (
        <Filter
          key={by}
          by={by}
          values={valuesOf(rows, by)}
          chosen={chosen[by] ?? ""}
          onChoose={(value) => onChoose({ ...chosen, [by]: value })}
        />
      ))}
    </>
  );
}

interface FilterProps {
  by: Kept;
  values: readonly string[];
  chosen: string;
  onChoose(value: string): void;
}

/** Keeps the rows of a single tool, node or assistant; left out where there is nothing to choose. */
function Filter({ by, values, chosen, onChoose }: FilterProps) {
  if (values.length < 2 && !chosen) return null;
  const all = values.includes(chosen) || !chosen ? values : [...values, chosen];
  return (
    <select
      class="inbox-filter"
      aria-label={strings.inbox.filter[by]}
      value={chosen}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      <option value="">{strings.inbox.filter[by]}</option>
      {all.map((value) => (
        <option key={value} value={value}>
          {shownText(value)}
        </option>
      ))}
    </select>
  );
}

interface RowProps {
  row: InboxRow;
  now: number;
  isOpen: boolean;
  isWaiting: boolean;
  onClick(): void;
}

function RowButton({ row, now, isOpen, isWaiting, onClick }: RowProps) {
  return (
    <button type="button" class="inbox-open" aria-expanded={isOpen} onClick={onClick}>
      <span class="inbox-asked" dir="auto">
        <Shown text={row.asked} />
      </span>
      <span class="inbox-facts">
        {!isWaiting && <span class="chip">{strings.inbox.gone}</span>}
        {row.answering && isWaiting && (
          <span class="inbox-somebody">
            <Shown text={row.answering} />
          </span>
        )}
        {row.failed && (
          <span class="chip inbox-failed" title={row.failed}>
            {strings.inbox.failed}
          </span>
        )}
        {row.tool && (
          <span class="chip">
            <Shown text={row.tool} />
          </span>
        )}
        {row.node && <Shown text={row.node} />}
        <time dateTime={row.since}>{age(row.since, now)}</time>
      </span>
    </button>
  );
}

/** Keys that are typed into a text, or into a card that waits, are not for the list. */
function isFree(event: KeyboardEvent, isAnswered: boolean): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement) || isTextField(target)) return false;
  return isAnswered || target.closest(".inbox") !== null;
}

function move(root: HTMLElement | null, step: number): void {
  const buttons = [...(root?.querySelectorAll<HTMLElement>(".inbox-open") ?? [])];
  const focused = (root?.getRootNode() as ShadowRoot | Document | undefined)?.activeElement;
  const at = focused instanceof HTMLElement ? buttons.indexOf(focused) : -1;
  const to =
    buttons[
      at < 0 ? (step > 0 ? 0 : buttons.length - 1) : Math.min(Math.max(at + step, 0), buttons.length - 1)
    ];
  to?.focus();
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
