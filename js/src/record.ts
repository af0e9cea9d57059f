/** The record of answers in a notebook's metadata: how a new entry joins it. */
import { type NotebookRecord, RECORD_FORMAT, type RecordEntry } from "./protocol";
import { strings } from "./strings";

export type Merged = { kind: "merged"; record: NotebookRecord } | { kind: "unwritable"; reason: string };

/**
 * Add an entry to what stands in the metadata.
 *
 * Answers of an earlier execution of the same cell go; a second answer to the same question of this
 * execution replaces the first. Anything we do not know is kept, and a record in a newer format,
 * or something that is no record at all, is left alone.
 */
export function mergeRecord(existing: unknown, entry: RecordEntry): Merged {
  const record = asRecord(existing);
  if (typeof record === "string") return { kind: "unwritable", reason: record };
  const answers = record.answers.filter((other) => !isReplacedBy(other, entry));
  return { kind: "merged", record: { ...record, format: RECORD_FORMAT, answers: [...answers, entry] } };
}

function isReplacedBy(old: RecordEntry, entry: RecordEntry): boolean {
  if (old.cell !== entry.cell) return false;
  if (old.execution !== entry.execution) return true;
  return old.node === entry.node && old.ordinal === entry.ordinal;
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
