import { afterEach, expect, test, vi } from "vitest";
import * as strings from "../src/strings";
import { endView, settle, shown } from "./page";

const shortcut = (init: KeyboardEventInit = {}) => {
  const event = new KeyboardEvent("keydown", {
    code: "KeyQ",
    key: "q",
    altKey: true,
    cancelable: true,
    ...init,
  });
  window.dispatchEvent(event);
  return event.defaultPrevented;
};

/** Of the page, the part from `TOP` on is seen, 800 pixels high: above are the toolbars. */
const TOP = 60;
const BOTTOM = 860;

/** An observer that tells as browsers do: at first, and when a requested share is passed. */
class Observer {
  static made: Observer[] = [];
  private readonly shares: readonly number[];
  private told = -1;
  constructor(
    private readonly tell: (entries: unknown[]) => void,
    { threshold = [0] }: { threshold?: number[] } = {},
  ) {
    this.shares = threshold;
    Observer.made.push(this);
  }
  target: HTMLElement | null = null;
  observe(target: HTMLElement) {
    this.target = target;
  }
  disconnect() {}
  unobserve() {}
  /** The card, `height` pixels high, begins at `top` of the page. A script gets the window as bounds. */
  scrolls(top: number, height = 200) {
    const target = this.target as HTMLElement;
    target.getClientRects = () => [new DOMRect(0, top, 10, 10)] as unknown as DOMRectList;
    const from = Math.max(top, TOP);
    const seen = Math.max(0, Math.min(top + height, BOTTOM) - from);
    const isIntersecting = seen > 0;
    const passed = isIntersecting ? this.shares.filter((share) => seen / height >= share).length : 0;
    if (passed === this.told) return;
    this.told = passed;
    const intersectionRect = isIntersecting ? { top: from, height: seen } : { top: 0, height: 0 };
    const boundingClientRect = { top, height };
    const rootBounds = { top: 0 };
    this.tell([{ target, isIntersecting, intersectionRect, boundingClientRect, rootBounds }]);
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
  Observer.made = [];
});

const line = () =>
  document.querySelector(".nbhitl-waiting")?.shadowRoot?.querySelector<HTMLElement>("button") ?? null;

test("the shortcut leads to the question that waits, and nowhere after the answer", async () => {
  vi.stubGlobal("IntersectionObserver", Observer);
  const { fake, root, field } = await shown();
  Observer.made[0]?.scrolls(100);
  expect(shortcut({ shiftKey: true })).toBe(false);
  expect(root.activeElement).toBeNull();
  expect(shortcut()).toBe(true);
  expect(root.activeElement).toBe(field());
  fake.show({ phase: { kind: "running" }, questions: [] });
  await settle();
  expect(shortcut()).toBe(false);
});

test.each([
  ["on a French keyboard", { key: "q", code: "KeyA" }, true],
  ["on a Cyrillic keyboard", { key: "й", code: "KeyQ" }, true],
  ["with Option on a Mac", { key: "œ", code: "KeyQ" }, true],
  ["but not with the key in the place of Q", { key: "a", code: "KeyQ" }, false],
])("the shortcut leads to the question %s", async (_, init, leads) => {
  vi.stubGlobal("IntersectionObserver", Observer);
  await shown();
  Observer.made[0]?.scrolls(100);
  expect(shortcut(init)).toBe(leads);
  endView();
});

test("a waiting card out of sight is told by a line until the card is in sight, and a click leads to the card", async () => {
  vi.stubGlobal("IntersectionObserver", Observer);
  const { root, field } = await shown();
  const [observer] = Observer.made;
  observer?.scrolls(2_000);
  expect(line()?.textContent).toBe(strings.waiting.below);
  expect(root.activeElement).toBeNull(); // the line takes the focus from nobody
  line()?.click();
  expect(root.activeElement).toBe(field());
  observer?.scrolls(100);
  expect(line()).toBeNull();
  observer?.scrolls(-2_000);
  expect(line()?.textContent).toBe(strings.waiting.above);
  endView();
  expect(line()).toBeNull();
});

test("a card of which the title alone is seen says that the question waits below", async () => {
  vi.stubGlobal("IntersectionObserver", Observer);
  await shown();
  const [observer] = Observer.made;
  observer?.scrolls(BOTTOM - 40);
  const told = line();
  expect(told?.textContent).toBe(strings.waiting.below);
  observer?.scrolls(BOTTOM - 60);
  expect(line()).toBe(told); // the same line, so that a focus on the line stays
  observer?.scrolls(BOTTOM - 120);
  expect(line()).toBeNull();
  endView();
});

test("a card of which the end alone is seen below the toolbars waits above", async () => {
  vi.stubGlobal("IntersectionObserver", Observer);
  await shown();
  Observer.made[0]?.scrolls(10, 80);
  expect(line()?.textContent).toBe(strings.waiting.above);
  endView();
});

test.each([4_000, 40_000])(
  "a card of %i pixels counts as seen as soon as enough of the card is in sight",
  async (height) => {
    vi.stubGlobal("IntersectionObserver", Observer);
    await shown();
    const [observer] = Observer.made;
    for (let top = BOTTOM + 10; top > BOTTOM - 200; top -= 10) observer?.scrolls(top, height);
    expect(line()).toBeNull();
    endView();
  },
);

/** A notebook that takes cells out of the page: three cells, of which the second has the card. */
function windowed(el: HTMLElement) {
  const cells = [0, 1, 2].map((index) => {
    const cell = document.createElement("div");
    cell.dataset.windowedListIndex = `${index}`;
    document.body.append(cell);
    return cell;
  });
  cells[1]?.append(el);
  const show = (...seen: number[]) => {
    for (const [index, cell] of cells.entries())
      cell.getClientRects = () => (seen.includes(index) ? [new DOMRect()] : []) as unknown as DOMRectList;
  };
  return { cells: cells as unknown as [HTMLElement, HTMLElement, HTMLElement], show };
}

test("a card whose cell the notebook has taken out of the page is told, and a scroll changes the side", async () => {
  vi.stubGlobal("IntersectionObserver", Observer);
  const { el, root, field } = await shown();
  const { cells, show } = windowed(el);
  const host = el.firstElementChild as HTMLElement;
  const observer = Observer.made[0] as Observer;
  observer.observe = (target) => {
    observer.target = target;
    tellAway();
  };
  const tellAway = () => (observer as unknown as { tell(entries: unknown[]): void }).tell([awayEntry(host)]);
  show(0);
  window.dispatchEvent(new Event("scroll"));
  await vi.advanceTimersByTimeAsync(200);
  expect(line()?.textContent).toBe(strings.waiting.below);
  show(2);
  window.dispatchEvent(new Event("scroll"));
  await vi.advanceTimersByTimeAsync(200);
  expect(line()?.textContent).toBe(strings.waiting.above);
  show(1, 2);
  cells[1].style.opacity = "0"; // the active cell stays in the page, of no height
  expect(shortcut()).toBe(true);
  cells[1].style.opacity = "";
  await vi.advanceTimersByTimeAsync(2_000);
  expect(root.activeElement).toBe(field());
  endView();
});

function awayEntry(target: HTMLElement) {
  const nothing = { top: 0, height: 0 };
  return {
    target,
    isIntersecting: false,
    intersectionRect: nothing,
    boundingClientRect: nothing,
    rootBounds: null,
  };
}
