import { expect, test, vi } from "vitest";
import {
  isConnected,
  isKernelBusy,
  onceDisconnected,
  tellAnswersLast,
  typesetterOf,
  writeRecord,
} from "../src/host";
import type { NotebookRecord } from "../src/protocol";
import { type FakeModel, fakeModel, fakeNotebook, makeView, recordToWrite } from "./fake";

function inNotebook(metadata?: unknown, options = {}) {
  const fake = fakeModel();
  const { notebook, outputs, written } = fakeNotebook(metadata, options);
  fake.widget_manager.context = { isDisposed: false, model: notebook };
  return { fake, notebook, outputs, written };
}

const write = (fake: FakeModel) => writeRecord(fake.model, recordToWrite());

test("metadata and output are written, with the id of the cell that shows the card", () => {
  const { fake, outputs, written } = inNotebook();
  expect(write(fake)).toEqual({ kind: "recorded" });
  expect(written).toEqual([
    ["nbhitl.cell-a", { format: 1, answers: [{ ...recordToWrite().entry, cell: "cell-a" }] }],
  ]);
  expect(outputs[1]).toEqual({
    output_type: "display_data",
    data: recordToWrite().output,
    metadata: { nbhitl_answer: recordToWrite().told },
  });
});

test("an answer that the kernel tells is written into the metadata only", () => {
  const { fake, outputs, written } = inNotebook();
  expect(writeRecord(fake.model, { ...recordToWrite(), output: null })).toEqual({ kind: "recorded" });
  expect([outputs.length, written.length]).toEqual([1, 1]);
});

const shown = (text: string) => ({ output_type: "display_data", data: { "text/plain": text }, metadata: {} });
const last = (outputs: { data: Record<string, unknown> }[]) =>
  outputs.slice(1).map(({ data }) => String(data["text/plain"]).split("\n").at(-1));

test.each([
  [4, 4, 5],
  [4, 5, 5],
  [4, 6, 6],
  [3, 0, 0],
])("a notebook of format %i.%i keeps the ids of its cells with the record", (nbformat, minor, expected) => {
  const { fake, notebook } = inNotebook();
  const shared = Object.assign(notebook.sharedModel, { nbformat, nbformat_minor: minor });
  writeRecord(fake.model, recordToWrite({ answer: "an answer" }));
  expect(shared.nbformat_minor).toBe(expected);
});

test("answers are told below everything else, in the order of their questions", () => {
  const { fake, outputs } = inNotebook();
  for (const ordinal of [2, 0, 1]) {
    writeRecord(fake.model, recordToWrite({ ordinal, answer: `${ordinal}` }));
    outputs.push(shown(`a node after ${ordinal}`));
  }
  tellAnswersLast(fake.model, makeView());
  const nodes = [2, 0, 1].map((ordinal) => `a node after ${ordinal}`);
  expect(last(outputs)).toEqual([...nodes, "0", "1", "2"]);
  const before = [...outputs];
  tellAnswersLast(fake.model, makeView());
  expect(outputs.every((output, index) => output === before[index])).toBe(true);
});

test("the failure of a run is told below the answers, until the run works again", () => {
  const { fake, outputs } = inNotebook();
  const failure = (card: number) => ({
    ...shown(`card ${card} failed`),
    metadata: { nbhitl_answer: { card, node: "", ordinal: -1, place: [card, 1e9], failure: true } },
  });
  outputs.push(failure(1), failure(0));
  writeRecord(fake.model, recordToWrite({ answer: "an answer" }));
  const failed = makeView({
    phase: { kind: "failed", problem: { kind: "problem", name: "ValueError", message: "" } },
  });
  tellAnswersLast(fake.model, failed);
  expect(last(outputs)).toEqual(["an answer", "card 0 failed", "card 1 failed"]);
  tellAnswersLast(fake.model, makeView({ phase: { kind: "running" } }));
  expect(last(outputs)).toEqual(["an answer", "card 1 failed"]);
});

test("where the host cannot remove outputs, answers are sorted among the existing places", () => {
  const { fake, outputs } = inNotebook(undefined, { canRemove: false });
  for (const ordinal of [2, 0]) writeRecord(fake.model, recordToWrite({ ordinal, answer: `${ordinal}` }));
  outputs.push(shown("a node"));
  writeRecord(fake.model, recordToWrite({ ordinal: 1, answer: "1" }));
  expect(last(outputs)).toEqual(["0", "1", "a node", "2"]);
});

test("an answer to a question asked again replaces the former answer, in metadata and outputs", () => {
  const { fake, notebook, outputs, written } = inNotebook();
  for (const changes of [
    { answer: '"bad"' },
    { ordinal: 1, answer: '"next"' },
    { payload: '"other"', answer: '"good"' },
  ])
    expect(writeRecord(fake.model, recordToWrite(changes))).toEqual({ kind: "recorded" });
  expect(outputs.slice(1).map(({ data }) => String(data["text/plain"]).split("\n").at(-1))).toEqual([
    '"good"',
    '"next"',
  ]);
  expect(written.at(-1)).toEqual(["nbhitl.cell-a", notebook.sharedModel.getMetadata("nbhitl.cell-a")]);
  const { answers } = notebook.sharedModel.getMetadata("nbhitl.cell-a") as NotebookRecord;
  expect(answers.map(({ answer }) => answer)).toEqual(['"good"', '"next"']);
});

test("an answer that is kept out removes the former record, and replaces the output of the former answer", () => {
  const { fake, notebook, outputs } = inNotebook();
  write(fake);
  writeRecord(fake.model, recordToWrite({ ordinal: 1, answer: '"next"' }));
  const out = { ...recordToWrite(), forget: true };
  out.output = { "text/plain": String(outputs[1]?.data["text/plain"]).replace(/[^\n]*$/, "(not recorded)") };
  expect(writeRecord(fake.model, out)).toEqual({ kind: "recorded" });
  const { answers } = notebook.sharedModel.getMetadata("nbhitl.cell-a") as NotebookRecord;
  expect(answers.map(({ answer }) => answer)).toEqual(['"next"']);
  expect(outputs.slice(1).map(({ data }) => String(data["text/plain"]).split("\n").at(-1))).toEqual([
    "(not recorded)",
    '"next"',
  ]);
  writeRecord(fake.model, out);
  expect(outputs).toHaveLength(3);
});

test("a former output that somebody has removed is not searched for elsewhere", () => {
  const { fake, outputs } = inNotebook();
  write(fake);
  outputs.splice(1, 1, { data: { "text/plain": "printed" } });
  write(fake);
  expect(outputs.map(({ data }) => data["text/plain"])).toEqual([
    undefined,
    "printed",
    recordToWrite().output["text/plain"],
  ]);
});

test.each<[string, RegExp, (place: ReturnType<typeof inNotebook>) => void]>([
  ["a host without a notebook", /no access/, ({ fake }) => delete fake.widget_manager.context],
  [
    "a host whose notebook has no cells, as VS Code's",
    /no access/,
    ({ notebook }) => Object.assign(notebook, { cells: { length: 0, get: () => undefined } }),
  ],
  ["a read-only notebook", /read-only/, ({ notebook }) => Object.assign(notebook, { readOnly: true })],
  ["a card that no cell shows", /no cell/, ({ outputs }) => outputs.splice(0)],
  [
    "a card inside another widget, as an Output, which alone is the output of the cell",
    /no cell of the open notebook has this card as its own output; show the card outside of other widgets/,
    ({ outputs }) => {
      const data = { "application/vnd.jupyter.widget-view+json": { model_id: "the Output" } };
      outputs.splice(0, 1, { output_type: "display_data", data, metadata: {} });
    },
  ],
  [
    "a notebook that refuses",
    /boom/,
    ({ notebook }) => {
      notebook.sharedModel.setMetadata = () => {
        throw new Error("boom");
      };
    },
  ],
])("%s: nothing is written, and the outcome tells why", (_, reason, spoil) => {
  const place = inNotebook();
  spoil(place);
  const before = place.outputs.length;
  const outcome = write(place.fake);
  expect(outcome.kind).toBe("not_recorded");
  expect((outcome as { reason: string }).reason).toMatch(reason);
  expect(place.outputs).toHaveLength(before);
  expect(place.written).toEqual([]);
});

test("a record in a newer format is not touched, nor is an output added", () => {
  const { fake, outputs, written } = inNotebook({ format: 99, answers: [] });
  expect(write(fake)).toMatchObject({ kind: "not_recorded", reason: expect.stringContaining("newer") });
  expect([outputs.length, written.length]).toEqual([1, 0]);
});

test("a comm without a kernel is distinguished from a host that does not say", async () => {
  const fake = fakeModel();
  expect(await isConnected(fake.model)).toBe(true);
  fake.dead = true;
  expect(await isConnected(fake.model)).toBe(false);
  fake.widget_manager.get_model = async () => ({});
  expect(await isConnected(fake.model)).toBe(true);
  fake.widget_manager.get_model = () => Promise.reject(new Error("unknown"));
  expect(await isConnected(fake.model)).toBe(true);
});

test("a disposed connection is told, until the view ends, and counts as no kernel", async () => {
  const fake = fakeModel();
  const slots = new Set<() => void>();
  const disposed = {
    connect: (slot: () => void) => slots.add(slot),
    disconnect: (slot: () => void) => slots.delete(slot),
  };
  const kernel = { isDisposed: false, disposed };
  fake.widget_manager.kernel = kernel;
  const [view, react] = [new AbortController(), vi.fn()];
  onceDisconnected(fake.model, react, view.signal);
  expect(await isConnected(fake.model)).toBe(true);
  kernel.isDisposed = true;
  for (const slot of slots) slot();
  expect(react).toHaveBeenCalledOnce();
  expect(await isConnected(fake.model)).toBe(false);
  view.abort();
  expect(slots.size).toBe(0);
});

test.each([undefined, null, {}, { disposed: "no" }])(
  "a host whose kernel is %j never tells a disposed connection",
  (kernel) => {
    const fake = fakeModel();
    fake.widget_manager.kernel = kernel;
    onceDisconnected(fake.model, vi.fn(), new AbortController().signal);
  },
);

test("a busy kernel is recognised where the host shows the kernel", () => {
  const fake = fakeModel();
  expect(isKernelBusy(fake.model)).toBe(false);
  fake.widget_manager.kernel = { status: "busy" };
  expect(isKernelBusy(fake.model)).toBe(true);
});

/** The typesetter of a model whose host lends `latexTypesetter`. */
const lending = (latexTypesetter: unknown) => {
  const fake = fakeModel();
  fake.widget_manager.rendermime = { latexTypesetter };
  return typesetterOf(fake.model);
};

test.each([undefined, null, {}, { typeset: "no" }])("a host that lends %j sets no formulas", (latex) => {
  expect(lending(latex)).toBeNull();
});

test("a formula is set by the host, and the style rules are copied into the shadow root once", async () => {
  const rules = document.createElement("style");
  rules.id = "MJX-CHTML-styles";
  rules.textContent = "mjx-c { color: red }";
  document.head.append(rules);
  const root = document.createElement("div").attachShadow({ mode: "open" });
  const formula = document.createElement("span");
  root.append(formula);
  const typeset = lending({ typeset: (element: HTMLElement) => element.replaceChildren("set") });
  for (let times = 0; times < 2; times += 1) typeset?.(formula);
  await vi.waitFor(() => expect(root.querySelectorAll("style")).toHaveLength(1));
  expect(root.querySelector("style")?.textContent).toContain("mjx-c");
  expect(formula.textContent).toBe("set");
  rules.remove();
});

test("a formula that the host cannot set is shown as written", async () => {
  const formula = document.createElement("span");
  formula.textContent = "$x$";
  const failing = async (element: HTMLElement) => {
    element.textContent = "half";
    throw new Error("no");
  };
  lending({ typeset: failing })?.(formula);
  await vi.waitFor(() => expect(formula.textContent).toBe("$x$"));
});
