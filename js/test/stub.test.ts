import type { RenderProps } from "@anywidget/types";
import { afterEach, expect, test } from "vitest";
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
