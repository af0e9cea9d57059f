import { afterEach, expect, test, vi } from "vitest";
import { guardKeyboard, isSubmit } from "../src/keyboard";

const ATTRIBUTE = "data-lm-suppress-shortcuts";
let end = new AbortController();
afterEach(() => {
  end.abort();
  end = new AbortController();
  document.body.replaceChildren();
  vi.useRealTimers();
});

/** A guarded host. `seen` notes whether Lumino, which listens on the document, would find the attribute. */
function guarded() {
  const host = document.createElement("div");
  document.body.append(host);
  const button = document.createElement("button");
  host.attachShadow({ mode: "open" }).append(button);
  const saved = vi.fn();
  guardKeyboard(host, end.signal, saved);
  const seen: boolean[] = [];
  document.addEventListener("keydown", () => seen.push(host.hasAttribute(ATTRIBUTE)), {
    capture: true,
    signal: end.signal,
  });
  const press = (init: KeyboardEventInit, target: Element = button) =>
    target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, composed: true, ...init }));
  return { host, saved, seen, press };
}

test.each(["a", "x", "0", "Enter", "Escape", "s"])("%s is suppressed", (key) => {
  const { seen, saved, press } = guarded();
  press({ key });
  expect(seen).toEqual([true]);
  expect(saved).not.toHaveBeenCalled();
});

test.each([{ ctrlKey: true }, { metaKey: true }])("saving passes with %j, for this event only", (accel) => {
  vi.useFakeTimers();
  const { host, seen, saved, press } = guarded();
  press({ key: "s", ...accel });
  expect(seen).toEqual([false]);
  expect(saved).toHaveBeenCalledOnce();
  vi.runAllTimers();
  expect(host.hasAttribute(ATTRIBUTE)).toBe(true);
});

test("the page hears no key of the card except the key that saves", () => {
  const { press } = guarded();
  const heard: string[] = [];
  document.addEventListener("keydown", ({ key }) => heard.push(key), { signal: end.signal });
  for (const key of ["a", "x", "Delete", "ArrowDown"]) press({ key });
  press({ key: "Enter", ctrlKey: true });
  expect(heard).toEqual([]);
  press({ key: "s", ctrlKey: true });
  press({ key: "a" }, document.body);
  expect(heard).toEqual(["s", "a"]);
});

test("a key that saves outside of the card does not reach the card", () => {
  const { seen, saved, press } = guarded();
  press({ key: "s", ctrlKey: true }, document.body);
  expect(seen).toEqual([true]);
  expect(saved).not.toHaveBeenCalled();
});

test("the listener ends with the view", () => {
  const { host, saved, press } = guarded();
  end.abort();
  press({ key: "s", ctrlKey: true });
  expect(saved).not.toHaveBeenCalled();
  expect(host.hasAttribute(ATTRIBUTE)).toBe(true);
});

test("Ctrl or Cmd with Enter submits; a plain, shifted or composing Enter does not", () => {
  const key = (init: KeyboardEventInit) => isSubmit(new KeyboardEvent("keydown", { key: "Enter", ...init }));
  expect(key({ ctrlKey: true })).toBe(true);
  expect(key({ metaKey: true })).toBe(true);
  expect(key({})).toBe(false);
  expect(key({ shiftKey: true })).toBe(false);
  expect(key({ ctrlKey: true, shiftKey: true })).toBe(false);
  expect(key({ ctrlKey: true, isComposing: true })).toBe(false);
});

test("Enter that ends a composition in Safari sends nothing", () => {
  const enter = { key: "Enter", ctrlKey: true };
  expect(isSubmit(new KeyboardEvent("keydown", enter))).toBe(true);
  const ends = new KeyboardEvent("keydown", enter);
  Object.defineProperty(ends, "keyCode", { value: 229 });
  expect(isSubmit(ends)).toBe(false);
});
