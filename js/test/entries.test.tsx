/** The view is put together from the kernel's entries, and asked for again where a message was lost. */
import { expect, test, vi } from "vitest";
import { TIMEOUT_MS } from "../src/channel";
import { DEBOUNCE_MS } from "../src/drafts";
import { createEntries } from "../src/entries";
import { fakeModel, makeView, progress, question, type State, step, turn } from "./fake";
import { settle, shown } from "./page";

const asking = { phase: { kind: "asking" } } as const;

test("the view is put together from the kernel's entries", () => {
  const view = makeView({
    questions: [question({ id: "a" }), question({ id: "b", standing: { kind: "held", answer: "x" } })],
    turns: [turn(), turn({ id: "i2", record: { kind: "recorded" } })],
    notes: ["one", "two"],
  });
  const fake = fakeModel(view);
  expect(createEntries(fake.model).view()).toEqual(view);
  expect(createEntries(fake.model).isWhole()).toBe(true);
});

test("the progress is put together from entries, with texts of any number of pieces", () => {
  const fake = fakeModel();
  const spoken = [{ kind: "spoken", node: "write", text: "Dear" }] as const;
  const shownProgress = progress({ steps: [step(), step({ node: "b" })], spoken: [...spoken], log: "a\n" });
  fake.work(shownProgress);
  expect(createEntries(fake.model).progress()).toEqual(shownProgress);
  const piece = (nth: number, text: string) => ({ number: 0, value: { kind: "piece", nth, text } });
  fake.update({ log_0: piece(9, "last"), log_8: piece(8, "first, "), progress: fake.traits.progress });
  expect(createEntries(fake.model).progress()?.log).toBe("first, last");
});

test("unchanged turns and questions stay the same objects after a change", () => {
  const fake = fakeModel({
    questions: [question({ id: "a" }), question({ id: "b" })],
    turns: [turn(), turn()],
  });
  const entries = createEntries(fake.model);
  const before = entries.view();
  const held = question({ id: "b", standing: { kind: "held", answer: "x" } });
  fake.show({
    questions: [question({ id: "a" }), held],
    turns: [turn(), turn({ record: { kind: "recorded" } })],
  });
  const after = entries.view();
  expect(after.turns[0]).toBe(before.turns[0]);
  expect(after.turns[1]).not.toBe(before.turns[1]);
  expect(after.questions[0]).toBe(before.questions[0]);
  expect(after.questions[1]).toEqual(held);
});

test("questions stand in the order of their ranks", () => {
  const fake = fakeModel({ questions: [question({ id: "a" }), question({ id: "b" })] });
  const first = fake.traits.standing_0;
  const second = fake.traits.standing_1;
  fake.update({ standing_0: { ...first, rank: 8 }, standing_1: { ...second, rank: 7 } });
  expect(
    createEntries(fake.model)
      .view()
      .questions.map(({ id }) => id),
  ).toEqual(["b", "a"]);
});

/** A card that has received the kernel's last change without the entry `key`. */
async function missing(key: string) {
  const page = await shown({ questions: [question()] });
  const { fake } = page;
  const lost = { ...fake.traits } as State;
  fake.traits.view = { ...fake.traits.view };
  const written = fake.written.view({ ...fake.view, turns: [turn({ id: "i0" })], ...asking });
  const { [key]: missed, ...arrived } = written;
  expect(missed).toBeDefined();
  expect(lost[key]).toBeUndefined();
  fake.update(arrived);
  await settle();
  return { ...page, missed };
}

test("a page that has missed an entry asks once for the whole state, and draws the reply", async () => {
  const { fake, missed, text } = await missing("turn_0");
  expect(text(".turn")).toEqual([]);
  expect(fake.count("state_request")).toBe(1);
  fake.update({ turn_0: missed, view: fake.traits.view });
  fake.say({ kind: "done", request: fake.last("state_request").request });
  await settle();
  expect(text(".turn .answer, .turn .changes")).toHaveLength(1);
  expect(fake.count("state_request")).toBe(1);
});

test("a page that got everything asks for nothing again", async () => {
  const { fake } = await shown({ questions: [question()] });
  fake.show({ phase: { kind: "running" }, questions: [], turns: [turn()] });
  fake.work({ log: "working" });
  fake.show({ phase: { kind: "asking" }, questions: [question({ id: "i2" })], turns: [turn()] });
  await settle();
  expect(fake.count("state_request")).toBe(0);
});

test("a page whose kernel has written since asks for everything again", async () => {
  const { fake } = await shown({ questions: [question()] });
  fake.say({ kind: "welcome", request: fake.last("hello").request, revision: fake.view.revision });
  await settle();
  expect(fake.count("state_request")).toBe(0);
  fake.emit("comm_live_update");
  fake.say({ kind: "welcome", request: fake.last("hello").request, revision: fake.view.revision + 1 });
  await settle();
  expect(fake.count("state_request")).toBe(1);
});

test("a request for everything that nobody answers is made again with the next change", async () => {
  const { fake } = await missing("turn_0");
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  fake.update({ view: { ...fake.traits.view, stopping: true } });
  expect(fake.count("state_request")).toBe(2);
});

test("a draft is kept while the run works on the answer, and dropped when the question is settled", async () => {
  const { fake, type } = await shown({ questions: [question()] });
  await type("edited text");
  await vi.advanceTimersByTimeAsync(DEBOUNCE_MS);
  fake.show({ phase: { kind: "running" }, questions: [], turns: [turn()] });
  await vi.advanceTimersByTimeAsync(DEBOUNCE_MS);
  expect(fake.saved.at(-1)).toEqual({ i1: "edited text" });
  fake.show({ ...asking, questions: [question({ id: "i2" })], turns: [turn()] });
  await vi.advanceTimersByTimeAsync(DEBOUNCE_MS);
  expect(fake.saved.at(-1)).toEqual({});
});
