import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as strings from "../src/strings";
import { fakeModel, question, welcoming } from "./fake";
import { endView, settle, show, shown } from "./page";

class FakeNotification {
  static permission: NotificationPermission = "default";
  static answer: NotificationPermission = "granted";
  static made: FakeNotification[] = [];
  static async requestPermission() {
    FakeNotification.permission = FakeNotification.answer;
    return FakeNotification.permission;
  }
  onclick: () => void = () => {};
  closed = false;
  constructor(
    readonly title: string,
    readonly options: NotificationOptions,
  ) {
    FakeNotification.made.push(this);
  }
  close() {
    this.closed = true;
  }
}

class FakeAudio {
  static played = 0;
  currentTime = 0;
  destination = {};
  createGain() {
    return { gain: { value: 1 }, connect: () => {} };
  }
  createOscillator() {
    FakeAudio.played += 1;
    return { frequency: { value: 0 }, connect: () => {}, start: () => {}, stop: () => {}, onended: () => {} };
  }
}

let isInFront = true;
const look = (at: boolean) => {
  isInFront = at;
  window.dispatchEvent(new Event(at ? "focus" : "blur"));
};

beforeEach(() => {
  isInFront = true;
  vi.spyOn(document, "hasFocus").mockImplementation(() => isInFront);
  vi.stubGlobal("Notification", FakeNotification);
  vi.stubGlobal("AudioContext", FakeAudio);
  Object.assign(FakeNotification, { permission: "default", answer: "granted", made: [] });
  FakeAudio.played = 0;
  document.title = "report.ipynb";
});

afterEach(() => {
  endView();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const runs = { phase: { kind: "running" as const }, questions: [] };
const asks = { phase: { kind: "asking" as const }, questions: [question({ prompt: "Approve pay?" })] };

test("the tab's title is marked while a card waits and the page is not in front, also when the title is rewritten", async () => {
  const { fake } = await shown();
  expect(document.title).toBe("report.ipynb");
  look(false);
  expect(document.title).toBe("● report.ipynb");
  document.title = "report.ipynb (busy)";
  await settle();
  expect(document.title).toBe("● report.ipynb (busy)");
  look(true);
  expect(document.title).toBe("report.ipynb (busy)");
  look(false);
  fake.show(runs);
  await settle();
  expect(document.title).toBe("report.ipynb (busy)");
});

test("before a person chooses notifications or sounds, only the mark in the title tells of a card", async () => {
  const { fake } = await shown(runs);
  look(false);
  fake.show(asks);
  await settle();
  expect(document.title).toBe("● report.ipynb");
  expect(FakeNotification.made).toEqual([]);
  expect(FakeAudio.played).toBe(0);
});

async function choose(names: string[]) {
  const page = await shown(runs);
  await page.more();
  for (const label of page.all(".machine label"))
    if (names.includes(label.textContent ?? "")) label.querySelector("input")?.click();
  await settle();
  return page;
}

test("a notification tells each question once, and a click on the notification leads to the card", async () => {
  const { fake, root, field } = await choose([strings.attention.notifies]);
  fake.show(asks);
  await settle();
  expect(FakeNotification.made).toEqual([]); // the page is in front
  fake.show(runs);
  await settle();
  look(false);
  fake.show(asks);
  await settle();
  fake.show(asks);
  await settle();
  expect(FakeNotification.made.map(({ title, options }) => [title, options.body])).toEqual([
    [strings.attention.waits, "Approve pay?"],
  ]);
  expect(FakeAudio.played).toBe(0);
  FakeNotification.made[0]?.onclick();
  expect(root.activeElement).toBe(field());
  fake.show(runs);
  await settle();
  expect(FakeNotification.made[0]?.closed).toBe(true);
});

test("the choice is remembered for every notebook, and sounds are a separate choice", async () => {
  await choose([strings.attention.sounds]);
  expect(FakeAudio.played).toBe(2); // a sample, so that the person knows the sound
  endView();
  const again = await show(welcoming(fakeModel(runs)));
  const checked = (text: string) =>
    again
      .all(".machine label")
      .find((label) => label.textContent === text)
      ?.querySelector("input")?.checked;
  expect(checked(strings.attention.sounds)).toBe(true);
  expect(checked(strings.attention.notifies)).toBe(false);
});

test("where the browser denies notifications the choice stays off, and the card says so", async () => {
  FakeNotification.answer = "denied";
  const { all, text } = await choose([strings.attention.notifies]);
  expect(text(".machine [role=status]")).toContain(strings.attention.denied);
  expect(all(".machine input").map((input) => (input as HTMLInputElement).checked)).not.toContain(true);
});

/** An observer that tells at once whether the observed element is in sight. */
const sight = (isIntersecting: boolean) =>
  class {
    constructor(private readonly tell: (entries: unknown[]) => void) {}
    observe(target: Element) {
      const rect = { top: 0, height: 100 };
      this.tell([
        { target, isIntersecting, intersectionRect: rect, boundingClientRect: rect, rootBounds: rect },
      ]);
    }
    disconnect() {}
  };

test("an answer is sent with the time since first sight and the number of keys, and the card shows neither", async () => {
  vi.stubGlobal("IntersectionObserver", sight(true));
  const { fake, field, el, click, root } = await shown();
  await vi.advanceTimersByTimeAsync(3_000);
  for (const key of ["a", "Shift", "b", "Backspace"])
    field().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
  el.dispatchEvent(new KeyboardEvent("keydown", { key: "x", bubbles: true }));
  await click(".resume");
  const { seconds, keys } = fake.last("answer");
  expect(seconds).toBeGreaterThanOrEqual(3);
  expect(seconds).toBeLessThan(4);
  expect(keys).toBe(3);
  expect(root.textContent).not.toMatch(/\b3\b/);
});

test("a card that was not in sight yet measures nothing", async () => {
  vi.stubGlobal("IntersectionObserver", sight(false));
  const { fake, click } = await shown();
  await click(".resume");
  expect(fake.last("answer")).not.toHaveProperty("seconds");
});
