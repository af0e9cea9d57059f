import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDrafts, DEBOUNCE_MS, type Keep } from "../src/drafts";
import { fakeModel } from "./fake";

beforeEach(() => void vi.useFakeTimers());
const ends: AbortController[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end.abort(); // otherwise the next test's end of the page keeps a draft of this test
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

function open(drafts: Record<string, string> = {}, keep?: Keep) {
  const fake = fakeModel({}, drafts);
  const end = new AbortController();
  ends.push(end);
  return { fake, end, drafts: createDrafts(fake.model, end.signal, keep) };
}

const focus = (isHere: boolean) => void vi.spyOn(document, "hasFocus").mockReturnValue(isHere);

test("typing is sent once, after a pause", () => {
  const { fake, drafts } = open();
  drafts.write("i1", "a");
  drafts.write("i1", "ab");
  expect(drafts.texts.value).toEqual({ i1: "ab" });
  expect(fake.saved).toEqual([]);
  vi.advanceTimersByTime(DEBOUNCE_MS);
  expect(fake.saved).toEqual([{ i1: "ab" }]);
});

test("flush sends changed drafts at once, and nothing without a change", () => {
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
])("a text that is being written is sent where %s", (_, leave) => {
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

test("texts of another page come in, but do not replace the text that is being written here", () => {
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

test("a text that was just put back to the original stays the original where a text of another page comes in", () => {
  const { fake, drafts } = open({ i1: "x" });
  drafts.write("i1", null);
  arrives(fake, { i1: "x", i2: "theirs" });
  expect(drafts.texts.value).toEqual({ i2: "theirs" });
  drafts.flush();
  expect(fake.saved).toEqual([{ i2: "theirs" }]);
});

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

test("in a window without focus a continued text comes in, as from a second tab of the same person", () => {
  const { fake, drafts, end } = open();
  drafts.write("i1", "half");
  drafts.flush();
  focus(false);
  arrives(fake, { i1: "half a thought" });
  expect(drafts.texts.value).toEqual({ i1: "half a thought" });
  expect(drafts.isTyped("i1")).toBe(false);
  arrives(fake, { i1: "another one" });
  expect(drafts.texts.value).toEqual({ i1: "another one" });
  end.abort();
  expect(open({ i1: "another one" }).drafts.texts.value).toEqual({ i1: "another one" });
});

test.each([
  ["1", "10"],
  ["", "theirs"],
])(
  "in the focused window the typed text %j is not replaced by a longer text of another page",
  (mine, theirs) => {
    const { fake, drafts } = open({ i1: "x" });
    focus(true);
    drafts.write("i1", mine);
    drafts.flush();
    arrives(fake, { i1: theirs });
    expect(drafts.texts.value).toEqual({ i1: mine });
  },
);

test("a field that was emptied here stays empty where the window has no focus", () => {
  const { fake, drafts } = open({ i1: "x" });
  focus(false);
  drafts.write("i1", "");
  drafts.flush();
  arrives(fake, { i1: "theirs" });
  expect(drafts.texts.value).toEqual({ i1: "" });
});

test("a text that nobody typed is sent, and gives way to the text of another person", () => {
  const { fake, drafts } = open();
  drafts.write("i1", "of another kernel", false);
  drafts.flush();
  expect(fake.saved).toEqual([{ i1: "of another kernel" }]);
  arrives(fake, { i1: "theirs" });
  expect(drafts.texts.value).toEqual({ i1: "theirs" });
});

test.each([
  ["the page is left", () => window.dispatchEvent(new Event("pagehide"))],
  ["the card is removed", (end: AbortController) => end.abort()],
])(
  "where %s, the typed text is kept for a reload, and not sent over the text of another page",
  (_, leave) => {
    const { fake, drafts, end } = open();
    drafts.write("i1", "mine");
    drafts.flush();
    arrives(fake, { i1: "theirs" });
    leave(end);
    expect(fake.saved).toEqual([{ i1: "mine" }]);
    const again = open({ i1: "theirs" });
    expect(again.drafts.texts.value).toEqual({ i1: "mine" });
    arrives(again.fake, { i1: "theirs once more" });
    expect(again.drafts.texts.value).toEqual({ i1: "mine" });
  },
);

test("after a reload the text of a settled question is gone, also if the text was never sent as a draft", () => {
  const first = open();
  first.drafts.write("i1", "mine");
  first.end.abort();
  const { drafts, end } = open();
  expect(drafts.texts.value).toEqual({ i1: "mine" });
  drafts.forget(new Set(["i1"]));
  end.abort();
  expect(open().drafts.texts.value).toEqual({});
  expect(sessionStorage.length).toBe(0);
});

test("a second view of the same tab, in which nothing was typed, leaves the text for the reload", () => {
  const { drafts, end } = open();
  const other = open();
  drafts.write("i1", "mine");
  end.abort();
  other.end.abort();
  expect(open().drafts.texts.value).toEqual({ i1: "mine" });
});

test("a page without storage keeps the text until the end of the page", () => {
  vi.stubGlobal("sessionStorage", {
    getItem: () => {
      throw new DOMException("denied", "SecurityError");
    },
  });
  const { fake, drafts, end } = open({ i2: "kept" });
  drafts.write("i1", "mine");
  expect(drafts.texts.value).toEqual({ i1: "mine", i2: "kept" });
  end.abort();
  expect(fake.saved).toEqual([{ i1: "mine", i2: "kept" }]);
});

test("a form in which only a secret was typed is not overwritten, and leaves nothing for the reload", () => {
  const { fake, drafts, end } = open({}, () => null);
  drafts.write("i1", "secret");
  drafts.flush();
  for (const text of ["theirs", "theirs once more"]) arrives(fake, { i1: text });
  expect(drafts.texts.value).toEqual({ i1: "secret" });
  end.abort();
  expect(sessionStorage.length).toBe(0);
  drafts.forget(new Set(["i1"]));
  expect(drafts.texts.value).toEqual({});
});

test("a form with a typed secret keeps the secret when another page continues the remaining texts", () => {
  const { fake, drafts } = open({}, () => "rest");
  drafts.write("i1", "rest and secret");
  drafts.flush();
  focus(false);
  arrives(fake, { i1: "rest of theirs" });
  expect(drafts.texts.value).toEqual({ i1: "rest and secret" });
});

test("the end of the view sends the pending text", () => {
  const { fake, end, drafts } = open();
  drafts.write("i1", "a");
  end.abort();
  expect(fake.saved).toEqual([{ i1: "a" }]);
  expect(fake.listeners).toBe(0);
});

test("a text that cannot be sent stays", () => {
  const { fake, drafts } = open();
  fake.save_changes = () => {
    throw new Error("Cannot send");
  };
  drafts.write("i1", "a");
  drafts.flush();
  expect(drafts.texts.value).toEqual({ i1: "a" });
});
