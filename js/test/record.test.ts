import { expect, test } from "vitest";
import type { NotebookRecord, RecordEntry } from "../src/protocol";
import { mergeRecord } from "../src/record";
import { recordToWrite } from "./fake";

const entry = (changes: Partial<RecordEntry> = {}): RecordEntry => {
  return { ...recordToWrite().entry, cell: "a", ...changes };
};
const record = (...answers: RecordEntry[]): NotebookRecord => ({ format: 1, answers });
const merged = (existing: unknown, added: RecordEntry) => {
  const result = mergeRecord(existing, added);
  if (result.kind !== "merged") throw new Error(result.reason);
  return result.record;
};

test("the first entry makes the record", () => {
  expect(merged(undefined, entry())).toEqual(record(entry()));
  expect(merged({}, entry())).toEqual(record(entry()));
});

test("an entry of an earlier execution of the same cell goes", () => {
  const old = entry({ execution: "run-1", node: "other", ordinal: 3 });
  expect(merged(record(old), entry())).toEqual(record(entry()));
});

test("entries of other cells stay, whatever their execution", () => {
  const other = entry({ cell: "b", execution: "run-1" });
  expect(merged(record(other), entry())).toEqual(record(other, entry()));
});

test("entries of the same execution stay in order, the same question is replaced", () => {
  const first = entry({ ordinal: 0, answer: '"one"' });
  const second = entry({ ordinal: 1 });
  const elsewhere = entry({ node: "other_node" });
  const again = entry({ ordinal: 0, answer: '"two"' });
  expect(merged(record(first, second, elsewhere), again)).toEqual(record(second, elsewhere, again));
});

test("keys we do not know are kept", () => {
  const existing = { ...record({ ...entry({ cell: "b" }), extra: 1 } as RecordEntry), theirs: { x: 1 } };
  const result = merged(existing, entry());
  expect(result).toMatchObject({ theirs: { x: 1 } });
  expect(result.answers[0]).toHaveProperty("extra", 1);
});

test("what stood there is not changed in place", () => {
  const existing = record(entry({ execution: "run-1" }));
  merged(existing, entry());
  expect(existing.answers).toHaveLength(1);
  expect(existing.answers[0]?.execution).toBe("run-1");
});

test.each([
  ["a newer format", { format: 2, answers: [] }, /newer/],
  ["something else of that name", "mine", /not a record/],
  ["answers that are no list", { format: 1, answers: {} }, /not a record/],
])("%s is left alone", (_, existing, reason) => {
  const result = mergeRecord(existing, entry());
  expect(result.kind).toBe("unwritable");
  expect((result as { reason: string }).reason).toMatch(reason);
});
