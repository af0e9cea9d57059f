/** A page whose notebook and widget manager lack each private name, or give the name another meaning: the card is answered. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeModel, fakeNotebook, question, recordToWrite, welcoming } from "./fake";
import { endView, settle, show } from "./page";

beforeEach(() => void vi.stubGlobal("fetch", () => Promise.reject(new Error("no server"))));
afterEach(() => void vi.unstubAllGlobals());

const MEANINGS: Record<string, unknown> = {
  "not there": undefined,
  null: null,
  "a text": "text",
  "an empty object": {},
  "a function that throws": () => {
    throw new Error("of another version");
  },
};

/** The names by which `host.ts` reaches the notebook, from the optional members of the interfaces there. */
const source = readFileSync("src/host.ts", "utf8");
const NAMES = [
  ...new Set([...source.matchAll(/^ +(?:readonly )?(\w+)\??[:(]/gm)].map(([, name]) => name ?? "")),
];

const host = () => ({
  context: { isDisposed: false, path: "a.ipynb", model: { collaborative: true, ...fakeNotebook().notebook } },
  kernel: {
    status: "idle",
    isDisposed: false,
    serverSettings: { baseUrl: "/" },
    disposed: { connect: () => {}, disconnect: () => {} },
  },
  rendermime: { latexTypesetter: { typeset: () => {} } },
});

/** Everything that is reached by way of `value`, except a single name. */
function without(value: unknown, name: string, meaning: unknown): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      if (key === name) return meaning;
      const found = Reflect.get(target, key, target);
      return without(typeof found === "function" ? found.bind(target) : found, name, meaning);
    },
  });
}

test.each(Object.keys(MEANINGS))(
  "each name that is %s: a single answer, and a single outcome of the record",
  async (meaning) => {
    for (const name of NAMES) {
      const fake = welcoming(fakeModel({ questions: [question()] }));
      const whole = { ...fake.widget_manager, ...host() };
      fake.widget_manager = without(whole, name, MEANINGS[meaning]) as typeof whole;
      const { click } = await show(fake);
      await click(".resume");
      expect([name, fake.count("answer")]).toEqual([name, 1]);
      fake.say({
        kind: "accepted",
        request: fake.last("answer").request,
        revision: 2,
        record: recordToWrite(),
      });
      await settle();
      expect([name, fake.count("record_outcome")]).toEqual([name, 1]);
      endView();
      document.body.replaceChildren();
    }
  },
);

test("a host with all names records the answer", async () => {
  const fake = welcoming(fakeModel({ questions: [question()] }));
  fake.widget_manager = without(
    { ...fake.widget_manager, ...host() },
    "",
    null,
  ) as typeof fake.widget_manager;
  const { click } = await show(fake);
  await click(".resume");
  fake.say({ kind: "accepted", request: fake.last("answer").request, revision: 2, record: recordToWrite() });
  await settle();
  expect(fake.last("record_outcome").outcome).toEqual({ kind: "recorded" });
});
