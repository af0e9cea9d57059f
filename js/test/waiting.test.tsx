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
  sees(isIntersecting: boolean, top = 0) {
    const target = this.target as HTMLElement;
    target.getClientRects = () => [new DOMRect(0, top, 10, 10)] as unknown as DOMRectList;
    this.tell([{ target, isIntersecting, boundingClientRect: { top }, rootBounds: { top: 0 } }]);
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
