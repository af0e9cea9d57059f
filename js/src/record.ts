/** The record of answers in a notebook: how a new entry joins its metadata, and its output the cell's. */
import { type NotebookRecord, RECORD_FORMAT, type RecordEntry } from "./protocol";
import { strings } from "./strings";

/** `replaced`: the entry that stood for the same question, and how many of the same look stand before it. */
export type Merged =
  | { kind: "merged"; record: NotebookRecord; replaced: Replaced | null }
  | { kind: "unwritable"; reason: string };

export interface Replaced {
  entry: RecordEntry;
  rank: number;
}

/**
 * Add an entry to what stands in the metadata for its cell.
 *
 * Answers of an earlier execution go; a second answer to the same question of this execution takes the place
 * of the first, or takes it away where it is to be forgotten. Anything we do not know is kept, and a record in
 * a newer format, or something that is no record at all, is left alone.
 */
export function mergeRecord(existing: unknown, entry: RecordEntry, forget = false): Merged {
  const record = asRecord(existing);
  if (typeof record === "string") return { kind: "unwritable", reason: record };
  const kept = record.answers.filter((one) => one.execution === entry.execution);
  const index = kept.findIndex((one) => isSameQuestion(one, entry));
  const old = kept[index];
  const now = forget ? [] : [entry];
  const answers = old ? kept.flatMap((one) => (one === old ? now : [one])) : [...kept, ...now];
  const rank = kept.slice(0, index).filter((one) => looksLike(one, old)).length;
  return {
    kind: "merged",
    record: { ...record, format: RECORD_FORMAT, answers },
    replaced: old ? { entry: old, rank } : null,
  };
}

function isSameQuestion(one: RecordEntry, other: RecordEntry): boolean {
  const sameReview = (one.review ?? 0) === (other.review ?? 0);
  return sameReview && one.node === other.node && one.ordinal === other.ordinal;
}

/** Whether their outputs begin alike. */
function looksLike(one: RecordEntry, other: RecordEntry | undefined): boolean {
  return one.node === other?.node && one.payload === other.payload;
}

/**
 * Find the output that was written for a replaced entry among a cell's outputs; -1 if it is gone.
 *
 * Outputs hold no id, so it is found by what it says: one line with the node, the payload, one line before the
 * answer. `now` is the text of the output that takes its place. Outputs that begin alike stand in the order of
 * their entries, because each is replaced where it stands.
 */
export function findOutput(texts: unknown[], now: string, entry: RecordEntry, replaced: Replaced): number {
  const head = now.slice(0, now.indexOf("\n") + 1);
  const label = /^\n.*\n/.exec(now.slice(head.length + entry.payload.length))?.[0];
  if (label === undefined) return -1;
  const beginning = head + replaced.entry.payload + label;
  const alike = texts.flatMap((text, index) => (String(text).startsWith(beginning) ? [index] : []));
  return alike[replaced.rank] ?? -1;
}

/** The record as it stands, or why it cannot be added to. */
function asRecord(existing: unknown): NotebookRecord | string {
  if (existing === undefined || existing === null) return { format: RECORD_FORMAT, answers: [] };
  if (typeof existing !== "object") return strings.record.foreign;
  const { format = RECORD_FORMAT, answers = [] } = existing as Partial<NotebookRecord>;
  if (typeof format !== "number" || !Array.isArray(answers)) return strings.record.foreign;
  if (format > RECORD_FORMAT) return strings.record.newer;
  return { ...existing, format, answers };
}
