/** A form in a card, the controls of the form, and functions that act as a person. */
import type { Control, Field, Flaw, Member, Question, TextControl } from "../src/protocol";
import { question } from "./fake";
import { settle, shown } from "./page";

export const text = (format: TextControl["format"] = "plain", longest: number | null = null): Control => ({
  kind: "text",
  format,
  language: "",
  longest,
});
export const number = (changes: object = {}): Control => ({
  kind: "number",
  integer: false,
  least: null,
  most: null,
  step: null,
  ...changes,
});
export const option = (value: string, label = value) => ({ kind: "option", label, hint: "", value }) as const;
export const choice = (...values: string[]): Control => ({
  kind: "choice",
  options: values.map((v) => option(v)),
});
export const fixed = (value: string): Control => ({ kind: "fixed", value });
export const anything: Control = { kind: "json", why: "" };
export const member = (name: string, control: Control, changes: Partial<Member> = {}): Member => ({
  kind: "member",
  name,
  label: name.toUpperCase(),
  hint: "",
  required: true,
  start: "null",
  control,
  ...changes,
});
export const group = (...members: Member[]) =>
  ({ kind: "group", members, others: null, start: "null" }) satisfies Control;
export const list = (item: Control, start: string, changes: object = {}): Control => ({
  kind: "list",
  item,
  start,
  fewest: 0,
  most: null,
  table: false,
  ...changes,
});
export const variants = (by: string | null, ...all: [string, string | null, string, Control][]): Control => ({
  kind: "variants",
  by,
  variants: all.map(([label, tag, start, control]) => ({
    kind: "variant",
    label,
    hint: "",
    tag,
    start,
    control,
  })),
});
export const flaw = (path: string[], message: string): Flaw => ({ kind: "flaw", path, message });

export function formField(control: Control, original: string, shared = {}): Field {
  return { kind: "form", original, control, shared };
}

/** A value as the JSON text that Python writes. */
export const dumps = (value: unknown): string => JSON.stringify(value, null, 2);

export async function form(control: Control, original: string, changes: Partial<Question> = {}, shared = {}) {
  const page = await shown({
    questions: [question({ payload: "", field: formField(control, original, shared), ...changes })],
  });
  const { fake, all, root } = page;
  /** Find a control by the label, as a person does. */
  const find = (label: string): HTMLElement => {
    const named = all("label").find((one) => one.textContent?.replace(/ \*$/, "") === label);
    const id = (named as HTMLLabelElement | undefined)?.htmlFor;
    const found = id ? root.getElementById(id) : named?.querySelector<HTMLElement>("input");
    if (!found) throw new Error(`no control is labelled ${label}`);
    return found;
  };
  const write = async (label: string | HTMLElement, value: string) => {
    const element = (typeof label === "string" ? find(label) : label) as HTMLInputElement;
    element.value = value;
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
  };
  const press = async (element: HTMLElement, key: string, init: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
    element.dispatchEvent(event);
    await settle();
    return event;
  };
  const button = (name: string): HTMLElement => {
    const named = (one: HTMLElement) => (one.getAttribute("aria-label") ?? one.textContent)?.trim() === name;
    const found = all("button").find(named);
    if (!found) throw new Error(`there is no button ${name}`);
    return found;
  };
  const push = async (name: string) => {
    button(name).click();
    await settle();
  };
  /** The draft that the card sends; the kernel refuses the draft, so that the form stays open. */
  const draft = () => {
    page.one(".resume").click();
    const sent = fake.last("answer");
    fake.say({
      kind: "refused",
      request: sent.request,
      problem: { kind: "problem", name: "AnswerError", message: "again" },
      flaws: [],
    });
    return sent.draft;
  };
  const checked = async (flaws: Flaw[], sends = "object") => {
    fake.say({ kind: "checked", request: fake.last("check").request, sends, sent: "", flaws });
    await settle();
  };
  return { ...page, find, write, press, button, push, draft, checked };
}
