import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDrafts, DEBOUNCE_MS } from "../src/drafts";
import { fakeModel } from "./fake";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(drafts: Record<string, string> = {}) {
  const fake = fakeModel({}, drafts);
  const end = new AbortController();
  return { fake, end, drafts: createDrafts(fake.model, end.signal) };
}

test("typing is sent once, after a pause", () => {
  const { fake, drafts } = open();
  drafts.write("i1", "a");
  drafts.write("i1", "ab");
  expect(drafts.texts.value).toEqual({ i1: "ab" });
  expect(fake.saved).toEqual([]);
  vi.advanceTimersByTime(DEBOUNCE_MS);
  expect(fake.saved).toEqual([{ i1: "ab" }]);
});

test("flush sends at once, and only what is new", () => {
  const { fake, drafts } = open();
  drafts.flush();
  expect(fake.saved).toEqual([]);
  drafts.write("i1", "a");
  drafts.flush();
  vi.advanceTimersByTime(DEBOUNCE_MS * 2);
  expect(fake.saved).toEqual([{ i1: "a" }]);
});

test.each([
  ["the page is left", () => window.dispatchEvent(new Event("pagehide"))],
  ["the card is removed", (end: AbortController) => end.abort()],
])("what is being written is sent where %s", (_, leave) => {
  const { fake, drafts, end } = open();
  drafts.write("i1", "half a thought");
  leave(end);
  expect(fake.saved).toEqual([{ i1: "half a thought" }]);
});

test("a draft that is the original again leaves no trace", () => {
  const { fake, drafts } = open({ i1: "x", i2: "y" });
  drafts.write("i1", null);
  drafts.flush();
  expect(fake.saved).toEqual([{ i2: "y" }]);
});

test("another page's texts come in, but not over what is being written here", () => {
  const { fake, drafts } = open();
  drafts.write("i1", "mine");
  fake.set("drafts", { i1: "theirs", i2: "theirs" });
  fake.emit("change:drafts");
  expect(drafts.texts.value).toEqual({ i1: "mine", i2: "theirs" });
  drafts.flush();
  expect(fake.saved).toEqual([{ i1: "mine", i2: "theirs" }]);
});

function arrives(fake: ReturnType<typeof fakeModel>, drafts: Record<string, string>) {
  fake.set("drafts", drafts);
  fake.emit("change:drafts");
}

test("a text that was typed here stays where another person types in the same question later", () => {
  const { fake, drafts } = open();
  drafts.write("i1", "mine, and a pause to think");
  vi.advanceTimersByTime(DEBOUNCE_MS);
  arrives(fake, { i1: "theirs" });
  expect(drafts.texts.value).toEqual({ i1: "mine, and a pause to think" });
  arrives(fake, {});
  expect(drafts.texts.value).toEqual({ i1: "mine, and a pause to think" });
  arrives(fake, { i1: "theirs once more" });
  drafts.write("i1", null);
  expect(drafts.texts.value).toEqual({});
});

test("a text that goes on from the one typed here comes in: one's own second tab", () => {
  const { fake, drafts, end } = open();
  drafts.write("i1", "half");
  drafts.flush();
  arrives(fake, { i1: "half a thought" });
  expect(drafts.texts.value).toEqual({ i1: "half a thought" });
  const saved = fake.saved.length;
  end.abort();
  expect(fake.saved.length).toBe(saved);
});

test.each([
  ["the page is left", () => window.dispatchEvent(new Event("pagehide"))],
  ["the card is removed", (end: AbortController) => end.abort()],
])("the text of this page is there for its reload where %s after another page has written", (_, leave) => {
  const { fake, drafts, end } = open();
  drafts.write("i1", "mine");
  drafts.flush();
  arrives(fake, { i1: "theirs" });
  leave(end);
  expect(fake.saved.at(-1)).toEqual({ i1: "mine" });
});

test("the end of the view sends what was held back", () => {
  const { fake, end, drafts } = open();
  drafts.write("i1", "a");
  end.abort();
  expect(fake.saved).toEqual([{ i1: "a" }]);
  expect(fake.listeners).toBe(0);
});

test("the text stays although it cannot be sent", () => {
  const { fake, drafts } = open();
  fake.save_changes = () => {
    throw new Error("Cannot send");
  };
  drafts.write("i1", "a");
  drafts.flush();
  expect(drafts.texts.value).toEqual({ i1: "a" });
});
