/** The view, put together from the kernel's entries; see `nbhitl/protocol/wire.py`. */
import type { CardModel } from "./model";
import {
  type About,
  type Bar,
  type BatchEntry,
  type DecidedMessage,
  type Earlier,
  type Entry,
  type Head,
  type Late,
  type Pending,
  type PhaseEntry,
  PIECES,
  type Piece,
  type Progress,
  type Question,
  type RecordStatus,
  type RuleInForce,
  type Settled,
  type Spoken,
  type Standing,
  type StepEntry,
  type Turn,
  type View,
  type Voice,
} from "./protocol";

interface Values {
  about: About;
  phase: PhaseEntry;
  turn: Settled;
  record: RecordStatus;
  pending: Pending;
  standing: Standing;
  earlier: Earlier;
  late: Late;
  batch: BatchEntry;
  rule: RuleInForce;
  decided: DecidedMessage;
  step: StepEntry;
  voice: Voice;
  said: Piece;
  log: Piece;
  bars: Bar[];
  events: string[];
}

type Family = keyof Values;

const SINGLE: readonly Family[] = ["about", "phase", "earlier", "batch", "bars", "events"];
const NOTHING: RecordStatus = { kind: "nothing" };

export interface Entries {
  view(): View;
  /** `null` until the kernel has written progress. */
  progress(): Progress | null;
  /** Whether no message of the kernel was missed. */
  isWhole(): boolean;
}

/** Unchanged parts stay the same objects. */
export function createEntries(model: CardModel): Entries {
  const turns = new Kept<Turn>();
  const questions = new Kept<Question>();

  const { one, places, isGroupWhole } = readerOf(model);

  function questionAt(place: number): Question[] {
    const pending = one("pending", place);
    const standing = one("standing", place);
    if (!pending || !standing) return [];
    return [questions.get(place, [pending, standing], () => ({ ...pending, kind: "question", standing }))];
  }

  function turnAt(place: number): Turn[] {
    const settled = one("turn", place);
    const record = one("record", place) ?? NOTHING;
    return settled ? [turns.get(place, [settled, record], () => ({ ...settled, kind: "turn", record }))] : [];
  }

  function view(): View {
    const head = model.get("view");
    const { graph, runs_on, notes, asides, snippets, records, card, opens, answering } = one(
      "about",
    ) as About;
    const { revision, stop, stopping, ask_again, send_now, result_shown } = head;
    const earlier = one("earlier");
    const batch = one("batch");
    const late = places(head, "late").flatMap((place) => one("late", place) ?? []);
    const rules = places(head, "rule").flatMap((place) => one("rule", place) ?? []);
    const decided = places(head, "decided").flatMap((place) => one("decided", place) ?? []);
    return {
      kind: "view",
      ...{ revision, stop, stopping, ask_again, send_now },
      ...{ graph, runs_on, notes, asides, snippets, records, card },
      phase: one("phase") as PhaseEntry,
      questions: places(head, "standing").flatMap(questionAt),
      turns: places(head, "turn").flatMap(turnAt),
      ...(result_shown && { result_shown }),
      ...(opens && { opens }),
      ...(answering && { answering }),
      ...(earlier && { earlier }),
      ...(batch && { batch }),
      ...(late.length > 0 && { late }),
      ...(rules.length > 0 && { rules }),
      ...(decided.length > 0 && { decided }),
    };
  }

  function spokenAt(place: number): Spoken {
    const { node, first } = one("voice", place) as Voice;
    return { kind: "spoken", node, text: textOf(one, "said", place * PIECES, first) };
  }

  function progress(): Progress | null {
    const head = model.get("progress");
    if (!head?.kind) return null;
    return {
      kind: "progress",
      steps: places(head, "step").map((place) => one("step", place) as StepEntry),
      bars: one("bars") ?? [],
      events: one("events") ?? [],
      spoken: places(head, "voice").map(spokenAt),
      log: textOf(one, "log", 0, 0),
    };
  }

  function isWhole(): boolean {
    const atWork = model.get("progress");
    return isGroupWhole(model.get("view")) && (!atWork?.kind || isGroupWhole(atWork));
  }

  return { view, progress, isWhole };
}

/** The entries of the model, by family and place. */
function readerOf(model: CardModel) {
  const at = (key: string) => model.get(key as `turn_${number}`) as Entry | null | undefined;

  function one<F extends Family>(family: F, place?: number): Values[F] | null {
    return (at(place === undefined ? family : `${family}_${place}`)?.value ?? null) as Values[F] | null;
  }

  function keysOf(head: Head | { keys: Head["keys"] }, family: Family): number[] {
    return Array.from({ length: head.keys[family] ?? 0 }, (_, place) => place);
  }

  /** The places of a family that are taken, in order. */
  function places(head: { keys: Head["keys"] }, family: Family): number[] {
    const rank = (place: number) => at(`${family}_${place}`)?.rank ?? place;
    return keysOf(head, family)
      .filter((place) => one(family, place) !== null)
      .sort((a, b) => rank(a) - rank(b));
  }

  function isGroupWhole(head: { keys: Head["keys"]; written: number }): boolean {
    const families = Object.keys(head.keys) as Family[];
    const keys = families.flatMap((family) =>
      SINGLE.includes(family) ? [family] : keysOf(head, family).map((place) => `${family}_${place}`),
    );
    return keys.reduce((sum, key) => sum + (at(key)?.number ?? 0), 0) === head.written;
  }

  return { one, places, isGroupWhole };
}

function textOf(
  one: ReturnType<typeof readerOf>["one"],
  family: "said" | "log",
  place: number,
  first: number,
): string {
  const pieces = Array.from({ length: PIECES }, (_, index) => one(family, place + index));
  return pieces
    .filter((piece) => piece !== null)
    .filter(({ nth }) => nth >= first)
    .sort((a, b) => a.nth - b.nth)
    .map(({ text }) => text)
    .join("");
}

/** Objects by place, made anew only where their sources have changed. */
class Kept<T> {
  private readonly kept = new Map<number, { of: unknown[]; value: T }>();

  get(place: number, of: unknown[], make: () => T): T {
    const before = this.kept.get(place);
    if (before?.of.every((each, index) => each === of[index])) return before.value;
    const value = make();
    this.kept.set(place, { of, value });
    return value;
  }
}
