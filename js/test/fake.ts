/** A widget model and the notebook around it, as far as the card sees them. */
import type { CardModel, Traits } from "../src/model";
import type {
  KernelMessage,
  PageMessage,
  Progress,
  Question,
  RecordToWrite,
  Step,
  Turn,
  View,
} from "../src/protocol";

type Handler = (...args: unknown[]) => void;

export class FakeModel {
  sent: PageMessage[] = [];
  saved: Record<string, string>[] = [];
  /** What a kernel would do with a message; nothing, unless a test says so. */
  kernel: (message: PageMessage) => void = () => {};
  dead = false;
  widget_manager: Record<string, unknown> = { get_model: async () => ({ comm_live: !this.dead }) };
  private handlers = new Map<string, Set<Handler>>();

  constructor(readonly traits: Traits) {}

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
    const { view } = this.traits;
    this.traits.view = { ...view, revision: view.revision + 1, ...changes };
    this.emit("change:view");
  }

  /** The kernel writes the progress. */
  work(changes: Partial<Progress>): void {
    this.traits.progress = { ...progress(), ...this.traits.progress, ...changes } as Progress;
    this.emit("change:progress");
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
  return new FakeModel({ view: makeView(view), progress: {}, drafts, card_id: "card-1" });
}

/** Say welcome, as a kernel that is there does. */
export function welcoming(fake: FakeModel): FakeModel {
  fake.kernel = (message) => {
    if (message.kind === "hello")
      queueMicrotask(() => fake.say({ kind: "welcome", request: message.request }));
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
    snippets: false,
    stop: false,
    stopping: false,
    ask_again: false,
    send_now: null,
    records: false,
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

export function step(changes: Partial<Step> = {}): Step {
  return { kind: "step", node: "plan", state: "running", runs: 1, again: false, ...changes };
}

export function turn(changes: Partial<Turn> = {}): Turn {
  return {
    kind: "turn",
    node: "human_review",
    prompt: "",
    field: { kind: "text", original: "original text", language: "" },
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

/** An output as it stands in a saved notebook. */
export interface Output {
  output_type?: string;
  data: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";

/** A notebook of one cell that shows `card-1`, under the names that JupyterLab gives to things. */
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
