import { expect, test, vi } from "vitest";
import type { Control } from "../src/protocol";
import { question } from "./fake";
import { formField } from "./form";
import { settle, shown } from "./page";

const option = (value: string, label = value) => ({ kind: "option" as const, value, label, hint: "" });
const YES_OR_NO: Control = { kind: "choice", options: [option("true", "Yes"), option("false", "No")] };

const asked = (changes = {}) =>
  shown({ questions: [question({ field: formField(YES_OR_NO, "null"), prompt: "Go on?", ...changes })] });

test("a click on an option sends the option", async () => {
  const { fake, all, text } = await asked();
  expect(all(".resume")).toEqual([]);
  expect(text(".pick")).toEqual(["Yes1", "No2"]);
  all(".pick")[1]?.click();
  expect(fake.last("answer").draft).toBe("false");
});

test("the digit of an option sends the option, once, and further keys send nothing", async () => {
  const { fake, one } = await asked();
  const press = (key: string, init = {}) =>
    one(".pick").dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }),
    );
  press("3");
  press("1", { ctrlKey: true });
  press("2", { repeat: true });
  expect(fake.count("answer")).toBe(0);
  press("1");
  await settle();
  press("2");
  expect(fake.count("answer")).toBe(1);
  expect(fake.last("answer").draft).toBe("true");
});

test("a click beside the controls leads to the options, not to a button that Enter would press", async () => {
  const { root, one } = await asked();
  one(".title").click();
  expect(root.activeElement).toBe(one(".picks"));
});

test("a refused option says why, and another option can be sent", async () => {
  const { fake, all, text } = await asked();
  all(".pick")[0]?.click();
  const problem = { kind: "problem", name: "InvalidAnswer", message: "not that" } as const;
  fake.say({ kind: "refused", request: fake.last("answer").request, problem, flaws: [] });
  await vi.waitFor(() => expect(text('[role="alert"]')).toEqual(["not that"]));
  expect(all(".pick")[0]?.getAttribute("aria-pressed")).toBe("true");
  all(".pick")[1]?.click();
  expect(fake.last("answer").draft).toBe("false");
});

test("the second click of a double click sends nothing: the next question may stand there", async () => {
  const { fake, all } = await asked();
  all(".pick")[1]?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 2 }));
  expect(fake.count("answer")).toBe(0);
});

test.each([
  ["a double click", { detail: 2 }, ""],
  ["a drag over a text", { detail: 1 }, "a text"],
])("%s leaves the selected text", async (_, click, selected) => {
  const { root, one } = await asked();
  vi.spyOn(document, "getSelection").mockReturnValue({ toString: () => selected } as Selection);
  one(".title").dispatchEvent(new MouseEvent("click", { bubbles: true, ...click }));
  expect(root.activeElement).toBeNull();
  vi.restoreAllMocks();
});
