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

class Observer {
  static made: Observer[] = [];
  constructor(private readonly tell: (entries: unknown[]) => void) {
    Observer.made.push(this);
  }
  target: HTMLElement | null = null;
  observe(target: HTMLElement) {
    this.target = target;
  }
  disconnect() {}
  /** `seen`: how many pixels of the card, which is 200 high. */
  sees(seen: boolean | number, top = 0) {
    const target = this.target as HTMLElement;
    target.getClientRects = () => [new DOMRect(0, top, 10, 10)] as unknown as DOMRectList;
    const isIntersecting = seen !== false;
    const intersectionRect = { height: typeof seen === "number" ? seen : 200 };
    const boundingClientRect = { top, height: 200 };
    this.tell([{ target, isIntersecting, intersectionRect, boundingClientRect, rootBounds: { top: 0 } }]);
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
  Observer.made = [];
});

const line = () =>
  document.querySelector(".nbhitl-waiting")?.shadowRoot?.querySelector<HTMLElement>("button") ?? null;

test("one short cut leads to the question that waits, and to none once it is answered", async () => {
  vi.stubGlobal("IntersectionObserver", Observer);
  const { fake, root, field } = await shown();
  Observer.made[0]?.sees(true);
  expect(shortcut({ shiftKey: true })).toBe(false);
  expect(root.activeElement).toBeNull();
  expect(shortcut()).toBe(true);
  expect(root.activeElement).toBe(field());
  fake.show({ phase: { kind: "running" }, questions: [] });
  await settle();
  expect(shortcut()).toBe(false);
});

test("a card that waits below what is seen says so until it is seen, and a click leads to it", async () => {
  vi.stubGlobal("IntersectionObserver", Observer);
  const { root, field } = await shown();
  const [observer] = Observer.made;
  observer?.sees(false, 2_000);
  expect(line()?.textContent).toBe(strings.waiting.below);
  expect(root.activeElement).toBeNull(); // it takes the focus from nobody
  line()?.click();
  expect(root.activeElement).toBe(field());
  observer?.sees(true);
  expect(line()).toBeNull();
  observer?.sees(false, -2_000);
  expect(line()?.textContent).toBe(strings.waiting.above);
  endView();
  expect(line()).toBeNull();
});

test("a card of which the title alone is seen says that the question waits below", async () => {
  vi.stubGlobal("IntersectionObserver", Observer);
  await shown();
  const [observer] = Observer.made;
  observer?.sees(40, 850);
  const told = line();
  expect(told?.textContent).toBe(strings.waiting.below);
  observer?.sees(60, 830);
  expect(line()).toBe(told); // the same line: a focus on it stays
  observer?.sees(120, 770);
  expect(line()).toBeNull();
  endView();
});
