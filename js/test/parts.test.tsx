import type { RenderProps } from "@anywidget/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Markdown } from "../src/contents/markdown";
import * as markdown from "../src/contents/markdown-part";
import type { Traits } from "../src/model";
import { loadParts, parts } from "../src/parts";
import widget from "../src/widget";
import { importThroughData } from "./blobs";
import { drawn, settled } from "./draw";
import { fakeModel, welcoming } from "./fake";

const end = new AbortController();

beforeEach(() => {
  importThroughData();
  parts.markdown.value = null;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const CODE = `export default (require) => ({ read: (text) => [{ type: "hr", raw: typeof require("preact").h }] });`;

function props(code: string, named: Record<string, string>) {
  const fake = fakeModel();
  Object.assign(fake.traits, { parts: named });
  const getModel = vi.fn(async (_ref: string) => ({ get: () => code }));
  return { fake, getModel, props: { model: fake.model, host: { getModel } } as unknown as RenderProps };
}

test("a part that the kernel names is loaded once, with the libraries of the card", async () => {
  const { getModel, props: given } = props(CODE, { markdown: "anywidget:p1" });
  await Promise.all([loadParts(given, end.signal), loadParts(given, end.signal)]);
  expect(getModel).toHaveBeenCalledTimes(1);
  expect(parts.markdown.value?.read("")).toEqual([{ type: "hr", raw: "function" }]);
});

test("a part that is named later is loaded then", async () => {
  const { fake, getModel, props: given } = props(CODE, {});
  await loadParts(given, end.signal);
  expect(getModel).not.toHaveBeenCalled();
  fake.update({ parts: { markdown: "anywidget:p2" } });
  await vi.waitFor(() => expect(parts.markdown.value).not.toBeNull());
});

test("a part that cannot be loaded is missing, and no more", async () => {
  const told = vi.spyOn(console, "warn").mockImplementation(() => {});
  const { props: given } = props("throw new Error('broken')", { markdown: "anywidget:p3" });
  await loadParts(given, end.signal);
  expect(parts.markdown.value).toBeNull();
  expect(told).toHaveBeenCalledTimes(1);
});

test("Markdown is shown as written until the part that reads Markdown is loaded", async () => {
  const { one, all } = drawn(<Markdown text="**bold**" />);
  expect(one("p").textContent).toBe("**bold**");
  await settled(() => {
    parts.markdown.value = markdown;
  });
  expect(all("strong").map(({ textContent }) => textContent)).toEqual(["bold"]);
});

test("styles of a part are in the card, whenever the part comes", async () => {
  const el = document.createElement("div");
  widget.render({
    model: welcoming(fakeModel()).model,
    el,
    signal: end.signal,
  } as unknown as RenderProps<Traits>);
  const style = () => el.firstElementChild?.shadowRoot?.querySelector("style")?.textContent;
  expect(style()).not.toContain(".of-a-part");
  await settled(() => {
    parts.markdown.value = { ...markdown, css: ".of-a-part {}" };
  });
  expect(style()).toContain(".of-a-part {}");
});

test("the card of a batch waits for the part of the batch, however slow the part is", async () => {
  vi.useFakeTimers();
  let come = (_: unknown) => {};
  const { fake, props: given } = props("", { batch: "anywidget:slow" });
  const slow = { ...given, host: { getModel: () => new Promise((resolve) => (come = resolve)) } };
  const el = document.createElement("div");
  const drawn = widget.render({ ...slow, model: welcoming(fake).model, el, signal: end.signal } as never);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(el.childElementCount).toBe(0);
  come({ get: () => "export default () => ({ css: '', createBatching: () => ({}) });" });
  vi.useRealTimers();
  parts.batch.value = null;
  end.abort();
  await drawn;
});
