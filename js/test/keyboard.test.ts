import { afterEach, expect, test, vi } from "vitest";
import { guardKeyboard, isSave, isSubmit, isUndo, latinKey, letterOf } from "../src/keyboard";

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

/** A key as a browser tells the key: happy-dom's events have no key code. */
function keyOf(key: string, keyCode: number, code: string, init: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, code, bubbles: true, composed: true, ...init });
  Object.defineProperty(event, "keyCode", { value: keyCode });
  return event;
}

test.each([
  ["Russian", "ы", 83, "KeyS", "s"],
  ["Russian with Shift", "Ы", 83, "KeyS", "s"],
  ["Greek", "σ", 83, "KeyS", "s"],
  ["Hebrew", "ד", 83, "KeyS", "s"],
  ["Arabic, two letters", "لا", 66, "KeyB", "b"],
  ["Thai", "ห", 83, "KeyS", "s"],
  ["a phonetic layout, whose key code is of the letter", "я", 81, "KeyA", "q"],
  ["a page without key codes", "ы", 0, "KeyS", "s"],
  ["Persian digits", "۲", 50, "Digit2", "2"],
  ["Dvorak", "s", 83, "Semicolon", "s"],
  ["English", "S", 83, "KeyS", "s"],
  ["Swedish", "ö", 192, "Semicolon", ""],
  ["French", "é", 50, "Digit2", ""],
  ["any layout", "Enter", 13, "Enter", ""],
  ["a composition", "Process", 229, "KeyS", ""],
])("a key of %s, %s, has the Latin letter of JupyterLab's shortcuts", (_, key, keyCode, code, letter) => {
  expect(letterOf(keyOf(key, keyCode, code))).toBe(letter);
});

test("keys of Latin layouts stay, and keys of further layouts choose as on a Latin layout", () => {
  expect(latinKey(keyOf("?", 191, "Slash"))).toBe("?");
  expect(latinKey(keyOf("A", 65, "KeyA"))).toBe("A");
  expect(latinKey(keyOf("ArrowDown", 40, "ArrowDown"))).toBe("ArrowDown");
  expect(latinKey(keyOf("т", 78, "KeyN"))).toBe("n");
});

test("with a Cyrillic layout, Ctrl+S saves from the card and Ctrl+Z takes back", () => {
  const { seen, saved } = guarded();
  const button = document.querySelector("div")?.shadowRoot?.querySelector("button");
  button?.dispatchEvent(keyOf("ы", 83, "KeyS", { ctrlKey: true }));
  expect(seen).toEqual([false]);
  expect(saved).toHaveBeenCalledOnce();
  expect(isSave(keyOf("ы", 83, "KeyS", { ctrlKey: true, altKey: true }))).toBe(false);
  expect(isUndo(keyOf("я", 90, "KeyZ", { ctrlKey: true }))).toBe(true);
});
