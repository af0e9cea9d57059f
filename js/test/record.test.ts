import { expect, test } from "vitest";
import type { NotebookRecord, RecordEntry } from "../src/protocol";
import { findOutput, mergeRecord } from "../src/record";
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

test("entries of the same execution stay in order, the same question is replaced where it stands", () => {
  const first = entry({ ordinal: 0, answer: '"one"' });
  const second = entry({ ordinal: 1 });
  const elsewhere = entry({ node: "other_node" });
  const again = entry({ ordinal: 0, answer: '"two"' });
  expect(merged(record(first, second, elsewhere), again)).toEqual(record(again, second, elsewhere));
});

test("two reviews of one execution keep their answers, and each replaces its own", () => {
  const first = entry({ answer: '"one"' });
  const second = entry({ review: 1, answer: '"two"' });
  expect(merged(record(first), second)).toEqual(record(first, second));
  const changed = entry({ review: 1, answer: '"three"' });
  expect(merged(record(first, second), changed)).toEqual(record(first, changed));
  expect(found([first, second], changed)).toBe(1);
});

const told = ({ node, payload, answer }: RecordEntry) =>
  `${node} asked a person\n${payload}\nThe answer\n${answer}`;

/** Which of the outputs of `before` an entry replaces. */
function found(before: RecordEntry[], added: RecordEntry, texts: unknown[] = before.map(told)): number {
  const result = mergeRecord(record(...before), added);
  if (result.kind !== "merged" || !result.replaced) return -2;
  return findOutput(texts, told(added), added, result.replaced);
}

test("the former output is found by what it says", () => {
  const first = entry({ answer: '"one"' });
  const second = entry({ node: "other", answer: '"one"' });
  const third = entry({ node: "other", ordinal: 1, payload: "1", answer: "2" });
  const before = [first, second, third];
  expect(found(before, entry({ answer: '"two"' }))).toBe(0);
  expect(found(before, entry({ node: "other", payload: "changed" }))).toBe(1);
  expect(found(before, { ...third, answer: "3" })).toBe(2);
  expect(found(before, entry({ node: "new" }))).toBe(-2);
});

test("outputs that begin alike are told apart by their order, whatever stands between them", () => {
  const before = [0, 1, 2].map((ordinal) => entry({ ordinal, answer: "same" }));
  const texts = [undefined, ...before.map(told)].flatMap((text) => [text, "printed"]);
  for (const ordinal of [0, 1, 2]) {
    expect(found(before, entry({ ordinal, answer: "new" }), texts)).toBe(2 + 2 * ordinal);
  }
});

test("a payload that is the beginning of another's is not taken for it", () => {
  const longer = entry({ payload: "Hello\nWorld" });
  const shorter = entry({ ordinal: 1, payload: "Hello" });
  expect(found([longer, shorter], { ...shorter, answer: "new" })).toBe(1);
});

test("the former output of another execution counts for nothing", () => {
  const before = [entry({ execution: "run-1" }), entry({ ordinal: 1 })];
  expect(found(before, entry({ ordinal: 1, answer: "new" }), [told(entry())])).toBe(0);
});

test("an output that is gone, or says something unknown, is not found", () => {
  expect(found([entry()], entry({ answer: "new" }), [])).toBe(-1);
  const replaced = { entry: entry(), rank: 0 };
  expect(findOutput([told(entry())], "something else", entry(), replaced)).toBe(-1);
});

test("keys we do not know are kept", () => {
  const existing = { ...record({ ...entry({ ordinal: 7 }), extra: 1 } as RecordEntry), theirs: { x: 1 } };
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
