/** The record of answers in a notebook: the entries in the metadata, and the outputs that tell the answers. */
import {
  ANSWER_KEY,
  type NotebookRecord,
  RECORD_FORMAT,
  type RecordEntry,
  type RecordPlace,
  type RecordToWrite,
  type ToldAnswer,
} from "./protocol";
import * as strings from "./strings";

/** `replaced`: whether an entry stood there for the same question. */
export type Merged =
  | { kind: "merged"; record: NotebookRecord; replaced: boolean }
  | { kind: "unwritable"; reason: string };

/**
 * Add an entry to the record of a cell in the metadata.
 *
 * Answers of an earlier execution go, except for answers that still count: to questions of the same run, which was
 * found midway, of further runs that have a key, and of the same batch (`keep`). A second answer to the same question
 * of this execution replaces the first, or only removes the first where the answer is to be forgotten. Unknown
 * data is kept, and a record in a newer format, or a value that is no record at all, is left alone.
 */
export function mergeRecord(
  existing: unknown,
  entry: RecordEntry,
  {
    forget = false,
    exact = false,
    keep = false,
    earlier = [],
  }: Pick<RecordToWrite, "forget" | "exact" | "keep" | "earlier"> = {},
): Merged {
  const record = asRecord(existing);
  if (typeof record === "string") return { kind: "unwritable", reason: record };
  const kept = record.answers.filter(
    (one) =>
      one.execution === entry.execution || (keep && one.key === entry.key) || counts(one, entry, earlier),
  );
  const index = kept.findIndex((one) => isSameQuestion(one, entry) && !(exact && !isSameEntry(one, entry)));
  if (exact && index < 0) return { kind: "merged", record, replaced: false };
  const old = kept[index];
  const now = forget ? [] : [entry];
  const answers = old ? kept.flatMap((one) => (one === old ? now : [one])) : [...kept, ...now];
  return {
    kind: "merged",
    record: { ...record, format: RECORD_FORMAT, answers },
    replaced: old !== undefined,
  };
}

/** Whether an answer of an earlier execution still counts: the same run goes on, or the answer is of another run. */
function counts(one: RecordEntry, entry: RecordEntry, earlier: RecordPlace[]): boolean {
  if (!isSameReview(one, entry)) return one.key !== undefined;
  const isOfRun = earlier.some(({ node, ordinal }) => node === one.node && ordinal === one.ordinal);
  return one.key === entry.key && isOfRun;
}

function isSameReview(one: RecordEntry, other: RecordEntry): boolean {
  return (one.review ?? 0) === (other.review ?? 0);
}

/** Whether an answer is among recorded answers. */
export function isRecorded(answers: readonly RecordEntry[], entry: RecordEntry): boolean {
  return answers.some(
    (one) =>
      one.execution === entry.execution &&
      isSameQuestion(one, entry) &&
      one.answered_at === entry.answered_at,
  );
}

/** The answers in the record of a cell, and in the outputs that hold records; none where there is no record. */
export function answersIn(records: readonly unknown[]): RecordEntry[] {
  return records.flatMap((each) => {
    const record = asRecord(each);
    return typeof record === "string" ? [] : record.answers;
  });
}

function isSameEntry(one: RecordEntry, other: RecordEntry): boolean {
  return one.answered_at === other.answered_at && one.answer === other.answer;
}

function isSameQuestion(one: RecordEntry, other: RecordEntry): boolean {
  return isSameReview(one, other) && one.node === other.node && one.ordinal === other.ordinal;
}

/** An output of a cell, as saved. */
export interface Output {
  output_type?: string;
  data?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

/**
 * Return the outputs that tell answers, in the order for the end of the cell, and the present places of such outputs.
 *
 * `added` replaces the output that told the former answer to the question.
 */
export function toldAnswers(outputs: readonly Output[], added?: Output): { at: number[]; told: Output[] } {
  const at = outputs.flatMap((output, index) => (toldBy(output) ? [index] : []));
  const there = at.flatMap((index) => outputs[index] ?? []);
  const kept = there.filter((output) => !isSameAnswer(toldBy(output), added && toldBy(added)));
  const told = added ? [...kept, added] : kept;
  return { at, told: told.sort((one, other) => compare(placeOf(one), placeOf(other))) };
}

/** Return the places of outputs that tell of the failure of a card of the cell. */
export function failuresOf(outputs: readonly Output[], card: number): number[] {
  return outputs.flatMap((output, index) => {
    const told = toldBy(output);
    return told?.failure && told.card === card ? [index] : [];
  });
}

/** Which answer an output tells; `null` where the output is not of nbhitl. */
function toldBy({ metadata }: Output): ToldAnswer | null {
  const told = metadata?.[ANSWER_KEY] as Partial<ToldAnswer> | undefined;
  return Array.isArray(told?.place) ? (told as ToldAnswer) : null;
}

function isSameAnswer(one: ToldAnswer | null, other: ToldAnswer | null | undefined): boolean {
  return one?.card === other?.card && one?.node === other?.node && one?.ordinal === other?.ordinal;
}

function placeOf(output: Output): number[] {
  return toldBy(output)?.place ?? [];
}

function compare(one: number[], other: number[]): number {
  const index = one.findIndex((each, index) => each !== other[index]);
  return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}

/** The present record, or why nothing can be added. */
function asRecord(existing: unknown): NotebookRecord | string {
  if (existing === undefined || existing === null) return { format: RECORD_FORMAT, answers: [] };
  if (typeof existing !== "object") return strings.record.foreign;
  const { format = RECORD_FORMAT, answers = [] } = existing as Partial<NotebookRecord>;
  if (typeof format !== "number" || !Array.isArray(answers)) return strings.record.foreign;
  if (format > RECORD_FORMAT) return strings.record.newer;
  return { ...existing, format, answers };
}
