/** Many questions in one card: the question before the person, since when, and the marks beside the answer. */
import { computed, effect, type ReadonlySignal, signal as reactive, type Signal } from "@preact/signals";
import { draftFor } from "./batch-alike";
import type { BatchEntry, ItemMarks, Question, View } from "./protocol";

/** Number of the last answers whose average is the pace. */
const RECENT = 10;

export interface Pace {
  /** Seconds for each item. */
  each: number;
  /** Seconds for the items that are left. */
  left: number;
}

export interface Batching {
  /** The view with only the question that is before the person; unchanged for a review that is no batch. */
  shown: ReadonlySignal<View>;
  /** The notes of flags that were not sent yet. */
  flags: ReadonlySignal<Record<string, string>>;
  flag(question: Question, note: string): void;
  /** How many items come before the shown item. */
  before: ReadonlySignal<number>;
  /** The place of the shown question, where an item asks several questions side by side. */
  place: ReadonlySignal<{ number: number; total: number } | null>;
  pace: ReadonlySignal<Pace | null>;
  /** Open questions behind the shown question that the same answer may fit. */
  alike: ReadonlySignal<readonly Question[]>;
  /** The open questions, in sight of the person, that also get the next answer. */
  together: Signal<readonly string[]>;
  draftFor: typeof draftFor;
  /** The seconds for each of the questions that are answered now, at once: before the next question is shown. */
  seconds(questions: readonly Question[]): number;
  /** The marks beside an answer that is sent; `undefined` where the review is no batch. */
  marks(question: Question, skipped: boolean, seconds: number): ItemMarks | undefined;
}

/** The stand-in for a review that is no batch. */
export function withoutBatch(view: ReadonlySignal<View>): Batching {
  return {
    shown: view,
    flags: reactive({}),
    before: reactive(0),
    place: reactive(null),
    pace: reactive(null),
    alike: reactive([]),
    together: reactive([]),
    draftFor: () => null,
    flag: () => {},
    seconds: () => 0,
    marks: () => undefined,
  };
}

/** `underway`: the questions whose answer from this page is on the way. */
export function createBatching(
  view: ReadonlySignal<View>,
  underway: ReadonlySignal<Record<string, unknown>>,
  now: () => number = () => performance.now(),
): Batching {
  const flags = reactive<Record<string, string>>({});
  const recent = reactive<number[]>([]);

  const waiting = computed(() =>
    view.value.questions.filter(({ id, standing }) => standing.kind === "open" && !(id in underway.value)),
  );
  const shown = computed(() => {
    if (!view.value.batch) return view.value;
    const [first] = waiting.value;
    return first ? one(view.value, first) : { ...view.value, questions: [], stop: false };
  });
  const first = computed(() => (view.value.batch && waiting.value[0]?.id) ?? "");
  const times = timed(first, now);
  /** Answers that the kernel's counts do not have yet: counted here, so that the shown count never goes back. */
  const given = computed(() => {
    const { batch, questions } = view.value;
    const sent = questions.filter(({ id }) => id in underway.value).map(({ id }) => id);
    return new Set([...(batch?.taken ?? []), ...sent]);
  });
  const before = computed(() => {
    const { batch, questions } = view.value;
    if (!batch) return 0;
    const asking = new Set(questions.filter(({ id }) => !given.value.has(id)).map(({ id }) => itemOf(id)));
    const done = new Set([...given.value].map(itemOf).filter((item) => !asking.has(item)));
    return Math.min(batch.total, over(batch) + done.size);
  });
  const pace = computed(() => {
    const { batch } = view.value;
    if (!batch || recent.value.length === 0) return null;
    const each = recent.value.reduce((sum, seconds) => sum + seconds, 0) / recent.value.length;
    return { each, left: each * (batch.total - before.value) };
  });

  const place = computed(() => {
    const { batch } = view.value;
    const [first] = waiting.value;
    const several = first && batch?.several.find(({ item }) => String(item) === itemOf(first.id));
    if (!several) return null;
    const sent = [...given.value].filter((id) => itemOf(id) === String(several.item)).length;
    return { number: Math.min(several.total, several.decided + sent + 1), total: several.total };
  });
  const alike = computed(() => {
    const [first, ...others] = waiting.value;
    return first?.alike === undefined ? [] : others.filter((other) => other.alike === first.alike);
  });

  return {
    shown,
    flags,
    before,
    place,
    pace,
    alike,
    together: reactive([]),
    draftFor,
    flag({ id }, note) {
      const { [id]: _, ...others } = flags.value;
      flags.value = note === "" ? others : { ...others, [id]: note };
    },
    seconds(questions) {
      const all = questions.reduce((sum, { id }) => sum + times.of(id), 0);
      return Math.round(all / questions.length / 100) / 10;
    },
    marks({ id }, skipped, seconds) {
      if (!view.value.batch) return undefined;
      times.forget(id);
      recent.value = [...recent.value, seconds].slice(-RECENT);
      const { [id]: flag, ...others } = flags.value;
      flags.value = others;
      return { seconds, ...(flag !== undefined && { flag }), ...(skipped && { skipped }) };
    },
  };
}

/** The milliseconds for which each question was before the person; a question may come there several times. */
function timed(first: ReadonlySignal<string>, now: () => number) {
  const before = new Map<string, number>();
  let current = { id: "", at: now() };
  const of = (id: string) => (before.get(id) ?? 0) + (id === current.id ? now() - current.at : 0);
  effect(() => {
    before.set(current.id, of(current.id));
    current = { id: first.value, at: now() };
  });
  return {
    of,
    forget(id: string): void {
      before.delete(id);
      if (id === current.id) current.at = now();
    },
  };
}

/** The runs of earlier answers go on meanwhile, and are not shown. */
function one(view: View, question: Question): View {
  return { ...view, phase: { kind: "asking" }, questions: [question], stop: false, stopping: false };
}

/** The ids of a batch's questions begin with the item. */
function itemOf(id: string): string {
  return id.split(":", 1)[0] ?? "";
}

export function over({ decided, skipped, failed }: BatchEntry): number {
  return decided + skipped + failed;
}
