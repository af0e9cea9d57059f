import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { readDraft } from "../src/decisions/draft";
import { nextOpen, stepOf } from "../src/decisions/keys";
import type { Action, Control, DecisionsField } from "../src/protocol";
import * as strings from "../src/strings";
import { question } from "./fake";
import { settle, shown } from "./page";

const LINE: Control = { kind: "text", format: "long", language: "", longest: null };
const action = (name: string, control: Control | null = null): Action => ({
  kind: "action",
  ...{ name, label: name, key: name[0] ?? "", look: "plain", control, asks: "", sends: "send" },
  start: control ? '""' : "",
});
const ACTIONS = [action("approve"), action("reject", LINE), action("ignore")];

function fieldOf(allowed: readonly (readonly Action[])[]): DecisionsField {
  const requests = allowed.map((actions, index) => ({
    kind: "request" as const,
    title: `call ${index}`,
    shows: [],
    actions: [...actions],
  }));
  return { kind: "decisions", original: JSON.stringify(requests.map(() => null)), requests, shared: {} };
}

const requests = fc.array(fc.subarray(ACTIONS, { minLength: 1 }), { minLength: 2, maxLength: 4 });
const keys = fc.array(
  fc.constantFrom("a", "r", "i", "A", "x", "j", "k", "ArrowDown", "ArrowUp", "Enter", "Escape", "Tab", " "),
  { maxLength: 25 },
);

test("a key decides only the current request, and only with the action of the letter", () => {
  const draft = fc.tuple(
    requests,
    fc.nat(3),
    fc.string({ maxLength: 12 }),
    fc.array(fc.boolean(), { maxLength: 4 }),
  );
  fc.assert(
    fc.property(draft, ([allowed, place, key, isDecided]) => {
      const field = fieldOf(allowed);
      const decided = allowed.map(([first], index) =>
        isDecided[index] && first ? { action: first.name, value: undefined } : null,
      );
      const current = place < allowed.length ? place : null;
      const step = stepOf(key, current, field.requests, decided);
      if (step?.kind === "decide") expect([step.at, step.action.key]).toEqual([current, key.toLowerCase()]);
      if (step?.kind === "move") expect(field.requests[step.to]).toBeDefined();
      const next = nextOpen(decided, current ?? -1);
      expect(next === null).toBe(decided.every((one) => one !== null));
      if (next !== null) expect(decided[next]).toBeNull();
    }),
  );
});

/** The page after each key is compared with a model that has a line for each rule. */
test("after any keys the decisions are at the requests that were current, and the focus stays in the card", async () => {
  await fc.assert(
    fc.asyncProperty(requests, keys, async (allowed, pressed) => {
      const field = fieldOf(allowed);
      document.body.replaceChildren();
      sessionStorage.clear();
      const { fake, root, one } = await shown({ questions: [question({ field, payload: "" })] });
      one('[data-request="0"]').focus();
      const model = new Model(allowed);
      for (const key of pressed) {
        const focused = root.activeElement as HTMLElement;
        focused.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        await settle();
        model.press(key);
        const at = root.activeElement?.closest("[data-request]")?.getAttribute("data-request");
        const isIn = root.activeElement?.matches("textarea") ? "line" : "request";
        expect([Number(at), isIn]).toEqual([model.current, model.isInLine ? "line" : "request"]);
      }
      await vi.advanceTimersByTimeAsync(1_000);
      expect(fake.count("answer")).toBe(0); // several decisions are sent on purpose only
      const written = fake.get("drafts").i1 ?? field.original;
      expect(readDraft(written, field).map((each) => each?.action ?? null)).toEqual(model.decided);
    }),
    { numRuns: 25 },
  );
});

test("Shift with the letter of an action that all requests have decides the open requests, and former decisions stay", async () => {
  const good = { ...action("approve"), look: "good" as const };
  const field = fieldOf([[good, action("reject", LINE)], [good], [good, action("ignore")]]);
  const { fake, one, text } = await shown({ questions: [question({ field, payload: "" })] });
  expect(text(".overview .cap")).toEqual(["⇧a"]);
  const press = async (selector: string, key: string, init: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
    one(selector).dispatchEvent(event);
    await settle();
  };
  await press('[data-request="2"]', "i");
  await press('[data-request="0"]', "A", { shiftKey: true, repeat: true });
  await press('[data-request="0"]', "R", { shiftKey: true }); // not an action of all requests: works as the letter
  await press('[data-request="0"] textarea', "A", { shiftKey: true }); // a text is written there
  await press('[data-request="1"]', "A", { shiftKey: true });
  await vi.advanceTimersByTimeAsync(1_000);
  const decided = readDraft(fake.get("drafts").i1 ?? "", field).map((each) => each?.action);
  expect(decided).toEqual(["reject", "approve", "ignore"]);
  expect(fake.count("answer")).toBe(0);
});

class Model {
  current = 0;
  isInLine = false;
  decided: (string | null)[];

  constructor(private readonly allowed: readonly (readonly Action[])[]) {
    this.decided = allowed.map(() => null);
  }

  press(key: string): void {
    if (this.isInLine) this.inLine(key);
    else if (key === "j" || key === "ArrowDown")
      this.current = Math.min(this.allowed.length - 1, this.current + 1);
    else if (key === "k" || key === "ArrowUp") this.current = Math.max(0, this.current - 1);
    else this.decide(this.allowed[this.current]?.find((one) => one.key === key.toLowerCase()));
  }

  private inLine(key: string): void {
    if (key === "Escape") this.isInLine = false;
    if (key !== "Enter") return;
    this.isInLine = false;
    this.goOn();
  }

  private decide(action: Action | undefined): void {
    if (!action) return;
    this.decided[this.current] = action.name;
    if (action.control) this.isInLine = true;
    else this.goOn();
  }

  private goOn(): void {
    const count = this.decided.length;
    for (let step = 1; step <= count; step += 1) {
      const at = (this.current + step) % count;
      if (this.decided[at] !== null) continue;
      this.current = at;
      return;
    }
  }
}

const press = async (target: HTMLElement, key: string, init: KeyboardEventInit = {}) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  await settle();
  return event;
};

test.each(["ctrlKey", "metaKey", "altKey"] as const)(
  "a letter with %s belongs to the browser",
  async (held) => {
    const field = fieldOf([ACTIONS, ACTIONS]);
    const { fake, one } = await shown({ questions: [question({ field, payload: "" })] });
    one('[data-request="0"]').focus();
    const event = await press(one('[data-request="0"]'), "a", { [held]: true });
    await vi.advanceTimersByTimeAsync(1_000);
    expect([event.defaultPrevented, fake.get("drafts")]).toEqual([false, {}]);
  },
);

test("where the last decision sends, the earlier decisions do not", async () => {
  const field = fieldOf([ACTIONS, ACTIONS, ACTIONS]);
  const { fake, root, one, more, all } = await shown({ questions: [question({ field, payload: "" })] });
  await more();
  const choice = all(".preference").find((each) => each.textContent === strings.machine.sendsLast);
  choice?.querySelector("input")?.click();
  await settle();
  for (const sent of [0, 0, 1]) {
    const at = [0, 1, 2].find(
      (index) => readDraft(fake.get("drafts").i1 ?? field.original, field)[index] === null,
    );
    await press(one(`[data-request="${at}"]`), "a");
    await vi.advanceTimersByTimeAsync(1_000);
    const focused = root.activeElement?.closest("[data-request]")?.getAttribute("data-request");
    expect(fake.count("answer")).toBe(sent);
    if (sent === 0) expect(Number(focused)).toBe((at ?? 0) + 1);
  }
});

test("Enter that ends a composed character ends no line", async () => {
  const field = fieldOf([[action("reject", LINE)]]);
  const { fake, one, type, field: line } = await shown({ questions: [question({ field, payload: "" })] });
  await press(one('[data-request="0"]'), "r");
  await type("too much");
  await press(line(), "Enter", { isComposing: true });
  expect(fake.count("answer")).toBe(0);
  await press(line(), "Enter");
  expect(fake.count("answer")).toBe(1);
});
