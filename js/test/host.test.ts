import { expect, test } from "vitest";
import { isConnected, isKernelBusy, writeRecord } from "../src/host";
import { type FakeModel, fakeModel, fakeNotebook, recordToWrite } from "./fake";

function inNotebook(metadata?: unknown) {
  const fake = fakeModel();
  const { notebook, outputs, written } = fakeNotebook(metadata);
  fake.widget_manager.context = { isDisposed: false, model: notebook };
  return { fake, notebook, outputs, written };
}

const write = (fake: FakeModel) => writeRecord(fake.model, recordToWrite());

test("metadata and output are written, with the id of the cell that shows the card", () => {
  const { fake, outputs, written } = inNotebook();
  expect(write(fake)).toEqual({ kind: "recorded" });
  expect(written).toEqual([
    ["nbhitl", { format: 1, answers: [{ ...recordToWrite().entry, cell: "cell-a" }] }],
  ]);
  expect(outputs[1]).toEqual({
    output_type: "display_data",
    data: { "text/plain": "edited text" },
    metadata: {},
  });
});

test.each<[string, RegExp, (place: ReturnType<typeof inNotebook>) => void]>([
  ["a host without a notebook", /no access/, ({ fake }) => delete fake.widget_manager.context],
  ["a read-only notebook", /read-only/, ({ notebook }) => Object.assign(notebook, { readOnly: true })],
  ["a card that no cell shows", /no cell/, ({ outputs }) => outputs.splice(0)],
  [
    "a notebook that refuses",
    /boom/,
    ({ notebook }) => {
      notebook.sharedModel.setMetadata = () => {
        throw new Error("boom");
      };
    },
  ],
])("%s: nothing is written, and why", (_, reason, spoil) => {
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

test("a comm without a kernel is told from a host that does not say", async () => {
  const fake = fakeModel();
  expect(await isConnected(fake.model)).toBe(true);
  fake.dead = true;
  expect(await isConnected(fake.model)).toBe(false);
  fake.widget_manager.get_model = async () => ({});
  expect(await isConnected(fake.model)).toBe(true);
  fake.widget_manager.get_model = () => Promise.reject(new Error("unknown"));
  expect(await isConnected(fake.model)).toBe(true);
});

test("a busy kernel is known where the host shows its kernel", () => {
  const fake = fakeModel();
  expect(isKernelBusy(fake.model)).toBe(false);
  fake.widget_manager.kernel = { status: "busy" };
  expect(isKernelBusy(fake.model)).toBe(true);
});
