/** Many questions in a card: shown in turn, and answered by keys alone. */
import { signal } from "@preact/signals";
import { expect, test, vi } from "vitest";
import { createBatching } from "../src/batch";
import type { BatchEntry, Control, Question } from "../src/protocol";
import * as strings from "../src/strings";
import { makeView, question } from "./fake";
import { formField } from "./form";
import { settle, shown } from "./page";

const option = (value: string) => ({
  kind: "option" as const,
  value: JSON.stringify(value),
  label: value,
  hint: "",
});
const CHOICE: Control = { kind: "choice", options: [option("spam"), option("ham")] };
const BATCH: BatchEntry = {
  kind: "batch",
  total: 50,
  decided: 6,
  skipped: 0,
  failed: 0,
  flagged: 0,
  waiting: 0,
  failures: [],
  several: [],
  taken: [],
};

const asked = (id: string): Question =>
  question({ id, prompt: `Which is ${id}?`, field: formField(CHOICE, "null") });

const batch = (changes = {}) =>
  shown({ batch: BATCH, questions: [asked("a"), asked("b"), asked("c")], ask_again: true, ...changes });

type Page = Awaited<ReturnType<typeof batch>>;

const press = async ({ root, one }: Page, key: string, init: KeyboardEventInit = {}) => {
  const target = root.activeElement ?? one(".card");
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }));
  await settle();
};

const begin = async (page: Page) => {
  page.one(".card").click();
  await settle();
};

test("a single question is shown, with its number and the count of all questions", async () => {
  const page = await batch();
  expect(page.text(".title")).toEqual(["Which is a?"]);
  expect(page.all(".question").length).toBe(1);
  expect(page.text(".batch-count")).toEqual([strings.batch.count(7, 50)]);
});

test("the count stays while an answer is on the way from the kernel to the run", async () => {
  const page = await batch({ questions: [asked("0:a"), asked("1:b"), asked("2:c")] });
  await begin(page);
  await press(page, "1");
  expect(page.text(".batch-count")).toEqual([strings.batch.count(8, 50)]);
  page.fake.say({ kind: "accepted", request: page.fake.last("answer").request, revision: 2, record: null });
  page.fake.show({ batch: { ...BATCH, taken: ["0:a"] }, questions: [asked("1:b"), asked("2:c")] });
  await settle();
  expect(page.text(".batch-count")).toEqual([strings.batch.count(8, 50)]);
  page.fake.show({ batch: { ...BATCH, decided: 7 }, questions: [asked("1:b"), asked("2:c")] });
  await settle();
  expect(page.text(".batch-count")).toEqual([strings.batch.count(8, 50)]);
});

test("the digit of an option answers, and the next question takes keys before the kernel replies", async () => {
  const page = await batch();
  await begin(page);
  await press(page, "1");
  expect(page.fake.last("answer")).toMatchObject({ id: "a", draft: '"spam"' });
  expect(page.text(".title")).toEqual(["Which is b?"]);
  expect(page.text(".batch-count")).toEqual([strings.batch.count(8, 50)]);
  await press(page, "2");
  expect(page.fake.last("answer")).toMatchObject({ id: "b", draft: '"ham"' });
  expect(page.text(".title")).toEqual(["Which is c?"]);
});

test("the digit of a choice answers wherever the focus is in the card, also where the choice is shared", async () => {
  const field = { ...formField({ kind: "shared", name: "Kind" }, "null"), shared: { Kind: CHOICE } };
  const page = await batch({ questions: [asked("a"), question({ id: "b", field })] });
  for (const id of ["a", "b"]) {
    page.one(".batch-actions button").focus();
    await press(page, "2");
    expect(page.fake.last("answer")).toMatchObject({ id, draft: '"ham"' });
  }
});

test("a digit does not answer a choice whose options have no digits", async () => {
  const many: Control = { kind: "choice", options: [..."abcdefghijk"].map(option) };
  const page = await batch({ questions: [question({ id: "a", field: formField(many, "null") })] });
  page.one(".batch-actions button").focus();
  await press(page, "2");
  expect(page.fake.count("answer")).toBe(0);
});

test("an answer is sent with the seconds that the question was shown", async () => {
  const page = await batch();
  await begin(page);
  await press(page, "1");
  expect(page.fake.last("answer").item?.seconds).toBeTypeOf("number");
  expect(page.text(".batch-told").join()).toContain("each");
});

const secondsOf = ({ fake }: Page) =>
  fake.sent.flatMap((message) => (message.kind === "answer" ? [[message.id, message.item?.seconds]] : []));

const wait = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);

test("answers that are given together share the seconds, and the next question begins anew", async () => {
  const alike = ["a", "b", "c"].map((id) => yesNo(id, YES));
  const page = await batch({ questions: [...alike, question({ ...yesNo("d", YES), alike: "other" })] });
  await begin(page);
  await press(page, "=");
  await wait(6);
  await press(page, "y");
  await wait(4);
  await press(page, "n");
  const seconds = [2, 2, 2, 4].map((each) => expect.closeTo(each, 0));
  expect(secondsOf(page)).toEqual(["a", "b", "c", "d"].map((id, index) => [id, seconds[index]]));
});

test("the time in which an answer is kept back counts for no question but the next one", async () => {
  const page = await batch();
  await page.more();
  await page.click(".preference:last-child input");
  await page.more();
  await begin(page);
  await wait(3);
  await press(page, "1"); // a is kept back until 8 s
  await wait(4);
  await press(page, "2"); // b is kept back until 12 s
  await wait(10);
  await press(page, "1");
  await wait(10);
  expect(secondsOf(page)).toEqual([
    ["a", expect.closeTo(3, 0)],
    ["b", expect.closeTo(4, 0)],
    ["c", expect.closeTo(10, 0)],
  ]);
});

test("answers that are given together and kept back share the seconds of the moment of the answer", async () => {
  const page = await batch({ questions: ["a", "b"].map((id) => yesNo(id, YES)) });
  await page.more();
  await page.click(".preference:last-child input");
  await page.more();
  await begin(page);
  await press(page, "=");
  await wait(6);
  await press(page, "y");
  await wait(20);
  expect(secondsOf(page)).toEqual([
    ["a", expect.closeTo(3, 0)],
    ["b", expect.closeTo(3, 0)],
  ]);
});

test("the seconds of a question are the time before the person, also where the question comes twice", () => {
  let now = 1_000;
  const underway = signal({});
  const batching = createBatching(
    signal(makeView({ batch: BATCH, questions: [asked("a"), asked("b")] })),
    underway,
    () => now,
  );
  const pass = (seconds: number) => {
    now += seconds * 1_000;
  };
  pass(4);
  underway.value = { a: "kept" };
  pass(5);
  expect(batching.seconds([asked("b")])).toBe(5);
  underway.value = {}; // a is taken back
  pass(2);
  expect(batching.seconds([asked("a")])).toBe(6);
  expect(batching.seconds([asked("a"), asked("b")])).toBe(5.5);
  batching.marks(asked("a"), false, 6);
  expect(batching.seconds([asked("a")])).toBe(0); // a refused answer is given anew
});

test("the note of a flag goes with one answer, and not with a later one to the same question", () => {
  const batching = createBatching(signal(makeView({ batch: BATCH, questions: [asked("a")] })), signal({}));
  batching.flag(asked("a"), "sure?");
  expect(batching.marks(asked("a"), false, 1)).toMatchObject({ flag: "sure?" });
  expect(batching.marks(asked("a"), false, 1)).not.toHaveProperty("flag");
});

test("s skips the question, and the next question is shown", async () => {
  const page = await batch();
  await begin(page);
  await press(page, "s");
  expect(page.fake.last("answer")).toMatchObject({ id: "a", item: { skipped: true } });
  expect(page.text(".title")).toEqual(["Which is b?"]);
});

test("letters typed in a widget with a shadow root do not act as keys of the batch", async () => {
  const page = await batch();
  const widget = document.createElement("div");
  const input = document.createElement("input");
  widget.attachShadow({ mode: "open" }).append(input);
  page.one(".card").append(widget);
  const typed = new KeyboardEvent("keydown", { key: "s", bubbles: true, cancelable: true, composed: true });
  Object.defineProperty(typed, "target", { value: widget }); // as browsers do outside of the shadow root
  input.dispatchEvent(typed);
  await settle();
  expect(page.fake.count("answer")).toBe(0);
  await begin(page);
  await press(page, "s");
  expect(page.fake.count("answer")).toBe(1);
});

test("f asks for a note, Enter keeps the note, and the answer is sent with the note", async () => {
  const page = await batch();
  await begin(page);
  await press(page, "f");
  const input = page.one(".batch-note input") as HTMLInputElement;
  expect(page.root.activeElement).toBe(input);
  input.value = "sure?";
  await press(page, "s"); // a letter of the note
  expect(page.fake.count("answer")).toBe(0);
  await press(page, "Enter");
  expect(page.text(".batch-flag")[0]).toContain("sure?");
  await press(page, "2");
  expect(page.fake.last("answer").item).toMatchObject({ flag: "sure?" });
});

test("the note has the keys before the next key comes", async () => {
  const page = await batch();
  await begin(page);
  const keys = page.root.activeElement ?? page.one(".card");
  keys.dispatchEvent(new KeyboardEvent("keydown", { key: "f", bubbles: true, cancelable: true }));
  await Promise.resolve(); // an effect after the next paint would come too late
  await Promise.resolve();
  expect(page.root.activeElement).toBe(page.one(".batch-note input"));
});

test("Backspace takes back the last decision as soon as the kernel has accepted the decision", async () => {
  const page = await batch();
  await begin(page);
  await press(page, "1");
  await press(page, "Backspace");
  expect(page.fake.count("ask_again")).toBe(0);
  page.fake.show({ questions: [asked("b"), asked("c")], batch: { ...BATCH, decided: 7 } });
  await settle();
  expect(page.fake.count("ask_again")).toBe(1);
  page.fake.show({ questions: [asked("a"), asked("b"), asked("c")], batch: BATCH });
  await settle();
  expect(page.text(".title")).toEqual(["Which is a?"]);
});

test("Backspace waits while the kernel holds the last answer behind the answer before", async () => {
  const page = await batch();
  await begin(page);
  await press(page, "1");
  await press(page, "2");
  const held = { ...asked("b"), standing: { kind: "held" as const, answer: "ham" } };
  page.fake.show({ questions: [held, asked("c")], batch: { ...BATCH, decided: 7 } });
  await settle();
  await press(page, "Backspace");
  expect(page.fake.count("ask_again")).toBe(0);
  page.fake.show({ questions: [asked("c")], batch: { ...BATCH, decided: 8 } });
  await settle();
  expect(page.fake.count("ask_again")).toBe(1);
});

const yesNo = (id: string, field: Control): Question =>
  question({ id, prompt: id, alike: "same", field: formField(field, "null") });
const YES: Control = {
  kind: "choice",
  options: [
    { ...option("Yes"), value: "true" },
    { ...option("No"), value: "false" },
  ],
};

test("y and n answer a yes or no", async () => {
  const page = await batch({ questions: [yesNo("a", YES), yesNo("b", YES)] });
  await begin(page);
  await press(page, "n");
  expect(page.fake.last("answer")).toMatchObject({ id: "a", draft: "false" });
  await press(page, "y");
  expect(page.fake.last("answer")).toMatchObject({ id: "b", draft: "true" });
});

test("a form whose only member is a yes or no is answered by a single key", async () => {
  const control: Control = {
    ...{ kind: "group", others: null, start: '""' },
    members: [
      {
        ...{ kind: "member", name: "spam", label: "Spam", hint: "", required: true, start: "false" },
        control: { kind: "switch" },
      },
    ],
  };
  const one = (id: string) => question({ id, field: formField(control, '{"spam": false}') });
  const page = await batch({ questions: [one("a"), one("b")] });
  await begin(page);
  expect(page.text(".batch-one-key")[0]).toContain("Spam: yes");
  await press(page, "y");
  expect(JSON.parse(page.fake.last("answer").draft)).toEqual({ spam: true });
});

test("a single switch is answered by y and n", async () => {
  const page = await batch({ questions: [yesNo("a", { kind: "switch" }), yesNo("b", { kind: "switch" })] });
  await begin(page);
  expect(page.text(".batch-one-key")).toEqual(["Y yesN no"]);
  await press(page, "y");
  expect(page.fake.last("answer")).toMatchObject({ id: "a", draft: "true" });
  await press(page, "n");
  expect(page.fake.last("answer")).toMatchObject({ id: "b", draft: "false" });
});

test("= shows the questions that are alike, and the next answer goes to the ticked questions", async () => {
  const other = question({ ...yesNo("d", YES), alike: "other" });
  const page = await batch({ questions: ["a", "b", "c"].map((id) => yesNo(id, YES)).concat(other) });
  await begin(page);
  await press(page, "=");
  expect(page.fake.count("fetch")).toBe(1);
  expect(page.text(".batch-alike legend")).toEqual([strings.batch.answerAlike(3)]);
  (page.all(".batch-alike input")[1] as HTMLInputElement).click();
  await settle();
  expect(page.text(".batch-alike legend")).toEqual([strings.batch.answerAlike(2)]);
  page.one(".card").click();
  await press(page, "y");
  const given = page.fake.sent.filter(({ kind }) => kind === "answer");
  expect(given).toMatchObject([
    { id: "a", draft: "true" },
    { id: "b", draft: "true" },
  ]);
  expect(page.text(".title")).toEqual(["c"]);
  expect(page.all(".batch-alike")).toEqual([]);
});

test("Escape closes the list of questions that are alike, and not where the key ends a composition", async () => {
  const page = await batch({ questions: ["a", "b"].map((id) => yesNo(id, YES)) });
  await begin(page);
  await press(page, "=");
  await press(page, "Escape", { isComposing: true });
  expect(page.all(".batch-alike")).toHaveLength(1);
  await press(page, "Escape");
  expect(page.all(".batch-alike")).toEqual([]);
});

test("an edited text is not given to the questions that are alike", async () => {
  const text = (id: string) =>
    question({ id, alike: "same", field: { kind: "text", original: `draft of ${id}`, language: "" } });
  const page = await batch({ questions: [text("a"), text("b")] });
  await begin(page);
  await page.type("mine");
  page.one(".batch-actions button:nth-of-type(4)").click();
  await settle();
  expect(page.text(".batch-alike legend")).toEqual([strings.batch.answerAlike(1)]);
});

test("failed runs are listed, and t tries them again", async () => {
  const failures = [{ kind: "failed_item" as const, number: 3, input: "spam?", error: "OSError: away" }];
  const page = await batch({ batch: { ...BATCH, failed: 1, failures } });
  await begin(page);
  expect(page.text(".batch-failures li").join()).toMatch(/3 · spam\? OSError: away/);
  await press(page, "t");
  expect(page.fake.count("retry")).toBe(1);
});

test("questions that a single run asks side by side are counted", async () => {
  const several = [{ kind: "several" as const, item: 0, decided: 6, total: 50 }];
  const page = await batch({
    questions: [asked("0:a"), asked("0:b")],
    batch: { ...BATCH, total: 1, decided: 0, several },
  });
  expect(page.text(".batch-count")).toEqual([strings.batch.count(7, 50)]);
  await begin(page);
  await press(page, "1");
  expect(page.text(".batch-count")).toEqual([strings.batch.count(8, 50)]);
});

test("? shows the keys and hides them", async () => {
  const page = await batch();
  await begin(page);
  await press(page, "?");
  expect(page.all(".batch-keys kbd").length).toBe(strings.batch.sheet.length);
  await press(page, "?");
  expect(page.all(".batch-keys")).toEqual([]);
});

test("the question of a refused answer is shown again", async () => {
  const page = await batch();
  await begin(page);
  await press(page, "1");
  const { request } = page.fake.last("answer");
  const problem = { kind: "problem" as const, name: "InvalidAnswer", message: "no" };
  page.fake.say({ kind: "refused", request, problem, flaws: [] });
  await settle();
  expect(page.text(".title")).toEqual(["Which is a?"]);
});

test("letters that are written in a text do not skip or flag", async () => {
  const page = await batch({ questions: [question({ id: "a" }), asked("b")] });
  page.field().focus();
  await press(page, "s");
  await press(page, "Backspace");
  expect(page.fake.count("answer") + page.fake.count("ask_again")).toBe(0);
});

test("texts of items that are decided are not kept", async () => {
  const page = await batch({ questions: [question({ id: "a" }), question({ id: "b" })] });
  await page.type("mine");
  page.fake.show({ questions: [question({ id: "b" })] });
  await settle();
  await settle();
  expect(page.fake.model.get("drafts")).toEqual({});
});

test("a note that is left for an answer goes with this answer, and the panel closes", async () => {
  const page = await batch();
  await begin(page);
  await press(page, "f");
  const input = page.one(".batch-note input") as HTMLInputElement;
  input.value = "sure?";
  input.dispatchEvent(new FocusEvent("blur"));
  page.all(".pick")[1]?.click();
  await settle();
  expect(page.fake.last("answer").item).toMatchObject({ flag: "sure?" });
  page.fake.show({ questions: [asked("b"), asked("c")], batch: { ...BATCH, decided: 7 } });
  await settle();
  expect(page.all(".batch-note")).toEqual([]);
});
