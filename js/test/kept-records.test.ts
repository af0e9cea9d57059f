import type { InitializeProps } from "@anywidget/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TIMEOUT_MS } from "../src/channel";
import { writeKept } from "../src/kept-records";
import type { Traits } from "../src/model";
import type { NotebookRecord, RecordToWrite, View } from "../src/protocol";
import { type FakeModel, fakeModel, fakeNotebook, recordToWrite, turn } from "./fake";

let end = new AbortController();
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  end.abort();
  end = new AbortController();
  vi.useRealTimers();
});

const UNWRITTEN: Partial<View> = { turns: [turn({ record: { kind: "recording" } })] };
const settle = (ms = 50) => vi.advanceTimersByTimeAsync(ms);

/** A page with a notebook, to which the kernel gives these records. */
async function coming(view: Partial<View>, records: RecordToWrite[], metadata?: unknown) {
  const fake = fakeModel(view);
  const { notebook, outputs, written } = fakeNotebook(metadata);
  fake.widget_manager.context = { isDisposed: false, model: notebook };
  fake.kernel = (message) => {
    if (message.kind !== "records_request") return;
    const kept = records.map(
      (record, index) => ({ kind: "kept_record", request: `r${index}`, record }) as const,
    );
    queueMicrotask(() => fake.say({ kind: "records", request: message.request, records: kept }));
  };
  writeKept({ model: fake.model, signal: end.signal } as unknown as InitializeProps<Traits>);
  await settle();
  const answers = () =>
    (notebook.sharedModel.getMetadata("nbhitl.cell-a") as NotebookRecord | undefined)?.answers ?? [];
  return { fake, outputs, written, answers };
}

const asked = (fake: FakeModel) => fake.count("records_request");

test("a page that comes writes the records that its notebook lacks, and tells the outcomes", async () => {
  const records = [recordToWrite(), recordToWrite({ ordinal: 1, answer: '"second"' })];
  const { fake, outputs, answers } = await coming(UNWRITTEN, records);
  expect(fake.last("records_request").has).toEqual([]);
  expect(answers().map(({ answer }) => answer)).toEqual(['"edited text"', '"second"']);
  expect(outputs).toHaveLength(3);
  const outcomes = fake.sent.filter(({ kind }) => kind === "record_outcome");
  expect(outcomes).toMatchObject([
    { request: "r0", outcome: { kind: "recorded" } },
    { request: "r1", outcome: { kind: "recorded" } },
  ]);
});

test("the kernel is told the answers that the notebook has, in metadata and in outputs", async () => {
  const { entry } = recordToWrite();
  const { fake } = await coming(UNWRITTEN, [], { format: 1, answers: [{ ...entry, review: 1 }] });
  const { execution, node, ordinal, answered_at } = entry;
  expect(fake.last("records_request").has).toEqual([{ execution, review: 1, node, ordinal, answered_at }]);
});

test("a record that has come into the notebook meanwhile is left alone", async () => {
  const { entry } = recordToWrite();
  const { written } = await coming(UNWRITTEN, [recordToWrite()], { format: 1, answers: [entry] });
  expect(written).toEqual([]);
});

test("a removal is carried out", async () => {
  const { entry } = recordToWrite();
  const removal = { ...recordToWrite(), forget: true, exact: true };
  const { answers } = await coming(UNWRITTEN, [removal], { format: 1, answers: [entry] });
  expect(answers()).toEqual([]);
});

test("a card without answers asks for nothing, and neither does a page that can write no record", async () => {
  const { fake } = await coming({}, []);
  expect(asked(fake)).toBe(0);
  const alone = fakeModel(UNWRITTEN);
  writeKept({ model: alone.model, signal: end.signal } as unknown as InitializeProps<Traits>);
  await settle();
  expect(asked(alone)).toBe(0);
});

test("a page that is there asks for a record that the answering page does not write in time", async () => {
  const { fake, answers } = await coming({}, [recordToWrite()]);
  fake.show(UNWRITTEN);
  await settle(TIMEOUT_MS - 100);
  expect(asked(fake)).toBe(0);
  await settle(200);
  expect([asked(fake), answers().length]).toEqual([1, 1]);
});

test("a page that is there does not ask for a record that is written in time", async () => {
  const { fake } = await coming({}, [recordToWrite()]);
  fake.show(UNWRITTEN);
  await settle();
  fake.show({ turns: [turn({ record: { kind: "recorded" } })] });
  await settle(2 * TIMEOUT_MS);
  expect(asked(fake)).toBe(0);
});

test("a page that has gone asks for nothing", async () => {
  const { fake } = await coming({}, [recordToWrite()]);
  fake.show(UNWRITTEN);
  end.abort();
  await settle(2 * TIMEOUT_MS);
  expect(asked(fake)).toBe(0);
});
