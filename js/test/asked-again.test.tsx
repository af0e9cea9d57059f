import { expect, test, vi } from "vitest";
import type { Former } from "../src/protocol";
import * as strings from "../src/strings";
import { fakeModel, question, recordToWrite, turn, welcoming } from "./fake";
import { settle, show, shown } from "./page";

const MESSAGE = "human_review raised on that answer. Asking again runs it anew in a fork.";
const former = (changes: Partial<Former> = {}): Former => {
  return { kind: "former", answer: "too much", message: MESSAGE, again: true, ...changes };
};
const failed = { kind: "open", problem: "ValueError: too large" } as const;
const askedAgain = (changes = {}) => question({ former: former(), standing: failed, ...changes });

test("the error and the effect of asking again stand above the editor, which holds the former answer", async () => {
  const { root, one, field, text } = await shown({ questions: [askedAgain()] });
  expect(text('[role="alert"]')).toEqual(["ValueError: too large"]);
  expect(text(".former")).toEqual([MESSAGE]);
  expect(field().value).toBe("too much");
  const above = one(".former").compareDocumentPosition(field());
  expect(above & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  expect(root.getElementById(field().getAttribute("aria-describedby") ?? "")?.textContent).toBe(MESSAGE);
  expect(text(".resume")).toEqual(["Ask again"]);
});

test("a former answer that revises a text is shown with the changes against the original", async () => {
  const { text } = await shown({ questions: [askedAgain()] });
  expect([text("del").join(""), text("ins").join("")]).toEqual(["original text", "too much"]);
});

test("a draft comes before the former answer", async () => {
  const { field } = await shown({ questions: [askedAgain()] }, { i1: "less" });
  expect(field().value).toBe("less");
});

test("an unknown former answer leaves the original", async () => {
  const { field, text } = await shown({ questions: [question({ former: former({ answer: null }) })] });
  expect(field().value).toBe("original text");
  expect(text(".resume")).toEqual(["Ask again"]);
});

test("without a draft the former answer is sent unchanged", async () => {
  const { fake, click } = await shown({ questions: [askedAgain()] });
  await click(".resume");
  expect(fake.last("answer").draft).toBe("too much");
});

test("undo goes back to the former answer, and then to the original", async () => {
  const { fake, type, click, text, field } = await shown({ questions: [askedAgain()] });
  await type("less");
  expect(text(".undo")).toEqual([strings.question.undo]);
  await click(".undo");
  expect(field().value).toBe("too much");
  expect(text(".undo")).toEqual([strings.question.toOriginal]);
  await click(".undo");
  expect(field().value).toBe("original text");
  await vi.advanceTimersByTimeAsync(200);
  expect(fake.get("drafts")).toEqual({ i1: "original text" });
});

test("a stop that is asked about again is continued", async () => {
  const { text, all } = await shown({
    questions: [
      question({ field: { kind: "continue", original: "" }, former: former({ answer: null }), payload: "" }),
    ],
  });
  expect(text(".resume")).toEqual(["Continue"]);
  expect(text(".former")).toEqual([MESSAGE]);
  expect(all("textarea")).toEqual([]);
});

test("an answer that the node refused can be sent again under the same id", async () => {
  const { fake, type, click, field, one, text } = await shown();
  await type("too much");
  await click(".resume");
  fake.show({ phase: { kind: "running" }, questions: [], turns: [turn({ answer: "too much" })] });
  fake.say({ kind: "accepted", request: fake.last("answer").request, revision: 2, record: null });
  await settle();
  fake.show({ phase: { kind: "asking" }, questions: [askedAgain()], turns: [] });
  await settle();
  expect(field().value).toBe("too much");
  expect(text('[role="alert"]')).toEqual(["ValueError: too large"]);
  expect(one(".resume").getAttribute("aria-disabled")).toBe("false");
  await type("less");
  await click(".resume");
  expect(fake.last("answer").draft).toBe("less");
});

test("a question that is asked again before the answer is confirmed stays open", async () => {
  const { fake, click, one } = await shown();
  await click(".resume");
  const { request } = fake.last("answer");
  fake.show({ phase: { kind: "running" }, questions: [] });
  fake.show({ phase: { kind: "asking" }, questions: [askedAgain()] });
  fake.say({ kind: "accepted", request, revision: 2, record: null });
  await settle();
  expect(one(".resume").getAttribute("aria-disabled")).toBe("false");
});

test("a half-written text for a sibling moves to the sibling that is asked anew in a fork", async () => {
  const sibling = question({ id: "s1", node: "other", payload: "1" });
  const { fake, type, all, text } = await shown({ questions: [sibling] });
  await type("half written");
  fake.show({ phase: { kind: "running" }, questions: [] });
  await settle();
  expect(text('[role="alert"]')).toEqual([]);
  fake.show({
    phase: { kind: "asking" },
    questions: [question(), question({ id: "s2", node: "other", payload: "1" })],
  });
  await settle();
  expect(all("textarea").map((one) => (one as HTMLTextAreaElement).value)).toEqual([
    "original text",
    "half written",
  ]);
  expect(text('[role="alert"]')).toEqual([]);
});

test("a text whose question does not come back is told once the run has ended", async () => {
  const { fake, type, text } = await shown();
  await type("half written");
  fake.show({ phase: { kind: "running" }, questions: [] });
  fake.show({ phase: { kind: "finished", result: "1", gist: "1" }, questions: [] });
  await settle();
  expect(text('[role="alert"]')).toEqual([
    `${strings.lost.withdrawn(strings.question.untitled)}${strings.lost.draft}half written`,
  ]);
});

test("held answers that are sent do not answer for their siblings", async () => {
  const held = question({ id: "h", standing: { kind: "held", answer: "mine" } });
  const fake = welcoming(fakeModel({ questions: [held, question()] }, { i1: "half written" }));
  const { text, field } = await show(fake);
  fake.show({ phase: { kind: "running" }, questions: [], turns: [turn({ answer: "mine" })] });
  await settle();
  expect(text('[role="alert"]')).toEqual([]);
  fake.show({ phase: { kind: "asking" }, questions: [question()], turns: [turn({ answer: "mine" })] });
  await settle();
  expect(field().value).toBe("half written");
});

test("a second answer is recorded like the first", async () => {
  const { fake, click } = await shown({ questions: [askedAgain()] });
  await click(".resume");
  fake.say({ kind: "accepted", request: fake.last("answer").request, revision: 2, record: recordToWrite() });
  await settle();
  expect(fake.count("record_outcome")).toBe(1);
});
