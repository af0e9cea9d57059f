import type { RenderProps } from "@anywidget/types";
import { afterEach, expect, test, vi } from "vitest";
import stub from "../src/stub";
import { importThroughData } from "./blobs";

const KEY = Symbol.for("nbhitl.code");
const page = globalThis as { [KEY]?: Map<string, unknown> };
afterEach(() => page[KEY]?.clear());

importThroughData();

const code = (answer: string) =>
  `globalThis.loads = (globalThis.loads ?? 0) + 1; export default { render: () => ${JSON.stringify(answer)} };`;
const loads = () => (globalThis as { loads?: number }).loads ?? 0;

function props(text: string, host: boolean): RenderProps {
  const bundle = { get: () => text };
  const model = {
    get: () => "anywidget:b1",
    widget_manager: { get_model: async (id: string) => id === "b1" && bundle },
  };
  const getModel = async (ref: string) => ref === "anywidget:b1" && bundle;
  return { model, ...(host && { host: { getModel } }) } as unknown as RenderProps;
}

test.each([true, false])("the shared code is found and run; anywidget's host: %s", async (host) => {
  expect(await stub.render(props(code(`host ${host}`), host))).toBe(`host ${host}`);
});

test("a page imports the same code once, and different code separately", async () => {
  const before = loads();
  const old = props(code("old"), true);
  await Promise.all([stub.render(old), stub.render(old)]);
  expect(loads() - before).toBe(1);
  expect(await stub.render(props(code("new"), true))).toBe("new");
  expect(await stub.render(old)).toBe("old");
  expect(loads() - before).toBe(2);
});

test("code that fails to load is tried again by the next card", async () => {
  const broken = props("throw new Error('broken')", true);
  await expect(stub.render(broken)).rejects.toThrow("broken");
  await expect(stub.render(broken)).rejects.toThrow("broken");
  expect(page[KEY]?.size).toBe(0);
});

const begins = () => (globalThis as { begins?: number }).begins ?? 0;

test("each model begins in the shared code, whether a page draws the model or not", async () => {
  const text = `export default { initialize() { globalThis.begins = 1; }, render() {} };`;
  expect(stub.initialize(props(text, true))).toBeUndefined(); // anywidget would wait for a promise
  await vi.waitFor(() => expect(begins()).toBe(1));
});

test.each(["throw new Error('broken')", "export default { render: () => 1 };"])(
  "code that cannot begin fails nothing else: %s",
  async (text) => {
    const failed = vi.fn();
    process.on("unhandledRejection", failed);
    stub.initialize(props(text, true));
    await stub.render(props(code("drawn"), true));
    await vi.waitFor(() => expect(page[KEY]?.size).toBeGreaterThan(0));
    process.off("unhandledRejection", failed);
    expect(failed).not.toHaveBeenCalled();
  },
);
