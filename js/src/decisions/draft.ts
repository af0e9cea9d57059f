/** The draft of decisions: a list with the decision on each request, `null` where undecided. */
import { Broken, isBroken, isList, isObject, type Json, JsonError, parseDraft, write } from "../json";
import type { Action, DecisionsField } from "../protocol";

export interface Decision {
  action: string;
  /** `undefined` where there is nothing to fill in. */
  value: Json | undefined;
}

export type Decisions = readonly (Decision | null)[];

/** The decisions in a draft; requests that the draft does not mention are undecided. */
export function readDraft(draft: string, { requests }: DecisionsField): Decisions {
  const written = read(draft);
  return requests.map(({ actions }, index) => {
    const entry = isList(written) ? written[index] : null;
    if (!isObject(entry)) return null;
    const action = actions.find(({ name }) => name === entry.get("action"));
    return action ? { action: action.name, value: entry.get("value") } : null;
  });
}

export function writeDraft(decisions: Decisions): string {
  return write(
    decisions.map(
      (decision) =>
        decision &&
        (new Map(Object.entries(decision).filter(([, value]) => value !== undefined)) as Map<string, Json>),
    ),
  );
}

/** The start value of an action. */
export function startOf({ control, start }: Action): Json | undefined {
  return control ? read(start) : undefined;
}

/** The JSON text of a place; a text that is not JSON counts as unfinished. */
export function read(text: string): Json {
  try {
    return parseDraft(text);
  } catch (error) {
    if (error instanceof JsonError) return new Broken(text);
    throw error;
  }
}

/**
 * The remaining work, as far as the draft shows: the number of undecided requests, and whether any is
 * unfinished.
 */
export function openIn(draft: string): { undecided: number; unfinished: boolean; all: number } {
  const written = read(draft);
  if (!isList(written)) return { undecided: 0, unfinished: true, all: 0 };
  const undecided = written.filter((entry) => entry === null).length;
  return { undecided, unfinished: isBroken(written), all: written.length };
}
