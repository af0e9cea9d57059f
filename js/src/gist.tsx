/** An answer on a single line. */
import { Pieces } from "./changes";
import { cut } from "./cut";
import { compare } from "./diff";
import { JsonError, parse } from "./json";
import type { Turn } from "./protocol";
import { Shown } from "./shown";

/** Characters of an answer that a line can show. */
const MOST = 240;

export function Gist({ turn }: { turn: Turn }) {
  const { original, answer } = turn;
  const isRevision = original !== "" && answer !== original && original.length + answer.length <= 2 * MOST;
  const parts = isRevision ? compare(original, answer) : null;
  return (
    <span class="gist" dir="auto">
      {parts ? <Pieces parts={parts} /> : <Shown text={oneLine(sayingOf(turn))} />}
    </span>
  );
}

/** The kernel's own words; else the text of the answer: a JSON string without quotes. */
function sayingOf({ field, gist, answer }: Turn): string {
  return gist ?? (field === "form" || field === "json" ? unquoted(answer) : answer);
}

function unquoted(answer: string): string {
  if (!answer.startsWith('"') || answer === '""') return answer;
  try {
    const value = parse(answer);
    return typeof value === "string" ? value : answer;
  } catch (error) {
    if (error instanceof JsonError) return answer;
    throw error;
  }
}

function oneLine(text: string): string {
  return cut(text, MOST).trim().split(/\s+/).join(" ");
}
