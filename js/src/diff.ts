/** The changes between two texts, word by word, ready to be drawn. */
import { diffArrays } from "diff";

export type Part = { kind: "same" | "added" | "removed" | "skipped"; text: string };

/** Milliseconds after which a comparison is stopped: the comparison runs while a person types. */
const PATIENCE_MS = 80;
/** Characters between the common start and the common end that are compared word by word. */
const MOST = 20_000;
/** Unchanged characters left standing around a change. */
const CONTEXT = 160;

const segmenter = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "word" }) : null;

/** Words, spaces and punctuation. Languages that write without spaces need the segmenter. */
function words(text: string): string[] {
  if (segmenter) return Array.from(segmenter.segment(text), ({ segment }) => segment);
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

/** The parts in reading order; `null` if the texts are too far apart to compare while a person types. */
export function compare(original: string, revised: string): Part[] | null {
  const start = commonStart(original, revised);
  const end = commonEnd(original.slice(start), revised.slice(start));
  const parts = changes(middle(original, start, end), middle(revised, start, end));
  if (!parts) return null;
  const same = (text: string): Part => ({ kind: "same", text });
  return condense(
    bridge(joined([same(original.slice(0, start)), ...parts, same(original.slice(original.length - end))])),
  );
}

/** Word by word; in long texts only within the lines that differ. */
function changes(from: string, to: string): Part[] | null {
  if (Math.max(from.length, to.length) <= MOST) return partsOf(words(from), words(to));
  const byLine = partsOf(lines(from), lines(to));
  if (!byLine || byLine.some(({ kind, text }) => kind !== "same" && text.length > MOST)) return null;
  const refined: Part[] = [];
  const end = performance.now() + PATIENCE_MS;
  for (let index = 0; index < byLine.length; index += 1) {
    const [one, other] = [byLine[index] as Part, byLine[index + 1]];
    const pair = one.kind === "removed" && other?.kind === "added" && performance.now() < end;
    const inner = pair ? partsOf(words(one.text), words(other.text)) : null;
    if (inner) index += 1;
    refined.push(...(inner ?? [one]));
  }
  return refined;
}

/** Removed before added, where both are in the same place. */
function partsOf(from: string[], to: string[]): Part[] | null {
  const found = diffArrays(from, to, { timeout: PATIENCE_MS });
  return (
    found?.map(({ value, added, removed }): Part => {
      return { kind: added ? "added" : removed ? "removed" : "same", text: value.join("") };
    }) ?? null
  );
}

/** Length of the common start, ending after white space: most of a long text is not compared at all. */
function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  while (length > 0 && !/\s/.test(a[length - 1] ?? "")) length -= 1;
  return length;
}

/** Length of the common end, beginning with white space. */
function commonEnd(a: string, b: string): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a.at(-1 - length) === b.at(-1 - length)) length += 1;
  while (length > 0 && !/\s/.test(a[a.length - length] ?? "")) length -= 1;
  return length;
}

function middle(text: string, start: number, end: number): string {
  return text.slice(start, text.length - end);
}

/** Join neighbours of the same kind, and drop empty parts. */
function joined(parts: Part[]): Part[] {
  const result: Part[] = [];
  for (const { kind, text } of parts) {
    const before = result.at(-1);
    if (before?.kind === kind) before.text += text;
    else if (text !== "") result.push({ kind, text });
  }
  return result;
}

/** Show "~~a~~ b ~~c~~ d" with only a space between as a single change, not as two changes. */
function bridge(parts: Part[]): Part[] {
  const result: Part[] = [];
  let removed = "";
  let added = "";
  const flush = () => {
    if (removed) result.push({ kind: "removed", text: removed });
    if (added) result.push({ kind: "added", text: added });
    removed = added = "";
  };
  parts.forEach(({ kind, text }, index) => {
    const inside = removed !== "" && added !== "" && index < parts.length - 1;
    if (kind === "removed") removed += text;
    else if (kind === "added") added += text;
    else if (inside && /^[ \t]+$/.test(text)) {
      removed += text;
      added += text;
    } else {
      flush();
      result.push({ kind, text });
    }
  });
  flush();
  return result;
}

/** Leave out long unchanged stretches, as in a printed diff. */
function condense(parts: Part[]): Part[] {
  const last = parts.length - 1;
  return parts.flatMap((part, index) => {
    if (part.kind !== "same" || last === 0) return part;
    const head = index === 0 ? 0 : CONTEXT;
    const tail = index === last ? 0 : CONTEXT;
    if (part.text.length <= head + tail + CONTEXT) return part;
    return [
      { kind: "same" as const, text: part.text.slice(0, head) },
      { kind: "skipped" as const, text: "" },
      { kind: "same" as const, text: part.text.slice(part.text.length - tail) },
    ].filter(({ kind, text }) => kind === "skipped" || text);
  });
}
