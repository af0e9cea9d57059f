/** The state and the actions of the card; no drawing here. */
import { computed, type ReadonlySignal, signal as reactive } from "@preact/signals";
import { Answering } from "./answering";
import { type Batching, withoutBatch } from "./batch";
import { Beginning } from "./beginning";
import type { Exchange } from "./channel";
import { createChecks } from "./checks";
import { Connection, type Link } from "./connection";
import { Countdowns } from "./countdowns";
import { Editing } from "./editing";
import type { Effort } from "./effort";
import { createEntries } from "./entries";
import { notebookOf } from "./host";
import { Person } from "./identity";
import { plain } from "./json";
import { Losses, type Lost } from "./lost";
import { createMissing } from "./missing";
import { type CardModel, listen } from "./model";
import { parts } from "./parts";
import type {
  AllowRequest,
  AnswersCode,
  Progress,
  Question,
  RefusedMessage,
  Snippets,
  Switched,
  SwitchRequest,
  View,
} from "./protocol";
import { isSent, isUnderway, type QuestionState, QuestionStates } from "./question-states";
import { Recording } from "./recording";
import { createRemembered, type Remembered } from "./remembered";
import { type Action, createRequests, type Requests } from "./requests";
import { ReviewRules, type RulesState } from "./review-rules";

export interface Store
  extends Pick<Batching, "flags" | "flag" | "before" | "place" | "pace" | "alike" | "together"> {
  view: ReadonlySignal<View>;
  /** Apart from the view, so that news that come ten times a second draw only the progress anew. */
  progress: ReadonlySignal<Progress | null>;
  link: ReadonlySignal<Link>;
  /** A change draws the components that read the value. */
  stateOf(question: Question): QuestionState;
  lost: ReadonlySignal<Record<string, Lost>>;
  remembered: Remembered;
  requests: Requests["states"];
  rules: ReadonlySignal<RulesState>;
  revoke(rule: string): void;
  /** Stop the countdown of a question, or continue. */
  pause(question: Question, goesOn: boolean): void;
  /** Seconds since 1970, by the kernel's clock. */
  kernelTime(): number;
  /** Approve a call of a question, and from now on all similar calls. */
  allow(question: Question, body: Pick<AllowRequest, "call" | "scope" | "bounds">): void;
  /** The first draft of the editor. */
  startOf(question: Question): string;
  draftOf(question: Question): string;
  edit(question: Question, draft: string): void;
  /** Have the kernel check the draft, once writing pauses. */
  check(question: Question): void;
  /** Switch the form: to JSON, back to the form, or to another type. */
  switchForm(question: Question, to: SwitchRequest["to"]): void;
  /** Keep the answer out of the notebook, or not. */
  keepOut(question: Question, out: boolean): void;
  answer(question: Question): void;
  /** Leave a question of a batch without an answer. */
  skip(question: Question): void;
  /** Take the last decision of a batch back. */
  takeBack(): void;
  canTakeBack: ReadonlySignal<boolean>;
  /** An answer that is kept back is not sent; the draft stays. */
  release(question: Question): void;
  request(action: Action): void;
  snippets(question: Question): Exchange<Snippets | RefusedMessage>;
  /** The answers as source code. */
  code(): Exchange<AnswersCode | RefusedMessage>;
  flush(): void;
  /** The name of the person at this page; empty where nobody knows. */
  person: { readonly name: string };
}

/** `flushWidgets` tells the kernel the values of widgets within the card, `effortOf` returns the effort of an answer. */
export function createStore(
  model: CardModel,
  signal: AbortSignal,
  flushWidgets: () => void = () => {},
  effortOf: (id: string) => Partial<Effort> = () => ({}),
): Store {
  const core = createCore(model, signal, { flushWidgets, effortOf });
  const { connection, states, editing, answering, rules, remembered, requests, batching, view } = core;
  const { channel } = connection;
  return {
    flags: batching.flags,
    flag: batching.flag,
    before: batching.before,
    place: batching.place,
    alike: batching.alike,
    together: batching.together,
    pace: batching.pace,
    view: batching.shown,
    progress: core.progress,
    link: connection.link,
    kernelTime: () => connection.kernelTime(),
    lost: core.losses.all,
    person: core.person,
    remembered,
    requests: requests.states,
    request: requests.send,
    rules: rules.state,
    revoke: (rule) => rules.revoke(rule),
    allow: (question, body) => rules.allow(question, view.value.revision, body),
    pause: (question, goesOn) => core.countdowns.pause(question, goesOn),
    stateOf: ({ id }) => states.of(id),
    startOf: (question) => editing.startOf(question),
    draftOf: (question) => editing.draftOf(question),
    edit: (question, draft) => {
      editing.edit(question, draft);
      core.beginning.tell();
    },
    flush: () => editing.flush(),
    check: (question) => core.checks.check(question, editing.draftOf(question)),
    switchForm: (question, to) => switchForm(core, question, to),
    keepOut: ({ id }, isKeptOut) => states.put(id, { isKeptOut }),
    answer: (question) => answering.answer([question, ...alikeWith(core, question)], remembered.grace.value),
    skip: (question) => answering.skip(question),
    release: (question) => answering.release(question),
    takeBack: core.takeBack,
    canTakeBack: computed(() => view.value.ask_again || Object.keys(states.underway.value).length > 0),
    snippets: (question) =>
      channel.ask({ kind: "snippets_request", id: question.id, draft: editing.draftOf(question) }),
    code: () => channel.ask({ kind: "code_request" }),
  };
}

type Core = ReturnType<typeof createCore>;

/** The parts of the store, and the effects of a change of the view. */
function createCore(
  model: CardModel,
  signal: AbortSignal,
  answers: { flushWidgets(): void; effortOf(id: string): Partial<Effort> },
) {
  const entries = createEntries(model);
  const view = reactive(entries.view());
  const progress = reactive(entries.progress());
  const welcome = (revision: number) => askForAll(revision > view.value.revision);
  const connection = new Connection(model, signal, welcome);
  const { channel } = connection;
  const askForAll = createMissing(channel, () => entries.isWhole(), redraw);
  const states = new QuestionStates();
  const editing = new Editing(model, signal, view);
  const checks = createChecks(channel, states, signal);
  const requests = createRequests(channel, view);
  const recording = new Recording(model, channel);
  const batching = parts.batch.peek()?.createBatching(view, states.underway) ?? withoutBatch(view);
  const isSettled = (id: string) => states.of(id).isTaken || isSent(states.of(id).answer);
  const person = new Person(model);
  const beginning = new Beginning(channel, view, person);
  const losses = new Losses(editing.drafts, isSettled, person);
  const around = {
    ...{ model, person, beginning },
    view,
    connection,
    states,
    editing,
    checks,
    losses,
    recording,
    batching,
    ...answers,
  };
  const answering = new Answering(around, signal);
  const takeBack = takingBack(view, states, () => requests.send("ask_again"));

  function redraw(): void {
    progress.value = entries.progress();
    updateView();
  }

  function updateView(): void {
    const before = view.value;
    const next = entries.view();
    connection.heard();
    askForAll();
    answering.update(before, next);
    recording.writeDecided(next);
    losses.update(before, next);
    states.update(before, next);
    requests.update(before, next);
    view.value = next;
    editing.update(next);
    takeBack.update();
    recording.tellLast(next);
  }

  function updateProgress(): void {
    progress.value = entries.progress();
    askForAll();
  }

  listen(model, "change:view", updateView, signal);
  listen(model, "change:progress", updateProgress, signal);
  void connection.connect();
  recording.writeDecided(view.value);
  const rules = new ReviewRules(connection);
  const countdowns = new Countdowns(channel);
  const remembered = createRemembered(notebookOf(model));
  return { ...around, progress, requests, rules, countdowns, remembered, answering, takeBack: takeBack.ask };
}

/** Take back the last decision of a batch, once the kernel has the answers of this page: not an earlier decision. */
function takingBack(view: ReadonlySignal<View>, states: QuestionStates, send: () => void) {
  let isWanted = false;
  const ask = () => {
    const { phase, questions, ask_again } = view.value;
    isWanted =
      Object.keys(states.underway.value).length > 0 ||
      phase.kind === "running" ||
      questions.some(({ standing }) => standing.kind === "held"); // behind an answer just sent
    if (!isWanted && ask_again) send();
  };
  return { ask, update: () => void (isWanted && ask()) };
}

/** The questions of a batch that get the same answer, with the draft in their editors. */
function alikeWith({ batching, editing }: Core, question: Question): Question[] {
  const chosen = batching.alike.value.filter(({ id }) => batching.together.value.includes(id));
  batching.together.value = [];
  const draft = editing.draftOf(question);
  return chosen.filter((other) => {
    const own = batching.draftFor(other, question, draft);
    if (own !== null) editing.edit(other, own);
    return own !== null;
  });
}

function switchForm(core: Core, question: Question, to: SwitchRequest["to"]): void {
  const { connection, states, editing, answering, view } = core;
  const { id } = question;
  if (connection.isGone || states.of(id).isSwitching) return;
  const draft = editing.draftOf(question);
  const { answer } = states.of(id);
  states.put(id, { isSwitching: true, ...(answer.kind === "refused" && { answer: { kind: "none" } }) });
  const { reply, inTime } = connection.channel.ask({ kind: "switch", id, draft: plain(draft), to });
  void inTime.then(() => states.put(id, { isSwitching: false }));
  void reply.then((message: Switched | RefusedMessage) => {
    const now = view.value.questions.find((one) => one.id === id) ?? question;
    if (message.kind === "refused") answering.refuse(now, draft, message);
    // The draft goes over to the new form, unless the person has written meanwhile.
    else if (editing.draftOf(question) === draft)
      editing.edit(now, message.draft, editing.drafts.isTyped(id));
  });
}

/** Whether nothing can be changed in a question for now. */
export function isLocked({ link, stateOf }: Store, question: Question): boolean {
  const { answer, isSwitching } = stateOf(question);
  return link.value === "gone" || isUnderway(answer) || isSwitching;
}
