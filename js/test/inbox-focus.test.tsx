/** The focus of a page with an inbox comes into the opened card, and is never taken from somebody who types. */
import { render } from "preact";
import { useRef } from "preact/hooks";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { focusIn, useFocusOnNext } from "../src/inbox/opened";
import { CARD } from "../src/outputs";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

function inShadow(host: HTMLElement, html: string): ShadowRoot {
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = html;
  return root;
}

/** A page with a field outside of the inbox, and an inbox with a search and the place of a card. */
function page() {
  document.body.innerHTML = '<textarea></textarea><div class="host"><div slot="place"></div></div>';
  const host = document.querySelector(".host") as HTMLElement;
  const root = inShadow(
    host,
    '<input type="search"><button class="inbox-row"></button><slot name="place"></slot>',
  );
  const place = document.querySelector("[slot]") as HTMLElement;
  const draw = () => {
    const card = document.createElement("div");
    card.className = CARD;
    const drawn = inShadow(
      card,
      '<section class="card"><div class="fill" data-first="f"><textarea id="f"></textarea></div></section>',
    );
    place.append(card);
    return drawn.querySelector("textarea") as HTMLElement;
  };
  const outside = document.querySelector("textarea") as HTMLElement;
  const one = (selector: string) => root.querySelector(selector) as HTMLElement;
  return { host, draw, outside, search: one("input"), row: one("button") };
}

const PLACE = '[slot="place"]';
const drawnSoon = () => vi.advanceTimersByTimeAsync(500);
const innermost = () => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused;
};

test("a card that is opened by a row gets the focus when drawn", async () => {
  const { host, draw, row } = page();
  row.focus();
  focusIn(host, PLACE, new AbortController().signal);
  await drawnSoon();
  expect(innermost()).toBe(row);
  const field = draw();
  await drawnSoon();
  expect(innermost()).toBe(field);
});

test.each(["search", "outside"] as const)(
  "a card that is drawn late leaves the focus to somebody who types: %s",
  async (where) => {
    const { host, draw, row, ...fields } = page();
    row.focus();
    focusIn(host, PLACE, new AbortController().signal);
    await drawnSoon();
    fields[where].focus();
    draw();
    await drawnSoon();
    expect(innermost()).toBe(fields[where]);
  },
);

test("a card that is closed before the first drawing takes no focus", async () => {
  const { host, draw, row } = page();
  const ends = new AbortController();
  row.focus();
  focusIn(host, PLACE, ends.signal);
  ends.abort();
  draw();
  await drawnSoon();
  expect(innermost()).toBe(row);
});

/** An inbox with a search, a row, and the button that goes on with the next thread. */
function Answered({ isAnswered }: { isAnswered: boolean }) {
  const root = useRef<HTMLElement>(null);
  useFocusOnNext(root, isAnswered);
  return (
    <section ref={root}>
      <input type="search" />
      <button type="button" class="inbox-row" />
      <button type="button" class="inbox-next" />
    </section>
  );
}

function answered() {
  document.body.innerHTML = '<textarea></textarea><div class="host"></div>';
  const host = document.querySelector(".host") as HTMLElement;
  const root = inShadow(host, "");
  const draw = (isAnswered: boolean) =>
    act(() => render(<Answered isAnswered={isAnswered} />, root as unknown as Element));
  return { draw, one: (selector: string) => root.querySelector(selector) as HTMLElement };
}

test.each([
  [".inbox-row", ".inbox-next"],
  ["input", "input"],
])("of an answered card with the focus at %s, the focus is then at %s", async (before, after) => {
  const { draw, one } = answered();
  await draw(false);
  one(before).focus();
  await draw(true);
  expect(innermost()).toBe(one(after));
});

test("an answered card leaves the focus to somebody who types outside of the inbox", async () => {
  const { draw } = answered();
  await draw(false);
  const outside = document.querySelector("textarea") as HTMLElement;
  outside.focus();
  await draw(true);
  expect(innermost()).toBe(outside);
});
