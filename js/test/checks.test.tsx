import { expect, test, vi } from "vitest";
import { DEBOUNCE_MS } from "../src/drafts";
import type { Field } from "../src/protocol";
import * as strings from "../src/strings";
import { question } from "./fake";
import { flaw, form, group, member, text } from "./form";
import { settle, shown } from "./page";

const json = (original: string): Field => ({ kind: "json", original });
const asked = () => vi.advanceTimersByTimeAsync(DEBOUNCE_MS + 20);
const sent = strings.question.sentAs;

test("the type of an untouched answer is told without asking the kernel", async () => {
  const { fake, text } = await shown({ questions: [question({ field: json("12"), sends: "whole number" })] });
  await asked();
  expect(text(".sends")).toEqual([sent("whole number")]);
  expect(fake.count("check")).toBe(0);
});

test("the kernel checks a text when writing pauses, and only the result for the last text counts", async () => {
  const { fake, text, type } = await shown({
    questions: [question({ field: json("12"), sends: "whole number" })],
  });
  await type("1");
  await type("1.5");
  expect(fake.count("check")).toBe(0);
  await asked();
  expect(fake.count("check")).toBe(1);
  const { request, draft, id } = fake.last("check");
  expect([draft, id]).toEqual(["1.5", "i1"]);
  await type('"a"');
  fake.say({ kind: "checked", request, sends: "number", sent: "", flaws: [] });
  await settle();
  expect(text(".sends")).toEqual([sent("whole number")]);
  await asked();
  fake.say({
    kind: "checked",
    request: fake.last("check").request,
    sends: "text",
    sent: "",
    flaws: [flaw([], "no number")],
  });
  await settle();
  expect(text(".sends")).toEqual([sent("text")]);
  expect(text(".flaw")).toEqual([" no number"]);
});

test("a kernel that does not answer is no problem", async () => {
  const { fake, type, all, one } = await shown({ questions: [question({ field: json("12") })] });
  await type("13");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(fake.count("check")).toBe(1);
  expect(all('[role="alert"]')).toEqual([]);
  one(".resume").click();
  expect(fake.last("answer").draft).toBe("13");
});

test("a text that is no JSON is not checked by the kernel, and no type is told", async () => {
  const { fake, type, all } = await shown({
    questions: [question({ field: json("12"), sends: "whole number" })],
  });
  await type("{,");
  await asked();
  expect(fake.count("check")).toBe(0);
  expect(all(".sends")).toEqual([]);
});

test("the kernel is asked for an unknown type, and flaws of an untouched answer are not shown", async () => {
  const { fake, text, all } = await shown({ questions: [question({ field: json("12") })] });
  await asked();
  const { request } = fake.last("check");
  fake.say({ kind: "checked", request, sends: "whole number", sent: "", flaws: [flaw([], "is too small")] });
  await settle();
  expect(text(".sends")).toEqual([sent("whole number")]);
  expect(all(".flaw")).toEqual([]);
});

test("a draft that was kept over a reload is checked by the kernel", async () => {
  const { fake } = await shown({ questions: [question({ field: json("12") })] }, { i1: "13" });
  await asked();
  expect(fake.last("check").draft).toBe("13");
});

test("after a refusal every flaw of the next text is shown", async () => {
  const {
    fake,
    one,
    write,
    text: texts,
  } = await form(group(member("a", text()), member("b", text())), '{"a": "", "b": ""}');
  one(".resume").click();
  fake.say({
    kind: "refused",
    request: fake.last("answer").request,
    problem: { kind: "problem", name: "AnswerError", message: "It does not fit." },
    flaws: [flaw(["a"], "is empty"), flaw(["b"], "is empty")],
  });
  await settle();
  expect(texts('[role="alert"]')).toEqual(["It does not fit."]);
  await write("A", "x");
  expect(texts('[role="alert"]')).toEqual([]);
  await asked();
  fake.say({
    kind: "checked",
    request: fake.last("check").request,
    sends: "object",
    sent: "",
    flaws: [flaw(["b"], "is still empty")],
  });
  await settle();
  expect(texts(".form .flaw")).toEqual(["is still empty"]);
});

test("“Edit as JSON” asks for the JSON editor, which goes on with the draft", async () => {
  const { fake, one, write, field, push, root, more } = await form(
    group(member("a", text())),
    '{\n  "a": ""\n}',
    {
      switch: "json",
    },
  );
  await more();
  await write("A", "x");
  await push(strings.machine.toJson);
  const { request, to, draft } = fake.last("switch");
  expect([to, draft]).toEqual(["json", '{\n  "a": "x"\n}']);
  expect((one("input") as HTMLInputElement).readOnly).toBe(true);
  fake.show({ questions: [question({ field: json('{\n  "a": ""\n}'), switch: "form" })] });
  fake.say({ kind: "switched", request, draft });
  await settle();
  expect(field().value).toBe(draft);
  expect(field().readOnly).toBe(false);
  expect(root.querySelector(".switch-form")?.textContent).toBe(strings.machine.toForm);
});

test("a form that cannot take the written text says why, and the text stays", async () => {
  const { fake, click, type, field, text, more } = await shown({
    questions: [question({ field: json("null"), switch: "form" })],
  });
  await more();
  await type("[1]");
  await click(".switch-form");
  const problem = { kind: "problem", name: "AnswerError", message: "A list does not fit the form." } as const;
  fake.say({
    kind: "refused",
    request: fake.last("switch").request,
    problem,
    flaws: [flaw(["0"], "is no text")],
  });
  await settle();
  expect(text('[role="alert"]')).toEqual([problem.message]);
  expect(text(".flaw")).toEqual(["0 is no text"]);
  expect([field().value, field().readOnly]).toEqual(["[1]", false]);
  expect(text(".switch-form")).toEqual([strings.machine.toForm]);
});

test("a part that is no JSON goes over to the JSON editor unchanged", async () => {
  const { fake, write, push, more } = await form(group(member("a", { kind: "json", why: "" })), '{"a": 1}', {
    switch: "json",
  });
  await more();
  await write("A", "[1,");
  await push(strings.machine.toJson);
  expect(fake.last("switch").draft).toBe('{\n  "a": [1,\n}');
});

test("the value to be sent is shown as JSON until the draft changes, and again after the next check", async () => {
  const { fake, text, type } = await shown({
    questions: [question({ field: json("12"), sends: "whole number", sent: "12" })],
  });
  expect(text(".sends code")).toEqual(["12"]);
  await type("13");
  expect(text(".sends code")).toEqual([]);
  await asked();
  fake.say({
    kind: "checked",
    request: fake.last("check").request,
    sends: "whole number",
    sent: "13",
    flaws: [],
  });
  await settle();
  expect(text(".sends code")).toEqual(["13"]);
});

test("the type of an answer is chosen beside the field, and the text goes over to that type", async () => {
  const field = { kind: "text", original: "", language: "" } as const;
  const { fake, root, click, type } = await shown({
    questions: [question({ field, written: "text", switch: null })],
  });
  const chosen = () =>
    root.querySelector<HTMLInputElement>(".written input:checked")?.nextSibling?.textContent;
  expect(chosen()).toBe(strings.question.types.text);
  expect(root.querySelector(".switch-form")).toBe(null);
  await type("12");
  await click(".written label:nth-child(2) input");
  expect(fake.last("switch")).toMatchObject({ to: "number", draft: "12", id: "i1" });
});
