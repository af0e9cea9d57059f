import { expect, test } from "vitest";
import type { NotebookRecord, RecordEntry } from "../src/protocol";
import { mergeRecord, type Output, toldAnswers } from "../src/record";
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

test("entries of an earlier execution stay if the same run goes on, or if another run with a key made the entries", () => {
  const first = entry({ execution: "run-1", key: "q3", ordinal: 0 });
  const other = entry({ execution: "run-1", key: "other", review: 1 });
  const keyless = entry({ execution: "run-1", review: 2 });
  const second = entry({ key: "q3", ordinal: 1 });
  const before = record(first, other, keyless);
  const result = mergeRecord(before, second, { earlier: [{ node: first.node, ordinal: 0 }] });
  expect(result).toMatchObject({ kind: "merged", record: record(first, other, second), replaced: false });
  expect(merged(before, second)).toEqual(record(other, second));
});

test("an answer that came too late is removed, and a later answer in the same place is not", () => {
  const late = entry({ answered_at: "12:00:00" });
  const taken = mergeRecord(record(late), late, { forget: true, exact: true });
  expect(taken).toMatchObject({ record: record(), replaced: true });
  const after = record(entry({ answered_at: "12:00:09" }));
  expect(mergeRecord(after, late, { forget: true, exact: true })).toMatchObject({
    record: after,
    replaced: false,
  });
});

test("an entry of an earlier execution for the question that is answered now is replaced", () => {
  const first = entry({ execution: "run-1", key: "q3", ordinal: 0 });
  const again = entry({ key: "q3", ordinal: 0, answer: '"other"' });
  expect(merged(record(first), again)).toEqual(record(again));
});

test("entries of the same execution stay in order, and the entry of the same question is replaced in place", () => {
  const first = entry({ ordinal: 0, answer: '"one"' });
  const second = entry({ ordinal: 1 });
  const elsewhere = entry({ node: "other_node" });
  const again = entry({ ordinal: 0, answer: '"two"' });
  expect(merged(record(first, second, elsewhere), again)).toEqual(record(again, second, elsewhere));
});

test("two reviews in the same execution keep separate answers", () => {
  const first = entry({ answer: '"one"' });
  const second = entry({ review: 1, answer: '"two"' });
  expect(merged(record(first), second)).toEqual(record(first, second));
  const changed = entry({ review: 1, answer: '"three"' });
  expect(merged(record(first, second), changed)).toEqual(record(first, changed));
});

test("the result tells whether an entry of the same question was replaced", () => {
  expect(mergeRecord(record(entry()), entry({ answer: "2" }))).toMatchObject({ replaced: true });
  expect(mergeRecord(record(entry()), entry({ ordinal: 1 }))).toMatchObject({ replaced: false });
  expect(mergeRecord(record(entry({ execution: "run-1" })), entry())).toMatchObject({ replaced: false });
});

const telling = (node: string, place: number[], answer = node, ordinal = 0): Output => ({
  data: { "text/plain": answer },
  metadata: { nbhitl_answer: { card: place[0], node, ordinal, place } },
});
const printed: Output = { data: { "text/plain": "printed" }, metadata: {} };
const answersOf = (outputs: Output[]) => outputs.map(({ data }) => data?.["text/plain"]);

test("outputs that tell answers are sorted by card, step and branch, not by the time of the answers", () => {
  const [a, b] = [telling("a", [0, 1, 0, 1]), telling("b", [0, 1, 1, 2])];
  const [next, other] = [telling("next", [0, 2, 0, 9]), telling("other", [1, 1, 0, 1])];
  for (const outputs of [
    [a, b, next],
    [next, b, a],
    [b, next, a],
  ]) {
    const { at, told } = toldAnswers([printed, ...outputs, printed], other);
    expect(answersOf(told)).toEqual(["a", "b", "next", "other"]);
    expect(at).toEqual([1, 2, 3]);
  }
});

test("the output of an answer replaces only the output of the former answer to the same question", () => {
  const first = telling("ask", [0, 1, 0, 1], "one", 0);
  const second = telling("ask", [0, 1, 0, 2], "two", 1);
  const { told } = toldAnswers([first, second], telling("ask", [0, 1, 0, 7], "again", 0));
  expect(answersOf(told)).toEqual(["two", "again"]);
});

test("outputs with foreign metadata are not taken for answers", () => {
  const strange = [{}, { metadata: { nbhitl_answer: "mine" } }, { metadata: { nbhitl_answer: null } }];
  expect(toldAnswers([...strange, printed])).toEqual({ at: [], told: [] });
});

test("unknown keys are kept", () => {
  const existing = { ...record({ ...entry({ ordinal: 7 }), extra: 1 } as RecordEntry), theirs: { x: 1 } };
  const result = merged(existing, entry());
  expect(result).toMatchObject({ theirs: { x: 1 } });
  expect(result.answers[0]).toHaveProperty("extra", 1);
});

test("the former record is not changed in place", () => {
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
