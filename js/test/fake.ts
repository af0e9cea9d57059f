/** Stand-ins for a widget model and a notebook, with everything that the card uses of both. */
import type { CardModel, Traits } from "../src/model";
import {
  type Entry,
  type KernelMessage,
  type PageMessage,
  PIECES,
  type Progress,
  type Question,
  type RecordToWrite,
  type StepEntry,
  type Turn,
  type View,
} from "../src/protocol";

export type State = Record<string, unknown>;

/** Writes views and progress as a kernel does: the entries that differ, and the head last. */
export class Written {
  private readonly entries = new Map<string, Entry>();
  private readonly keys: Record<string, Record<string, number>> = { view: {}, progress: {} };
  private number = 0;

  view({ kind: _, questions, turns, phase, ...rest }: View): State {
    const {
      graph,
      runs_on,
      notes,
      asides,
      snippets,
      records,
      card,
      late = [],
      rules = [],
      decided = [],
      earlier,
      batch,
      opens,
      answering,
      ...head
    } = rest;
    const about = {
      ...{ kind: "about", graph, runs_on, notes, asides, snippets, records, card },
      ...(opens && { opens }),
      ...(answering && { answering }),
    };
    return this.group(
      "view",
      {
        about,
        phase,
        ...(earlier && { earlier }),
        ...(batch && { batch }),
        ...numbered("late", late),
        ...numbered("rule", rules),
        ...numbered("decided", decided),
        ...numbered(
          "pending",
          questions.map(({ standing: _, ...pending }) => ({ ...pending, kind: "pending" })),
        ),
        ...numbered(
          "standing",
          questions.map(({ standing }) => standing),
        ),
        ...numbered(
          "turn",
          turns.map(({ record: _, ...settled }) => ({ ...settled, kind: "settled" })),
        ),
        ...numbered(
          "record",
          turns.map(({ record }) => record),
        ),
      },
      { kind: "view_head", ...head },
    );
  }

  progress({ steps, bars, events, spoken, log }: Progress): State {
    const piece = (text: string) => ({ kind: "piece", nth: 0, text });
    const said = spoken.map(({ text }, index) => [`said_${index * PIECES}`, piece(text)]);
    const entries = {
      ...{ bars, events, log_0: piece(log) },
      ...numbered("step", steps),
      ...numbered(
        "voice",
        spoken.map(({ node }) => ({ kind: "voice", node, first: 0 })),
      ),
      ...Object.fromEntries(said),
    };
    return this.group("progress", entries, { kind: "head" });
  }

  private group(name: string, values: State, head: State): State {
    const keys = this.keys[name] as Record<string, number>;
    for (const key of Object.keys(values)) {
      const [family, place] = [key.replace(/_\d+$/, ""), Number(/\d+$/.exec(key)?.[0] ?? 0)];
      keys[family] = Math.max(keys[family] ?? 0, place + 1);
    }
    const mine = [...this.entries.keys()].filter((key) => key.replace(/_\d+$/, "") in keys);
    const changed: State = {};
    for (const key of new Set([...mine, ...Object.keys(values)])) {
      const value = values[key] ?? null;
      if (JSON.stringify(this.entries.get(key)?.value ?? null) === JSON.stringify(value)) continue;
      this.number += 1;
      const entry = { number: this.number, value };
      this.entries.set(key, entry);
      changed[key] = entry;
    }
    const numbers = [...this.entries].filter(([key]) => key.replace(/_\d+$/, "") in keys);
    const written = numbers.reduce((sum, [, { number }]) => sum + number, 0);
    return { ...changed, [name]: { ...head, keys: { ...keys }, written } };
  }
}

function numbered(family: string, values: unknown[]): State {
  return Object.fromEntries(values.map((value, place) => [`${family}_${place}`, value]));
}

type Handler = (...args: unknown[]) => void;

export class FakeModel {
  sent: PageMessage[] = [];
  saved: Record<string, string>[] = [];
  /** The kernel's reaction to a message: none, unless a test sets a reaction. */
  kernel: (message: PageMessage) => void = () => {};
  dead = false;
  widget_manager: Record<string, unknown> = { get_model: async () => ({ comm_live: !this.dead }) };
  private handlers = new Map<string, Set<Handler>>();

  readonly written = new Written();
  readonly traits: Traits;
  private progress = progress();

  constructor(
    public view: View,
    drafts: Record<string, string>,
  ) {
    this.traits = { ...this.written.view(view), drafts, widget_id: "card-1" } as Traits;
  }

  get<K extends keyof Traits>(name: K): Traits[K] {
    return this.traits[name];
  }

  set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    this.traits[name] = value;
  }

  save_changes(): void {
    this.saved.push(this.traits.drafts);
  }

  send(message: PageMessage): void {
    if (this.dead) throw new Error("Cannot send");
    this.sent.push(message);
    this.kernel(message);
  }

  on(event: string, handler: Handler): void {
    const handlers = this.handlers.get(event) ?? new Set();
    this.handlers.set(event, handlers.add(handler));
  }

  off(event: string, handler: Handler): void {
    this.handlers.get(event)?.delete(handler);
  }

  emit(event: string, ...args: unknown[]): void {
    for (const handler of this.handlers.get(event) ?? []) handler(...args);
  }

  /** The kernel sends. */
  say(message: KernelMessage): void {
    this.emit("msg:custom", message);
  }

  /** The kernel writes the view. */
  show(changes: Partial<View>): void {
    this.view = { ...this.view, revision: this.view.revision + 1, ...changes };
    this.update(this.written.view(this.view));
  }

  /** The kernel writes the progress. */
  work(changes: Partial<Progress>): void {
    this.progress = { ...this.progress, ...changes };
    this.update(this.written.progress(this.progress));
  }

  /** A message of the kernel that changes the state. */
  update(state: State): void {
    const before: State = { ...this.traits };
    Object.assign(this.traits, state);
    // As Backbone does: only changed values are told.
    for (const key of Object.keys(state))
      if (JSON.stringify(state[key]) !== JSON.stringify(before[key])) this.emit(`change:${key}`);
  }

  get listeners(): number {
    return [...this.handlers.values()].reduce((count, handlers) => count + handlers.size, 0);
  }

  last<K extends PageMessage["kind"]>(kind: K): Extract<PageMessage, { kind: K }> {
    const message = this.sent.findLast((one) => one.kind === kind);
    if (!message) throw new Error(`no ${kind} was sent`);
    return message as Extract<PageMessage, { kind: K }>;
  }

  count(kind: PageMessage["kind"]): number {
    return this.sent.filter((message) => message.kind === kind).length;
  }

  get model(): CardModel {
    return this as unknown as CardModel;
  }
}

export function fakeModel(view: Partial<View> = {}, drafts: Record<string, string> = {}): FakeModel {
  return new FakeModel(makeView(view), drafts);
}

/** Say welcome, as a live kernel does. */
export function welcoming(fake: FakeModel): FakeModel {
  fake.kernel = (message) => {
    if (message.kind === "hello")
      queueMicrotask(() => fake.say({ kind: "welcome", request: message.request, revision: 0 }));
  };
  return fake;
}

export function makeView(view: Partial<View> = {}): View {
  return {
    kind: "view",
    revision: 7,
    graph: "revise",
    runs_on: "sync",
    phase: { kind: "asking" },
    questions: [question()],
    turns: [],
    notes: [],
    asides: [],
    snippets: false,
    stop: false,
    stopping: false,
    ask_again: false,
    send_now: null,
    records: false,
    card: 0,
    ...view,
  };
}

export function question(changes: Partial<Question> = {}): Question {
  return {
    kind: "question",
    id: "i1",
    node: "human_review",
    prompt: "",
    shows: [],
    payload: '{"text_to_revise": "original text"}',
    field: { kind: "text", original: "original text", language: "" },
    sends: "",
    sent: "",
    switch: null,
    written: null,
    standing: { kind: "open", problem: null },
    former: null,
    ...changes,
  };
}

export function progress(changes: Partial<Progress> = {}): Progress {
  return { kind: "progress", steps: [], bars: [], events: [], spoken: [], log: "", ...changes };
}

export function step(changes: Partial<StepEntry> = {}): StepEntry {
  return { kind: "step", node: "plan", state: "running", runs: 1, again: false, ...changes };
}

export function turn(changes: Partial<Turn> = {}): Turn {
  return {
    kind: "turn",
    id: "i1",
    node: "human_review",
    prompt: "",
    field: "text",
    original: "original text",
    answer: "edited text",
    origin: "person",
    record: { kind: "nothing" },
    ...changes,
  };
}

export function recordToWrite(
  changes: Partial<RecordToWrite["entry"]> = {},
): RecordToWrite & { output: object } {
  const entry = {
    cell: "",
    execution: "run-2",
    node: "human_review",
    ordinal: 0,
    payload_sha256: "abc",
    payload: '"original text"',
    answer: '"edited text"',
    answered_at: "2026-01-01T00:00:00Z",
    answered_by: "ann",
    ...changes,
  };
  const text = `${entry.node} asked a person\n${entry.payload}\nThe answer\n${entry.answer}`;
  const { node, ordinal } = entry;
  const told = { card: 0, node, ordinal, place: [0, 1, 0, ordinal] };
  return { kind: "record_to_write", format: 1, entry, output: { "text/plain": text }, told };
}

/** An output of a saved notebook. */
export interface Output {
  output_type?: string;
  data: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";

/** A notebook with a cell that shows `card-1`; all names are those of JupyterLab's objects. */
export function fakeNotebook(metadata: unknown = undefined, { canRemove = true } = {}) {
  const outputs: Output[] = [{ data: { [WIDGET_VIEW]: { model_id: "card-1" } } }];
  const written: unknown[] = [];
  const cell = {
    sharedModel: {
      getId: () => "cell-a",
      ...(canRemove && {
        updateOutputs: (start: number, end: number, put: Output[]) =>
          void outputs.splice(start, end - start, ...put),
      }),
    },
    outputs: {
      get length() {
        return outputs.length;
      },
      get: (index: number) => outputs[index],
      add: (output: Output) => outputs.push(output),
      set: (index: number, output: Output) => {
        outputs[index] = output;
      },
    },
  };
  const prose = { sharedModel: { getId: () => "cell-0" } };
  const notebook = {
    readOnly: false,
    cells: { length: 2, get: (index: number) => [prose, cell][index] },
    sharedModel: {
      getMetadata: (_: string) => metadata,
      setMetadata: (key: string, value: unknown) => {
        metadata = value;
        written.push([key, value]);
      },
    },
  };
  return { notebook, outputs, written };
}
